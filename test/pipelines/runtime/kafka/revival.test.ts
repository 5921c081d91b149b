import { EventEmitter } from 'node:events'
import type { Consumer } from 'kafkajs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keepRunning } from '../../../../pipelines/runtime/kafka/revival.ts'

const longEnoughMs = 60_000

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

/** A consumer as far as its events go. */
function consumer (): { consumer: Consumer, crash: (restart: boolean) => void } {
  const events = new EventEmitter()
  const on = (name: string, listener: (event: unknown) => void): void => { events.on(name, listener) }
  return {
    consumer: { on, events: { CRASH: 'crash' } } as unknown as Consumer,
    crash: restart => { events.emit('crash', { payload: { restart } }) }
  }
}

test('what the library gives up is run again until it runs', async () => {
  const { consumer: kept, crash } = consumer()
  const run = vi.fn(() => Promise.resolve()).mockRejectedValueOnce(new Error('away')).mockRejectedValueOnce(new Error('away'))
  keepRunning(kept, run)
  crash(false)
  await vi.advanceTimersByTimeAsync(longEnoughMs)
  expect(run).toHaveBeenCalledTimes(3)
  crash(false)
  await vi.advanceTimersByTimeAsync(longEnoughMs)
  expect(run).toHaveBeenCalledTimes(4)
})

test('what the library starts again itself, or what has ended, is let be', async () => {
  const { consumer: kept, crash } = consumer()
  const run = vi.fn(() => Promise.resolve())
  const end = keepRunning(kept, run)
  crash(true)
  await vi.advanceTimersByTimeAsync(longEnoughMs)
  crash(false)
  end()
  await vi.advanceTimersByTimeAsync(longEnoughMs)
  expect(run).not.toHaveBeenCalled()
})

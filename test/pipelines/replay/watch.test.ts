// When a flow has gone through: matching has answered all, every sink has said so, and the candles are there.

import { expect, test } from 'vitest'
import { ClickHouseFailure } from '../../../analytics/failure.ts'
import type { ClickHouse } from '../../../analytics/client.ts'
import type { Context } from '../../../pipelines/process/context.ts'
import { flash1Flow } from '../../../pipelines/replay/flash1-flow.ts'
import { Watch, type Progress } from '../../../pipelines/replay/watch.ts'
import type { Deliver } from '../../../pipelines/runtime/log.ts'
import { instrumentId } from '../../../schemas/units.ts'

const flow = flash1Flow({ instrumentId: instrumentId('text-prime'), limit: 1000 })
const partition = 1
const ends: Record<string, number> = { 'orders-1/1': 1013, 'fills-1/1': 30, 'order-updates-1/5': 200 }

/** What the broker and ClickHouse say, look by look; a step makes something true, and the watch must wait for it. */
class World {
  readonly log: string[] = []
  readonly steps: (() => void)[]
  readonly progress: Progress[] = []
  #committed = 0
  #missing = ['2', '1', '0']
  #deliver = new Map<number, Deliver>()
  readonly watch: Watch

  constructor (stallMs = 60_000, signal = new AbortController().signal) {
    this.watch = new Watch(this.#context(), {
      flow, partition, clickhouse: this.#clickHouse(), stallMs, signal, progress: at => { this.progress.push(at) }
    })
    this.steps = [
      () => { this.watch.sent(1000) },
      () => { this.#committed = 1013 },
      () => { this.watch.sentAll() },
      () => { this.#store('sink-fills/fills-1/1', partition, 30) },
      () => { this.#store('sink-order-updates/order-updates-1/5', 5, 199) },
      () => { this.#store('sink-order-updates/order-updates-1/5', 5, 200) }
    ]
  }

  #store (name: string, at: number, position: number): void {
    const value = Buffer.from(JSON.stringify({ position, marks: [] }))
    const record = { offset: 0, timestamp: 0 as never, key: Buffer.from(`sink/${name}`), value, headers: {} }
    this.#deliver.get(at)!([record]).catch(() => {})
  }

  #context (): Context {
    const log = {
      extent: (topic: string, at: number) => Promise.resolve({ start: 0, end: ends[`${topic}/${at}`] ?? 0 }),
      committed: () => Promise.resolve(new Map([[partition, this.#committed]])),
      read: ({ partition: at }: { partition: number }, deliver: Deliver) => {
        this.#deliver.set(at, deliver)
        return Promise.resolve({ close: () => Promise.resolve() })
      },
      sleep: () => {
        this.steps.shift()?.()
        return Promise.resolve()
      }
    }
    return { log, topic: (name: string) => `${name}-1`, group: (role: string) => role, failed: () => {} } as unknown as Context
  }

  #clickHouse (): ClickHouse {
    const rows = (): Promise<{ missing: string }[]> => {
      this.log.push(`asked for candles with ${this.steps.length} steps left`)
      const missing = this.#missing.shift()!
      if (missing === '1') throw new ClickHouseFailure('query', 'ECONNREFUSED', { canRetry: true, cause: 'it is away' })
      return Promise.resolve([{ missing }])
    }
    return { rows } as unknown as ClickHouse
  }
}

test('all is stored once every part says so, and the last candle is there', async () => {
  const world = new World()
  await world.watch.open()
  await world.watch.untilStored()
  expect(world.log).toEqual(Array.from({ length: 3 }, () => 'asked for candles with 0 steps left'))
  expect(world.progress.at(0)).toEqual({ messages: 1000, sent: 0, matched: 0, stored: 0 })
  expect(world.progress.at(-1)).toEqual({ messages: 1000, sent: 1000, matched: 1000, stored: 1000 })
})

test('where nothing moves it says where each part stands', async () => {
  const world = new World(-1)
  await world.watch.open()
  await expect(world.watch.untilStored()).rejects.toThrow('0 messages sent, matching at 0 of 1013 records, sinks at 0 of 230 records')
})

test('it ends when it is given up', async () => {
  const world = new World(60_000, AbortSignal.abort(new Error('enough')))
  await world.watch.open()
  await expect(world.watch.untilStored()).rejects.toThrow('enough')
})

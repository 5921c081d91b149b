// Sending a flow into a log that is not always kind.

import { expect, test } from 'vitest'
import { pino } from 'pino'
import type { Context } from '../../../pipelines/process/context.ts'
import { readOrigin } from '../../../pipelines/runtime/origin.ts'
import type { Deliver, LogRecord, Outgoing } from '../../../pipelines/runtime/log.ts'
import { flash1Flow } from '../../../pipelines/replay/flash1-flow.ts'
import { flowSource, sendFlow } from '../../../pipelines/replay/send-flow.ts'
import { instrumentId } from '../../../schemas/units.ts'

const flow = flash1Flow({ instrumentId: instrumentId('text-prime'), limit: 5000 })

/** A log that appends, or takes only some of a send and rejects it together with all that wait behind it. */
class UnkindLog {
  readonly records: LogRecord[] = []
  readonly #rejections: number[]
  readonly lengths: number[] = []
  #isBroken = false

  constructor (rejections: readonly number[]) {
    this.#rejections = [...rejections]
  }

  async send (records: readonly Outgoing[]): Promise<void> {
    await Promise.resolve()
    if (this.#isBroken) throw new Error('a send before it was rejected')
    const isRejected = this.records.length > (this.#rejections[0] ?? Infinity)
    const taken = isRejected ? records.slice(0, Math.floor(records.length / 2)) : records
    for (const { key, value, headers, timestamp } of taken) {
      this.records.push({ offset: this.records.length, timestamp, key: Buffer.from(key ?? ''), value, headers })
    }
    if (!isRejected) return
    this.#rejections.shift()
    this.#isBroken = true
    throw new Error('the broker went away')
  }

  extent () {
    this.#isBroken = false
    return Promise.resolve({ start: 0, end: this.records.length })
  }

  read ({ from }: { from: number }, deliver: Deliver, failed: (error: unknown) => void) {
    this.lengths.push(this.records.length - from)
    deliver(this.records.slice(from)).catch(failed)
    return Promise.resolve({ close: () => Promise.resolve() })
  }

  sleep () {
    return Promise.resolve()
  }
}

function contextOf (log: UnkindLog): Context {
  const encode = (value: object): Buffer => Buffer.from(JSON.stringify(value))
  return {
    log, binder: { current: { encode } }, topic: (name: string) => `t.${name}-1`, logger: pino({ level: 'silent' })
  } as unknown as Context
}

const sequences = (log: UnkindLog): number[] => log.records.flatMap(({ headers: { origin } }) =>
  origin === undefined ? [] : [readOrigin(origin)!.sequence])

test('every message has its origin, and a clock record stands before the first of each second', async () => {
  const log = new UnkindLog([])
  const counts: number[] = []
  await sendFlow(contextOf(log), { flow, partition: 3, sent: messages => { counts.push(messages) } })
  expect(sequences(log)).toEqual(Array.from({ length: 5000 }, (_, message) => message + 1))
  const { records } = log
  const origin = readOrigin(records[1]!.headers.origin!)
  expect(origin).toEqual({ source: flowSource(flow), offset: 0, index: 0, sequence: 1 })
  const clocks = records.filter(({ headers }) => headers.origin === undefined)
  expect(clocks.map(({ offset }) => offset)).toEqual(Array.from({ length: 50 }, (_, second) => 101 * second))
  expect(clocks.map(({ timestamp }) => timestamp)).toEqual(clocks.map((_, second) => flow.startsAt + 1000 * second))
  expect(records.every(({ timestamp }, offset) => timestamp >= (records[offset - 1]?.timestamp ?? 0))).toBe(true)
  expect(counts.at(0)).toBe(0)
  expect(counts.at(-1)).toBe(5000)
})

test('after a rejected send it goes on from what the log has: nothing is missing, nothing is sent again', async () => {
  const log = new UnkindLog([-1, 700, 4000])
  await sendFlow(contextOf(log), { flow, partition: 3 })
  expect(sequences(log)).toEqual(Array.from({ length: 5000 }, (_, message) => message + 1))
})

test('a run that is taken up again looks at the end of the log only, and sends the rest', async () => {
  const log = new UnkindLog([])
  const begun = flash1Flow({ instrumentId: instrumentId('text-prime'), limit: 3210 })
  await sendFlow(contextOf(log), { flow: begun, partition: 3 })
  log.lengths.length = 0
  await sendFlow(contextOf(log), { flow, partition: 3 })
  expect(sequences(log)).toEqual(Array.from({ length: 5000 }, (_, message) => message + 1))
  expect(log.lengths).toEqual([1000])
})

test('a log that holds another flow is refused', async () => {
  const log = new UnkindLog([])
  await sendFlow(contextOf(log), { flow, partition: 3 })
  await expect(sendFlow(contextOf(log), { flow: { ...flow, name: 'other' }, partition: 3 })).rejects.toThrow('holds messages of "replay flash1 0", not of "replay other 0"')
})

test('a flow that was stopped sends no more', async () => {
  const log = new UnkindLog([])
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(sendFlow(contextOf(log), { flow, partition: 3, signal })).rejects.toThrow('enough')
  expect(log.records).toHaveLength(0)
})

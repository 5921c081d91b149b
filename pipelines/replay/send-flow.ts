// Sends a flow to the partition of its instrument, as fast as the log takes it or at a rate.
//
// Rules
//   F1  Each message has an origin: the flow's name and its own number. What is sent twice is dropped by its reader, so
//       that a send of unknown outcome, or a whole new run, goes on from what the log has.
//   F2  Time is the flow's. A clock record stands before the first message of each second that has one; what lies
//       between two messages has nobody to notice it.

import type { Instant } from '../../schemas/units.ts'
import { topics } from '../../schemas/topics.ts'
import type { Context } from '../process/context.ts'
import type { Outgoing, Place } from '../runtime/log.ts'
import { readOrigin, sourceOf, writeOrigin } from '../runtime/origin.ts'
import type { Named } from '../runtime/stage.ts'
import type { Flow, FlowMessage } from './flow.ts'
import { readStretch } from '../runtime/read.ts'

export type SendOptions = {
  readonly flow: Flow
  /** Of the flow's instrument. */
  readonly partition: number
  /** Messages a second; as fast as it goes when left out. */
  readonly rate?: number | undefined
  /** How many messages are in the log, each time that some more are. */
  readonly sent?: (messages: number) => void
  readonly signal?: AbortSignal
}

/** What one send may hold of a partition, and how many of them may wait while the next ones are made. */
const batchMessagesMax = 1000
const batchesWaitingMax = 4
const paceMs = 50
const retryMs = 500
const clockMs = 1000

export const flowSource = (flow: Flow): string => sourceOf('replay', flow.name, 0)

/** Resolves once all of it is in the log. */
export async function sendFlow (context: Context, options: SendOptions): Promise<void> {
  const { flow, partition, signal } = options
  const place = { topic: context.topic(topics.orders.name), partition }
  for (;;) {
    const from = await messagesInLog(context, place, flow)
    options.sent?.(from)
    try {
      await sendFrom(context, { ...options, place, from })
      return
    } catch (error) {
      if (!(error instanceof SendRejected)) throw error
      signal?.throwIfAborted()
      context.logger.warn({ error: String(error.cause) }, 'a send was rejected; the flow goes on from what the log has')
      await context.log.sleep(retryMs)
    }
  }
}

/** How many messages of a flow a partition has: they are there without gaps, so the last one says it. */
export async function messagesInLog ({ log }: Context, place: Place, flow: Flow): Promise<number> {
  const { start, end } = await log.extent(place.topic, place.partition)
  const source = flowSource(flow)
  for (let span = batchMessagesMax; ; span *= 4) {
    const from = Math.max(start, end - span)
    let last = 0
    await readStretch(log, { ...place, from, until: end }, batch => {
      for (const { headers: { origin } } of batch) {
        const read = origin === undefined ? null : readOrigin(origin)
        if (read === null) continue
        if (read.source !== source) {
          throw new Error(`${place.topic}/${place.partition} holds messages of "${read.source}", not of "${source}"`)
        }
        last = Math.max(last, read.sequence)
      }
      return Promise.resolve()
    })
    if (last > 0 || from === start) return last
  }
}

class SendRejected extends Error {}

async function sendFrom (context: Context, options: SendOptions & { place: Place, from: number }): Promise<void> {
  const { flow, rate, place, from, sent, signal } = options
  const size = Math.max(1, Math.min(batchMessagesMax, Math.round((rate ?? Infinity) * paceMs / 1000)))
  const began = performance.now()
  const outgoing = recordsOf(context, flow, place)
  const waiting: Promise<void>[] = []
  for await (const batch of flow.batches(from, size)) {
    signal?.throwIfAborted()
    const reached = batch.at(-1)!.sequence + 1
    const sending = context.log.send(outgoing(batch)).then(
      () => { sent?.(reached) },
      (cause: unknown) => { throw new SendRejected('a send was rejected', { cause }) }
    )
    // Its rejection is met below, in its turn.
    sending.catch(() => {})
    waiting.push(sending)
    if (waiting.length >= batchesWaitingMax) await waiting.shift()
    const ahead = rate === undefined ? 0 : 1000 * (reached - from) / rate - (performance.now() - began)
    if (ahead > 0) await context.log.sleep(ahead)
  }
  for (const sending of waiting) await sending
}

type Records = (batch: readonly FlowMessage[]) => Outgoing[]

/** Messages as records, with the clock records that go before them. */
function recordsOf ({ binder: { current } }: Context, flow: Flow, { topic, partition }: Place): Records {
  const source = flowSource(flow)
  const { instrumentId } = flow.parameters
  let second = -1
  return batch => {
    const records: Outgoing[] = []
    for (const { sequence, at, command } of batch) {
      if (Math.floor(at / clockMs) > second) {
        second = Math.floor(at / clockMs)
        const sentAt = second * clockMs as Instant
        const clock = current.encode({ kind: 'clock', sentAt, sender: 'replay' } as Named)
        records.push({ topic, partition, key: null, value: clock, headers: {}, timestamp: sentAt })
      }
      const origin = writeOrigin({ source, offset: sequence, index: 0, sequence: sequence + 1 })
      const value = current.encode(command)
      records.push({ topic, partition, key: instrumentId, value, headers: { origin }, timestamp: at })
    }
    return records
  }
}

// A flow: recorded messages in their order, each a command at an instant of simulated time. Where they come from
// (flash1-flow.ts, flow-file.ts) is nothing to who sends them (send-flow.ts) or holds the outcome against them.

import type { OrderCommand, SetParameters } from '../../schemas/matching/records.ts'
import type { Instant } from '../../schemas/units.ts'
import type { ReportSummary } from './reports.ts'

export type FlowMessage = {
  /** From 0, without gaps. */
  readonly sequence: number
  /** Never before that of the message before. */
  readonly at: Instant
  readonly command: OrderCommand
}

export type Flow = {
  /** Stands in the origin of each of its messages, where a topic's name would; of [\w.-] only. */
  readonly name: string
  /** Lists the instrument, before the first message. */
  readonly parameters: SetParameters
  readonly startsAt: Instant
  readonly messages: number
  /** What its reports are known to come to, or nothing where nobody has said so. */
  readonly checkpoints: readonly ReportSummary[]
  /** The messages from a sequence on, at most `size` at a time. */
  batches (from: number, size: number): AsyncIterable<readonly FlowMessage[]>
}

/** Of a flow without times of its own: messages follow each other every 10 ms from this midnight, a Monday's. */
export const flowStart = Date.UTC(2025, 0, 6) as Instant
export const messageMs = 10

export const instantOf = (sequence: number): Instant => flowStart + sequence * messageMs as Instant

// A stage: a deterministic state machine over one partition of one topic. Nothing here is asynchronous, reads a clock
// or draws a number; what a stage emits is fully determined by the records it was given.

import { hash } from 'node:crypto'
import type { Instant } from '../../schemas/units.ts'

/** What the runtime hands to a core beside the command itself. */
export type Position = {
  /** Stage time: the record's append time, held within what the partition's clock allows. */
  readonly at: Instant
  readonly partition: number
  readonly offset: number
  /** The version that the log has switched on; changes of behaviour ask it. */
  readonly version: number
  /** True when the command arrived after its own `valid_until`: a core refuses it and changes nothing. */
  readonly isLate: boolean
}

/** Something with the name of its schema; the codec of the stage knows how to write it. */
export type Named = { readonly kind: string }

export type Clock = { readonly kind: 'clock' }

/** Where an output goes. Partitions are always explicit. */
export type Emit<Out extends Named> = (topic: string, partition: number, key: string, value: Out) => void

export type Stage<State, In extends Named, Out extends Named> = {
  readonly name: string
  /** The newest version of behaviour that this release knows; the log says which is on. */
  readonly version: number
  /** The name of the topic it reads, from the table in schemas/topics.ts. */
  readonly reads: string
  readonly writes: readonly string[]
  initial (partition: number): State
  /** The only writer of the state. A clock record comes as `{ kind: 'clock' }`. */
  apply (state: State, command: In | Clock, position: Position, emit: Emit<Out>): void
  /** Equal bytes for equal states, whatever path led there. */
  snapshot (state: State): Uint8Array
  restore (bytes: Uint8Array): State
}

/** Of a state as its stage's `snapshot` says it. */
export const stateHash = (snapshot: Uint8Array): string => hash('sha256', snapshot)

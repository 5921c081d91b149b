// The port to a log. Kafka implements it (kafka/), and an in-memory log does in the simulation, so that the code that
// leads, follows, snapshots and restores is the same in both.

import type { Instant } from '../../schemas/units.ts'

export type Headers = {
  /** Of a record that a stage emitted: origin.ts. */
  readonly origin?: Buffer
  /** Of a command from outside: command.ts. */
  readonly command?: Buffer
  /** Of a record for the runtime itself: control.ts. */
  readonly control?: Buffer
}

export type LogRecord = {
  readonly offset: number
  /** Append time; on topics of simulated time, the sender's. */
  readonly timestamp: Instant
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Headers
}

export type Outgoing = {
  readonly topic: string
  readonly partition: number
  readonly key: string | null
  readonly value: Buffer | null
  readonly headers: Headers
  /** Counts on topics of simulated time only; elsewhere the broker stamps. */
  readonly timestamp: Instant
}

/** A batch in offset order. The next is not delivered before the promise is resolved. */
export type Deliver = (batch: readonly LogRecord[]) => Promise<void>

export type Reading = { close (): Promise<void> }

/** First offset that is there, and the offset that the next record will get. */
export type Extent = { readonly start: number, readonly end: number }

export type Assignment = { readonly generation: number, readonly partitions: readonly number[] }

export type Ownership = {
  /** Stores where the group stands. May throw, and may be accepted from one who has lost the partition: check first. */
  commit (partition: number, offset: number): Promise<void>
  leave (): Promise<void>
}

export type OwnershipRequest = {
  readonly group: string
  readonly topic: string
  /** Called at each new generation, synchronously, before anything of that generation can be committed. */
  readonly assigned: (assignment: Assignment) => void
}

export type Place = { readonly topic: string, readonly partition: number }
export type ReadFrom = Place & {
  readonly from: number
  /** Where much comes, it may come a moment later, more of it together. */
  readonly isPatient?: boolean
}

export type Log = {
  /** Delivers every record from `from` on. An error thrown by `deliver` ends the reading and reaches `failed`. */
  read (from: ReadFrom, deliver: Deliver, failed: (error: unknown) => void): Promise<Reading>
  extent (topic: string, partition: number): Promise<Extent>
  /**
   * Appends all, in order within each partition. Rejected: the outcome of each is unknown, and nothing may be sent on
   * this basis but again from what was last known to be there.
   */
  send (records: readonly Outgoing[]): Promise<void>
  /** By partition; null where the group has never committed or its offset has expired. */
  committed (group: string, topic: string): Promise<ReadonlyMap<number, number>>
  own (request: OwnershipRequest): Promise<Ownership>
  /** The first offset whose record is not older than the instant; the end where none is. */
  offsetAt (topic: string, partition: number, instant: Instant): Promise<number>
  /** Deletes what lies below an offset. */
  trim (topic: string, partition: number, before: number): Promise<void>
  sleep (ms: number): Promise<void>
}

// What becomes of the records of a topic on their way into a table.

import type { Block, Table } from '../../analytics/tables.ts'
import type { Instant } from '../../schemas/units.ts'
import type { Origin } from '../runtime/origin.ts'
import type { Named } from '../runtime/stage.ts'
import type { Takes } from './identity.ts'

export type Incoming = {
  readonly value: Named
  readonly origin: Origin
  readonly partition: number
  readonly offset: number
  /** When the log took it. */
  readonly timestamp: Instant
}

/** What a sink does with the records of one partition; made anew for each assignment. */
export type Fold<Row> = {
  /** True when a restart may begin at this record, with everything before it stored. Undefined: at any record. */
  add (record: Incoming, rows: Block<Row>): boolean | undefined
  /** Called before each insert: rows that stand for what is still open. */
  finish? (rows: Block<Row>): void
}

/** What one kind of record leaves in one table. Those of one name are one sink, which reads their topic once. */
export type SinkKind<Row> = Takes & {
  readonly name: string
  readonly reads: string
  /** Others that the topic carries are passed over: another sink takes them, or none. */
  readonly kind: string
  readonly table: Table<Row>
  readonly fold: () => Fold<Row>
}

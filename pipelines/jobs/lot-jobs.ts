// The two jobs of lots: what each asks ClickHouse for, what it asks of the ledger, and when.

import type { Due, DueLot, DuePosition } from '../../analytics/due.ts'
import { instant, periodMs, periodOf, type Instant } from '../../schemas/units.ts'
import { expiryOf, sweepOf, type DueCommand } from './due-commands.ts'

export type DuePage<Row> = {
  readonly since: Instant
  readonly now: Instant
  readonly beyond: Row | null
  readonly limit: number
}

export type LotJob<Row> = {
  readonly name: 'sweep' | 'lot-expiry'
  page (due: Due, asked: DuePage<Row>): Promise<readonly Row[]>
  commandOf (row: Row, now: Instant): DueCommand
  /** When it runs again, after a run at `now` that found something, or nothing. */
  next (now: Instant, found: boolean): Instant
}

const minuteMs = 60_000
/** Clocks of processes differ; a partition's is a moment behind them all. */
const graceMs = 5000

export const lotExpiry: LotJob<DueLot> = {
  name: 'lot-expiry',
  page: async (due, { now, ...page }) => await due.lots({ ...page, before: instant(now - graceMs) }),
  commandOf: expiryOf,
  next: now => instant(now + minuteMs)
}

/** For so long after a sweep what was bought just before it may still be on its way to ClickHouse. */
const settlingMs = 10 * minuteMs

export const sweep: LotJob<DuePosition> = {
  name: 'sweep',
  page: async (due, { now, ...page }) => await due.positions({ ...page, period: periodOf(instant(now - graceMs)) }),
  commandOf: (position, now) => sweepOf(position, periodOf(instant(now - graceMs))),
  next (now, found) {
    const begun = periodOf(instant(now - graceMs)) * periodMs
    const isSettling = now < begun + settlingMs
    const nextSweep = begun + periodMs + graceMs
    return instant(found || isSettling ? Math.min(now + minuteMs, nextSweep) : nextSweep)
  }
}

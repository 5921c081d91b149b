// What the market does, in numbers: fills by instrument, answers to commands, entries, readings, refusals by reason.

import { Gauge, type Registry } from 'prom-client'
import type { LedgerOutput } from '../schemas/ledger/records.ts'
import type { MatchingOutput, UpdateCause } from '../schemas/matching/records.ts'
import type { MeteringOutput } from './metering/metering.ts'
import type { MeteringView } from './metering/views.ts'
import type { Named } from './runtime/stage.ts'
import { Tally } from './process/tally.ts'

/** Counts what matching emits in this process, replayed records included: rates are what to look at. */
export function measureMatching (metrics: Registry): (output: Named) => void {
  const fills = new Tally(metrics, {
    name: 'matching_fills_total', help: 'Makers and takers that crossed.', label: 'instrument'
  })
  const updates = new Tally(metrics, {
    name: 'matching_order_updates_total', help: 'New states of orders, by what caused them.', label: 'cause'
  })
  const refusals = new Tally(metrics, {
    name: 'matching_refusals_total', help: 'Commands refused, by the reason given.', label: 'reason'
  })
  const tell = (cause: UpdateCause, refusal: string | null): void => {
    if (refusal === null) updates.add(cause)
    else refusals.add(refusal)
  }
  return output => {
    const measured = output as MatchingOutput
    if (measured.kind === 'fill') fills.add(measured.instrumentId)
    else if (measured.kind === 'order-outcome') tell(measured.cause, measured.refusal)
    else if (measured.kind === 'order-update') tell(measured.cause, measured.refused ? measured.reason : null)
  }
}

/** The same of what the ledger emits. */
export function measureLedger (metrics: Registry): (output: Named) => void {
  const orders = new Tally(metrics, {
    name: 'ledger_order_states_total', help: 'New states of orders that were held for.', label: 'status'
  })
  const entries = new Tally(metrics, { name: 'ledger_entries_total', help: 'Journal entries.', label: 'type' })
  const refusals = new Tally(metrics, {
    name: 'ledger_refusals_total', help: 'Commands refused, matching included, by the reason given.', label: 'reason'
  })
  return output => {
    const measured = output as LedgerOutput
    if (measured.kind === 'journal-entry') entries.add(measured.type)
    if (measured.kind !== 'order-state' && measured.kind !== 'command-outcome') return
    if (measured.refusal !== null) refusals.add(measured.refusal)
    else if (measured.kind === 'order-state') orders.add(measured.status)
  }
}

/** The same of what metering emits: commands to the ledger by their kind, and why others are not billed. */
export function measureMetering (metrics: Registry): (output: Named) => void {
  const readings = new Tally(metrics, {
    name: 'metering_readings_total', help: 'Readings that the ledger was told of, by what it was told.', label: 'command'
  })
  const unbilled = new Tally(metrics, {
    name: 'metering_unbilled_total', help: 'Readings that are not billed, by the reason given.', label: 'reason'
  })
  return output => {
    const measured = output as MeteringOutput
    if (measured.kind === 'unbilled-usage') unbilled.add(measured.reason)
    else readings.add(measured.kind)
  }
}

/** What nothing is said of: readings that came again, and how many are remembered. `views`: each partition's, here. */
export function watchMetering (metrics: Registry, views: () => readonly MeteringView[]): void {
  const sum = (of: keyof MeteringView): number => views().reduce((total, view) => total + view[of], 0)
  const show = (name: string, help: string, of: keyof MeteringView): Gauge => new Gauge({
    name,
    help,
    registers: [metrics],
    collect () {
      this.set(sum(of))
    }
  })
  show('metering_repeated_readings', 'Readings that were seen before, since the first one.', 'repeated')
  show('metering_remembered_readings', 'Readings that would be recognised if they came again.', 'remembered')
}

// What the market does, in numbers: fills by instrument, answers to commands, refusals by their reason.

import type { Registry } from 'prom-client'
import type { MatchingOutput } from '../schemas/matching/records.ts'
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
  return output => {
    const measured = output as MatchingOutput
    if (measured.kind === 'fill') fills.add(measured.instrumentId)
    if (measured.kind !== 'order-update') return
    if (measured.refused) refusals.add(measured.reason ?? '')
    else updates.add(measured.cause)
  }
}

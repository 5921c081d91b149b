// Sweeps: what is in Trading at 00, 04, 08, 12, 16 and 20 UTC goes to Consumption, but for what its holder issued and
// what orders hold. It counts from that instant on; it is booked when the position is next touched, or when a job asks.

import { type Instant, periodMs, periodOf } from '../../../schemas/units.ts'
import type { Ledger, Say } from '../ledger.ts'
import { positionField, trancheField } from '../positions.ts'
import { type Part, type Place, takePart } from '../tranches.ts'
import { lifeMs, lifeMsMin } from './life.ts'
import { hasRoom, moveToConsumption } from './opening.ts'

/** Units of a tranche that a sweep moves. */
export type Swept = Place & { readonly units: number, readonly period: number }

/** When the units of a cohort are swept. */
export const sweepAt = (period: number): Instant => (period + 1) * periodMs as Instant

/** The first sweep after an instant. */
export const nextSweepAt = (at: Instant): Instant => sweepAt(periodOf(at))

/** What the sweep into a period, and those before it, move of a position: tranche by tranche, oldest first. */
export function * dueForSweep (
  { positions, positions: { tranches } }: Ledger, position: number, period: number
): Generator<Swept> {
  const issued = positions.of(position, positionField.issued)
  // Orders hold the oldest units; of an issuer's, first those that are issued.
  let held = Math.max(0, positions.of(position, positionField.tradingHeld) - issued)
  let previous = 0
  let tranche = positions.of(position, positionField.firstTranche)
  while (tranche !== 0) {
    const next = tranches.of(tranche, trancheField.next)
    const has = tranches.of(tranche, trancheField.units)
    const cohort = tranches.of(tranche, trancheField.period)
    let isLeft = true
    if (tranches.of(tranche, trancheField.isIssued) === 0) {
      const kept = Math.min(held, has)
      held -= kept
      if (cohort < period && kept < has) {
        yield { position, tranche, previous, units: has - kept, period: cohort }
        isLeft = kept > 0
      }
    }
    if (isLeft) previous = tranche
    tranche = next
  }
}

/** Moves what past sweeps are to move and have not; says how many units. */
export function bookSweeps (state: Ledger, position: number, say: Say): number {
  const { positions } = state
  const period = state.periods.last
  const before = positions.of(position, positionField.sweptPeriod)
  const byCohort = new Map<number, Part[]>()
  let units = 0
  for (const swept of dueForSweep(state, position, period)) {
    if (!hasRoom(state, position, units + swept.units)) continue
    units += swept.units
    const parts = byCohort.get(swept.period)
    const part = takePart(positions, swept, swept.units)
    if (parts === undefined) byCohort.set(swept.period, [part])
    else parts.push(part)
  }
  const { instrumentId, ageing } = state.instruments.at(positions.of(position, positionField.instrument))
  for (const cohort of [...byCohort.keys()].sort((a, b) => a - b)) {
    const openedAt = sweepAt(cohort)
    // What an earlier booking could not move, or what came after it, is late.
    const from = before > cohort ? state.now : state.periods.enteredAt(cohort + 1)
    const deadline = Math.max(ageing.ageAt(openedAt) + lifeMs, ageing.ageAt(from) + lifeMsMin)
    const reference = `sweep:${instrumentId}:${cohort + 1}`
    moveToConsumption(state, { position, parts: byCohort.get(cohort)!, openedAt, deadline, type: 'sweep', reference }, say)
  }
  positions.put(position, positionField.sweptPeriod, period)
  positions.put(position, positionField.heldBack, olderUnits(state, position, period))
  return units
}

/** Units of earlier cohorts that are in Trading still. */
function olderUnits ({ positions, positions: { tranches } }: Ledger, position: number, period: number): number {
  let units = 0
  const first = positions.of(position, positionField.firstTranche)
  for (let tranche = first; tranche !== 0; tranche = tranches.of(tranche, trancheField.next)) {
    const isOlder = tranches.of(tranche, trancheField.period) < period
    if (isOlder && tranches.of(tranche, trancheField.isIssued) === 0) units += tranches.of(tranche, trancheField.units)
  }
  return units
}

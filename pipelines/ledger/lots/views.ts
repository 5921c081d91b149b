// What others may see of lots, as plain values: gateways answer from a replica. What has come due and is not booked yet
// is counted in, as if it were. Nothing here changes the state.

import type { HolderId, InstrumentId, Instant, LotId, Microdollars, Tokens, Units } from '../../../schemas/units.ts'
import { tokensPerUnit } from '../../../schemas/units.ts'
import { holderField } from '../holders.ts'
import type { Ledger } from '../ledger.ts'
import { positionField, trancheField } from '../positions.ts'
import { share } from '../tranches.ts'
import { grantOf } from './changes.ts'
import { lifeMs, lifeMsMin } from './life.ts'
import { lotField as field } from './lot-rows.ts'
import { type Swept, dueForSweep, sweepAt } from './sweep.ts'

export type LotView = {
  /** 0: a sweep is over that will open it, once it is booked. */
  readonly lotId: LotId
  readonly instrumentId: InstrumentId
  readonly price: Microdollars
  readonly tradeSequence: number
  readonly period: number
  readonly openedAt: Instant
  readonly expiresAt: Instant
  readonly opened: Tokens
  /** What is left and nobody holds; of an expired lot, until it is booked as breakage. */
  readonly remaining: Tokens
  readonly held: Tokens
  readonly drawn: Tokens
  readonly expired: Tokens
  readonly regranted: Tokens
  /** Of the cost of what is left, the part that grant money paid. */
  readonly grant: Microdollars
  readonly isExpired: boolean
}

export type ConsumptionView = {
  /** All that is left in lots, expired but held or not booked included. */
  readonly posted: Tokens
  /** By requests. */
  readonly held: Tokens
  /** Of live lots, and not held. */
  readonly available: Tokens
}

/** The lots of a position that are not done with, those that expire first first. */
export function lotsOf (state: Ledger, position: number): LotView[] {
  const { positions, instruments, now } = state
  const { ageing } = instruments.at(positions.of(position, positionField.instrument))
  const age = ageing.ageAt(now)
  const lots = [...bookedLots(state, position), ...dueLots(state, position)]
    .sort(byExpiry)
  let held = positions.of(position, positionField.liveHeld)
  return lots.map(({ view, deadline, isLive, left }) => {
    if (!isLive) return view
    const own = Math.min(held, left)
    held -= own
    return { ...view, remaining: left - own as Tokens, held: own as Tokens, isExpired: deadline <= age }
  })
}

/** One that is still to be opened will have the highest id of all. */
const idOf = ({ view }: Lot): number => view.lotId === 0 ? Number.MAX_SAFE_INTEGER : view.lotId

const byExpiry = (a: Lot, b: Lot): number =>
  a.deadline - b.deadline || a.view.tradeSequence - b.view.tradeSequence || idOf(a) - idOf(b)

/** `left` of one that is live, as far as it is booked: the first of them are held. */
type Lot = { readonly view: LotView, readonly deadline: number, readonly isLive: boolean, readonly left: number }

function * bookedLots (state: Ledger, position: number): Generator<Lot> {
  const { lots, positions, instruments, now } = state
  const { instrumentId, ageing } = instruments.at(positions.of(position, positionField.instrument))
  let isLive = false
  for (let lot = positions.of(position, positionField.firstLot); lot !== 0; lot = lots.of(lot, field.next)) {
    isLive ||= positions.of(position, positionField.firstLive) === lot
    const deadline = lots.of(lot, field.deadline)
    const view = {
      lotId: lots.of(lot, field.id) as LotId,
      instrumentId,
      price: lots.of(lot, field.price) as Microdollars,
      tradeSequence: lots.of(lot, field.tradeSequence),
      period: lots.of(lot, field.period),
      openedAt: lots.of(lot, field.openedAt) as Instant,
      expiresAt: ageing.instantOf(deadline, now),
      opened: lots.of(lot, field.opened) as Tokens,
      remaining: lots.of(lot, field.tokens) as Tokens,
      held: lots.of(lot, field.heldExpired) as Tokens,
      drawn: lots.of(lot, field.drawn) as Tokens,
      expired: lots.of(lot, field.expired) as Tokens,
      regranted: lots.of(lot, field.regranted) as Tokens,
      grant: grantOf(state, lot, lots.left(lot)) as Microdollars,
      isExpired: true
    }
    yield { view, deadline, isLive, left: lots.of(lot, field.tokens) }
  }
}

function * dueLots (state: Ledger, position: number): Generator<Lot> {
  const { positions, positions: { tranches }, instruments, periods, now } = state
  if (positions.of(position, positionField.sweptPeriod) === periods.last) return
  const { instrumentId, ageing } = instruments.at(positions.of(position, positionField.instrument))
  for (const { tranche, units, period } of dueForSweep(state, position, periods.last)) {
    const openedAt = sweepAt(period)
    const from = positions.of(position, positionField.sweptPeriod) > period ? now : periods.enteredAt(period + 1)
    const deadline = Math.max(ageing.ageAt(openedAt) + lifeMs, ageing.ageAt(from) + lifeMsMin)
    const opened = units * tokensPerUnit as Tokens
    const grant = share(tranches.of(tranche, trancheField.grant), units, tranches.of(tranche, trancheField.units))
    const view = {
      lotId: 0 as LotId,
      instrumentId,
      price: tranches.of(tranche, trancheField.price) as Microdollars,
      tradeSequence: tranches.of(tranche, trancheField.sequence),
      period,
      openedAt,
      expiresAt: ageing.instantOf(deadline, now),
      opened,
      remaining: opened,
      held: 0 as Tokens,
      drawn: 0 as Tokens,
      expired: 0 as Tokens,
      regranted: 0 as Tokens,
      grant: grant as Microdollars,
      isExpired: false
    }
    yield { view, deadline, isLive: true, left: opened }
  }
}

/** A holder's, instrument by instrument. */
export function lotViews (state: Ledger, holder: HolderId): LotView[] {
  const views: LotView[] = []
  for (const position of positionsOf(state, holder)) views.push(...lotsOf(state, position))
  return views
}

export function consumptionView (state: Ledger, position: number): ConsumptionView {
  const { positions } = state
  const lots = lotsOf(state, position)
  const sum = (amountOf: (lot: LotView) => number): Tokens =>
    lots.reduce((total, lot) => total + amountOf(lot), 0) as Tokens
  return {
    posted: sum(({ remaining, held }) => remaining + held),
    held: positions.of(position, positionField.liveHeld) + positions.of(position, positionField.expiredHeld) as Tokens,
    available: sum(({ remaining, isExpired }) => isExpired ? 0 : remaining)
  }
}

/** Units that sweeps have moved already, though it is not booked: tranche by tranche. */
export function unbookedSweeps (state: Ledger, position: number): Swept[] {
  const { positions, periods } = state
  if (positions.of(position, positionField.sweptPeriod) === periods.last) return []
  return [...dueForSweep(state, position, periods.last)]
}

/** What a sweep will move of an instrument, as things are. */
export type SweepView = {
  readonly instrumentId: InstrumentId
  readonly units: Units
  readonly cost: Microdollars
  /** Tranches: one lot each. */
  readonly lots: number
}

/** What the next sweep will move of a holder's units. Orders that rest until then are cancelled by it, and go along. */
export function sweepPreview (state: Ledger, holder: HolderId): SweepView[] {
  const { positions, positions: { tranches }, instruments, periods } = state
  const views: SweepView[] = []
  for (const position of positionsOf(state, holder)) {
    let units = 0
    let cost = 0
    let lots = 0
    const unbooked = new Map(unbookedSweeps(state, position).map(({ tranche, units }) => [tranche, units]))
    const first = positions.of(position, positionField.firstTranche)
    for (let tranche = first; tranche !== 0; tranche = tranches.of(tranche, trancheField.next)) {
      const isLater = tranches.of(tranche, trancheField.period) > periods.last
      if (isLater || tranches.of(tranche, trancheField.isIssued) === 1) continue
      const moving = tranches.of(tranche, trancheField.units) - (unbooked.get(tranche) ?? 0)
      if (moving === 0) continue
      units += moving
      cost += moving * tranches.of(tranche, trancheField.price)
      lots++
    }
    if (units === 0) continue
    const { instrumentId } = instruments.at(positions.of(position, positionField.instrument))
    views.push({ instrumentId, units: units as Units, cost: cost as Microdollars, lots })
  }
  return views
}

function * positionsOf ({ holders, positions }: Ledger, holder: HolderId): Generator<number> {
  const slot = holders.find(holder)
  let position = slot === 0 ? 0 : holders.of(slot, holderField.firstPosition)
  for (; position !== 0; position = positions.of(position, positionField.next)) yield position
}

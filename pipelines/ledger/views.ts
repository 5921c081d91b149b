// What others may see of the accounts, as plain values: gateways answer from a replica of this state. Nothing here
// changes it.

import type { AccountMode } from '../../schemas/ledger/commands.ts'
import type { LedgerOrderStatus, OrderState } from '../../schemas/ledger/records.ts'
import type { ClosureReason } from '../../schemas/matching/records.ts'
import type {
  BasisPoints, HolderId, InstrumentId, Instant, Microdollars, OrderId, OwnerId, Units
} from '../../schemas/units.ts'
import { holderField } from './holders.ts'
import type { Ledger } from './ledger.ts'
import { type ConsumptionView, consumptionView, unbookedSweeps } from './lots/views.ts'
import { orderState } from './order-state.ts'
import { orderField } from './orders.ts'
import {
  type Refusal, cancelUnderWay, amendUnderWay, closureOf, isOpenStatus, refusalOf, statusOf
} from './order-terms.ts'
import { positionField, trancheField } from './positions.ts'
import { wideHashOf } from './text-index.ts'
import { share } from './tranches.ts'
import { dayOf, tierOf } from './volumes.ts'

/** What is posted, and how much of it is held. */
export type BalanceView = { readonly posted: Microdollars, readonly held: Microdollars }

export type HolderView = {
  readonly holder: HolderId
  readonly owner: OwnerId
  readonly isIssuer: boolean
  readonly isSuspended: boolean
  readonly mode: AccountMode
  readonly cash: BalanceView
  readonly grant: BalanceView
  readonly pending: Microdollars
  /** Notional traded today and in the thirty days before. */
  readonly volume30d: Microdollars
  readonly makerBp: BasisPoints
  readonly takerBp: BasisPoints
  /** Null: no timer. */
  readonly deadManAt: Instant | null
}

export function holderView (state: Ledger, holder: HolderId): HolderView | undefined {
  const { holders, volumes, parameters, now } = state
  const slot = holders.find(holder)
  if (slot === 0) return undefined
  const money = (field: number): Microdollars => holders.of(slot, field) as Microdollars
  const volume30d = volumes.sum(slot, dayOf(now)) as Microdollars
  const { makerBp, takerBp } = tierOf(parameters.feeTiers, volume30d)
  return {
    holder,
    owner: holders.of(slot, holderField.owner) as OwnerId,
    isIssuer: holders.isIssuer(slot),
    isSuspended: holders.isSuspended(slot),
    mode: holders.mode(slot),
    cash: { posted: money(holderField.cash), held: money(holderField.cashHeld) },
    grant: { posted: money(holderField.grant), held: money(holderField.grantHeld) },
    pending: money(holderField.pending),
    volume30d,
    makerBp,
    takerBp,
    deadManAt: (holders.of(slot, holderField.deadManAt) || null) as Instant | null
  }
}

export type TrancheView = {
  /** `instrumentId:sequence` of the fill; null: issued. */
  readonly reference: string | null
  readonly price: Microdollars
  readonly units: Units
  readonly cost: Microdollars
  /** The part of the cost that grant money paid. */
  readonly grant: Microdollars
}

export type PositionView = {
  readonly instrumentId: InstrumentId
  readonly trading: { readonly posted: Units, readonly held: Units }
  readonly issuance: Units
  readonly consumption: ConsumptionView
  /** Of what is in Trading. */
  readonly cost: Microdollars
  /** Oldest first. */
  readonly tranches: readonly TrancheView[]
}

/** One an instrument that the holder has, or had, anything of. */
export function positionViews (state: Ledger, holder: HolderId): PositionView[] {
  const { holders, positions } = state
  const views: PositionView[] = []
  const slot = holders.find(holder)
  if (slot === 0) return views
  for (let row = holders.of(slot, holderField.firstPosition); row !== 0; row = positions.of(row, positionField.next)) {
    views.push(positionView(state, row))
  }
  return views
}

function positionView (state: Ledger, row: number): PositionView {
  const { positions, instruments } = state
  const { instrumentId } = instruments.at(positions.of(row, positionField.instrument))
  const swept = new Map(unbookedSweeps(state, row).map(({ tranche, units }) => [tranche, units]))
  const gone = [...swept.values()].reduce((sum, units) => sum + units, 0)
  const tranches = trancheViews(state, { row, instrumentId, swept })
  return {
    instrumentId,
    trading: {
      posted: positions.of(row, positionField.trading) - gone as Units,
      held: positions.of(row, positionField.tradingHeld) as Units
    },
    issuance: positions.of(row, positionField.issuance) as Units,
    consumption: consumptionView(state, row),
    cost: tranches.reduce((sum, { cost }) => sum + cost, 0) as Microdollars,
    tranches
  }
}

type Tranches = {
  readonly row: number
  readonly instrumentId: InstrumentId
  /** Units that are in Consumption already, though it is not booked. */
  readonly swept: ReadonlyMap<number, number>
}

function trancheViews (
  { positions, positions: { tranches } }: Ledger, { row, instrumentId, swept }: Tranches
): TrancheView[] {
  const views: TrancheView[] = []
  const first = positions.of(row, positionField.firstTranche)
  for (let slot = first; slot !== 0; slot = tranches.of(slot, trancheField.next)) {
    const price = tranches.of(slot, trancheField.price) as Microdollars
    const grant = tranches.of(slot, trancheField.grant)
    const all = tranches.of(slot, trancheField.units)
    const units = all - (swept.get(slot) ?? 0) as Units
    if (units === 0) continue
    views.push({
      reference: tranches.of(slot, trancheField.isIssued) === 1 ? null : `${instrumentId}:${tranches.of(slot, trancheField.sequence)}`,
      price,
      units,
      cost: price * units as Microdollars,
      grant: grant - share(grant, all - units, all) as Microdollars
    })
  }
  return views
}

/** An order as it was when it was first answered: what a repeated POST gets. */
export type FirstAnswer = {
  readonly status: LedgerOrderStatus
  readonly closureReason: ClosureReason | null
  readonly refusal: Refusal | null
  readonly filledQuantity: Units
  readonly filledNotional: Microdollars
  readonly fee: Microdollars
  readonly at: Instant
}

export type OrderView = Omit<OrderState, 'kind' | 'cause'> & {
  /** A hash of what the client asked for; null without a client order id. */
  readonly content: string | null
  readonly isOpen: boolean
  /** Asked of matching, and not answered yet. */
  readonly isCancelPending: boolean
  readonly isAmendPending: boolean
  /** Null until matching has answered. */
  readonly firstAnswer: FirstAnswer | null
}

/** The order as it is, while it is open and for a while after. `refusal` is why it never was. */
export function orderView (state: Ledger, orderId: OrderId): OrderView | undefined {
  return viewAt(state, state.orders.find(orderId))
}

export function orderByClientId (state: Ledger, holder: HolderId, clientOrderId: string): OrderView | undefined {
  const slot = state.holders.find(holder)
  return slot === 0 || clientOrderId === '' ? undefined : viewAt(state, state.orders.byClient.find(slot, clientOrderId))
}

/** By the id of the submit-order's header. */
export function orderByCommand (state: Ledger, commandId: string): OrderView | undefined {
  return viewAt(state, state.orders.byCommand.find(wideHashOf(commandId)))
}

function viewAt (state: Ledger, slot: number): OrderView | undefined {
  if (slot === 0) return undefined
  const { orders } = state
  const refusal = refusalOf(orders.of(slot, orderField.refusal))
  const { kind, cause, ...rest } = orderState(state, slot, { cause: 'place', refusal })
  const underWay = orders.of(slot, orderField.underWay)
  return {
    ...rest,
    content: orders.hasClientId(slot) ? orders.contents[slot]! : null,
    isOpen: isOpenStatus(orders.of(slot, orderField.status)),
    isCancelPending: (underWay & cancelUnderWay) !== 0,
    isAmendPending: (underWay & amendUnderWay) !== 0,
    firstAnswer: firstAnswerAt(state, slot)
  }
}

function firstAnswerAt ({ orders }: Ledger, slot: number): FirstAnswer | null {
  if (orders.of(slot, orderField.firstAt) === 0) return null
  return {
    status: statusOf(orders.of(slot, orderField.firstStatus)),
    closureReason: closureOf(orders.of(slot, orderField.firstClosure)),
    refusal: refusalOf(orders.of(slot, orderField.firstRefusal)),
    filledQuantity: orders.of(slot, orderField.firstFilled) as Units,
    filledNotional: orders.of(slot, orderField.firstNotional) as Microdollars,
    fee: orders.of(slot, orderField.firstFee) as Microdollars,
    at: orders.of(slot, orderField.firstAt) as Instant
  }
}

/** In the order in which they were submitted. */
export function openOrders (state: Ledger, holder: HolderId): OrderView[] {
  const { holders, orders } = state
  const views: OrderView[] = []
  let order = holders.of(holders.find(holder), holderField.firstOpen)
  for (; order !== 0; order = orders.of(order, orderField.next)) views.push(viewAt(state, order)!)
  return views
}

/** Those that are open, then those that closed not long ago, the last one last. */
export function recentOrders (state: Ledger, holder: HolderId): OrderView[] {
  const { holders, orders } = state
  const views: OrderView[] = []
  const slot = holders.find(holder)
  let open = holders.of(slot, holderField.firstOpen)
  for (; open !== 0; open = orders.of(open, orderField.next)) {
    const other = orders.waitingLeg(open)
    if (other !== 0) views.push(viewAt(state, other)!)
  }
  for (const last of [holderField.lastClosed, holderField.lastReserved]) {
    let order = orders.index.find(holders.of(slot, last))
    for (; order !== 0; order = orders.index.find(orders.of(order, orderField.closedBefore))) {
      views.push(viewAt(state, order)!)
    }
  }
  views.sort((a, b) => a.closedAt! - b.closedAt! || a.orderId - b.orderId)
  return [...openOrders(state, holder), ...views]
}

/** What matching last said; else what it was listed with. */
export const referencePrice = (state: Ledger, instrumentId: InstrumentId): Microdollars | undefined =>
  state.instruments.reference(instrumentId)

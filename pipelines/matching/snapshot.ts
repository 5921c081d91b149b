// The whole state as plain values, and back. Equal states give equal values, whatever path led to them: orders stand in
// priority order, stops by age, and neither slots nor the layout of a table show.

import type { SelfTradePrevention, TradingStatus } from '../../schemas/matching/records.ts'
import {
  type HolderId, type Instant, type Microdollars, type OrderId, type OwnerId, type Side, side
} from '../../schemas/units.ts'
import { watchExpiry } from './expiry.ts'
import { type LastTrade, type Parameters, Matching } from './matching.ts'
import { type Terms, flagsOf } from './orders.ts'
import type { TradedSecond } from './trade-window.ts'
import { wait } from './trigger.ts'

export type OpenOrder = {
  readonly orderId: OrderId
  readonly holder: HolderId
  readonly owner: OwnerId
  readonly side: Side
  readonly postOnly: boolean
  readonly selfTradePrevention: SelfTradePrevention
  readonly ticks: number
  readonly leaves: number
  readonly filled: number
  readonly notional: number
  readonly isHeld: boolean
  readonly isIssuer: boolean
  readonly grant: Microdollars
  /** 0: never. */
  readonly expiresAt: Instant
  /** Its stamp; 0: none. */
  readonly period: number
  /** The id of its other leg; 0: none. */
  readonly other: OrderId
}

export type WaitingOrder = OpenOrder & {
  readonly stopTicks: number
  /** Whether it rests at its price once it triggers, or is taken as a market order. */
  readonly isLimit: boolean
}

export type MatchingSnapshot = {
  readonly version: number
  readonly parameters: Parameters | null
  readonly status: TradingStatus
  readonly now: Instant
  readonly pausedUntil: Instant
  readonly fillSequence: number
  readonly deltaSequence: number
  readonly lastTrade: LastTrade | null
  /** Oldest first. */
  readonly window: readonly TradedSecond[]
  /** Buys from the best down, then sells from the best up; within a level the oldest first. */
  readonly orders: readonly OpenOrder[]
  /** Oldest first. */
  readonly stops: readonly WaitingOrder[]
  readonly referenceDueAt: Instant
  readonly referenceSaid: Microdollars
  /** The sweep period that it is in. */
  readonly period: number
}

export function takeSnapshot (state: Matching): MatchingSnapshot {
  const { book: { orders }, book } = state
  return {
    version: state.version,
    parameters: state.parameters,
    status: state.status,
    now: state.now,
    pausedUntil: state.pausedUntil,
    fillSequence: state.fillSequence,
    deltaSequence: state.deltaSequence,
    lastTrade: state.lastTrade,
    window: state.window.buckets(),
    orders: side.flatMap(which => Array.from(book.inPriority(which), slot => openOrder(state, slot))),
    stops: state.stops.byAge().map(slot => ({
      ...openOrder(state, slot), stopTicks: orders.stopTicks(slot), isLimit: !orders.isMarket(slot)
    })),
    referenceDueAt: state.referenceDueAt,
    referenceSaid: state.referenceSaid,
    period: state.period
  }
}

function openOrder ({ book: { orders } }: Matching, slot: number): OpenOrder {
  const other = orders.other(slot)
  return {
    orderId: orders.orderId(slot),
    holder: orders.holder(slot),
    owner: orders.owner(slot),
    side: orders.side(slot),
    postOnly: orders.postOnly(slot),
    selfTradePrevention: orders.mode(slot),
    ticks: orders.ticks(slot),
    leaves: orders.leaves(slot),
    filled: orders.filled(slot),
    notional: orders.notional(slot),
    isHeld: orders.isHeld(slot),
    isIssuer: orders.isIssuer(slot),
    grant: orders.grant(slot) as Microdollars,
    expiresAt: orders.expiresAt(slot) as Instant,
    period: orders.period(slot),
    other: other === 0 ? 0 as OrderId : orders.orderId(other)
  }
}

export function fromSnapshot (snapshot: MatchingSnapshot): Matching {
  const state = new Matching()
  state.version = snapshot.version
  if (snapshot.parameters !== null) state.list(snapshot.parameters)
  state.status = snapshot.status
  state.now = snapshot.now
  state.pausedUntil = snapshot.pausedUntil
  state.fillSequence = snapshot.fillSequence
  state.deltaSequence = snapshot.deltaSequence
  state.lastTrade = snapshot.lastTrade
  state.window.restore(snapshot.window)
  state.referenceDueAt = snapshot.referenceDueAt
  state.referenceSaid = snapshot.referenceSaid
  state.period = snapshot.period
  for (const order of snapshot.orders) {
    const slot = open(state, order, { type: 'limit', stopTicks: 0 })
    state.book.rest(slot)
    watchExpiry(state, slot)
  }
  for (const order of snapshot.stops) {
    wait(state, open(state, order, { type: order.isLimit ? 'stop_limit' : 'stop', stopTicks: order.stopTicks }))
  }
  join(state, [...snapshot.orders, ...snapshot.stops])
  return state
}

function open (state: Matching, order: OpenOrder, kind: Pick<Terms, 'type'> & { readonly stopTicks: number }): number {
  const { orders } = state.book
  const slot = orders.open(order, order.ticks, order.leaves, flagsOf({ ...order, ...kind, timeInForce: 'gtc' }))
  orders.setFilled(slot, order.filled, order.notional)
  if (needsMore(order) || kind.stopTicks !== 0) orders.extend(slot, { ...order, ...kind })
  return slot
}

export const needsMore = ({ grant, expiresAt, period, other }: OpenOrder): boolean =>
  grant !== 0 || expiresAt !== 0 || period !== 0 || other !== 0

function join ({ book, book: { orders } }: Matching, all: readonly OpenOrder[]): void {
  for (const { orderId, other } of all) if (other !== 0) orders.setOther(book.find(orderId), book.find(other))
}

// What the naive twin says: records, made where they are said.

import {
  type AmendOrder, type CancelOrder, type Fill, type Leg, type OrderOutcome, type OrderStatus, type OrderUpdate,
  type PlaceOrder, type RefusalReason, type UpdateCause, legsMax
} from '../../schemas/matching/records.ts'
import type { InstrumentId, Instant, Microdollars, Units } from '../../schemas/units.ts'
import type { BookNaive } from './book-naive.ts'
import type { NaiveOrder } from './naive-order.ts'

type Said = {
  cause: UpdateCause
  /** Null: the command is refused and the order stays as it was. */
  status: OrderStatus | null
  reason: OrderUpdate['reason']
  legs?: readonly Leg[]
}

export function say (book: BookNaive, order: NaiveOrder, { cause, status, reason, legs = [] }: Said): void {
  const now = status ?? (order.filled === 0 ? 'resting' : 'partly_filled')
  const common = {
    orderId: order.orderId,
    holder: order.holder,
    instrumentId: book.parameters!.instrumentId,
    cause,
    status: now,
    price: order.price as Microdollars,
    quantity: order.total as Units,
    filledQuantity: order.filled as Units,
    filledNotional: order.notional as Microdollars,
    at: book.now as Instant
  }
  if (!order.isHeld) {
    book.outputs.push({ kind: 'order-update', ...common, refused: status === null, reason, side: order.side })
    return
  }
  for (let from = 0; from === 0 || from < legs.length; from += legsMax) {
    book.outputs.push({
      kind: 'order-outcome',
      ...common,
      refusal: status === null ? reason : null,
      closureReason: status === null ? null : reason,
      stopPrice: order.stop,
      expiresAt: order.expiresAt === 0 ? null : order.expiresAt,
      legs: legs.slice(from, from + legsMax),
      isLast: from + legsMax >= legs.length,
      period: book.period
    } as OrderOutcome)
  }
}

/** A fill, and how each of the two orders sees it. */
export function sayFill (
  book: BookNaive, maker: NaiveOrder, taker: NaiveOrder, { quantity, grant }: { quantity: number, grant: number }
): { ofMaker: Leg, ofTaker: Leg } {
  const { price } = maker
  const sequence = ++book.fillSequence
  book.outputs.push({
    kind: 'fill',
    instrumentId: book.parameters!.instrumentId,
    sequence,
    takerSide: taker.side,
    price,
    quantity,
    makerOrderId: maker.orderId,
    takerOrderId: taker.orderId,
    makerHolder: maker.holder,
    takerHolder: taker.holder,
    matchedAt: book.now
  } as Fill)
  const leg = { sequence, price, quantity, grant } as Omit<Leg, 'role'>
  return { ofMaker: { ...leg, role: 'maker' }, ofTaker: { ...leg, role: 'taker' } }
}

type Asked = Record<'orderId' | 'holder' | 'price' | 'quantity', number> & {
  instrumentId: InstrumentId, cause: UpdateCause, side: 'buy' | 'sell'
}

function refuse (book: BookNaive, asked: Asked, reason: RefusalReason): void {
  const { orderId, holder, instrumentId, cause, side, price, quantity } = asked
  book.outputs.push({
    kind: 'order-update',
    orderId,
    holder,
    instrumentId,
    cause,
    refused: true,
    status: 'refused',
    reason,
    side,
    price,
    quantity,
    filledQuantity: 0,
    filledNotional: 0,
    at: book.now
  } as OrderUpdate)
}

export function refusePlace (book: BookNaive, command: PlaceOrder, reason: RefusalReason): void {
  const { orderId, holder, instrumentId, quantity, oco, expiresAt } = command
  for (const leg of [{ orderId, price: command.price, stopPrice: command.stopPrice }, ...oco === null ? [] : [oco]]) {
    if (!command.isHeld) {
      refuse(book, { ...command, ...leg, cause: 'place' }, reason)
      continue
    }
    book.outputs.push({
      kind: 'order-outcome',
      orderId: leg.orderId,
      holder,
      instrumentId,
      cause: 'place',
      refusal: reason,
      status: 'refused',
      closureReason: null,
      price: leg.price,
      stopPrice: leg.stopPrice === 0 ? null : leg.stopPrice,
      quantity,
      filledQuantity: 0 as Units,
      filledNotional: 0 as Microdollars,
      expiresAt: expiresAt === 0 ? null : expiresAt,
      legs: [],
      isLast: true,
      period: book.period,
      at: book.now as Instant
    })
  }
}

export const refuseCancel = (book: BookNaive, command: CancelOrder, reason: RefusalReason): void =>
  refuse(book, { ...command, cause: 'cancel', side: 'buy', price: 0, quantity: 0 }, reason)

export const refuseAmend = (book: BookNaive, command: AmendOrder, reason: RefusalReason): void =>
  refuse(book, { ...command, cause: 'amend', side: 'buy', price: command.price ?? 0, quantity: command.quantity ?? 0 }, reason)

export const refuseOperator = (book: BookNaive, instrumentId: InstrumentId, reason: RefusalReason): void =>
  refuse(book, { orderId: 0, holder: 0, instrumentId, cause: 'market', side: 'buy', price: 0, quantity: 0 }, reason)

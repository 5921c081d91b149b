// From what a client asks for to the commands of the ledger: prices that it left open are stamped here.

import { instrumentById } from '../../schemas/instruments.ts'
import type { OcoStop, SubmitAmend, SubmitOrder } from '../../schemas/ledger/commands.ts'
import type { HolderId, Instant, Microdollars, OrderId } from '../../schemas/units.ts'
import { ApiError, invalid } from '../errors.ts'
import type { SignedCall } from '../http/call.ts'
import { Faults } from '../http/query.ts'
import type { OrderView, Ports } from '../ports.ts'
import type { Amendment, NewOrder } from './order-fields.ts'
import { marketProtection, stopProtection } from './order-prices.ts'
import { contentOf, judgeTick, sameSize, termsOf, type Fault, type Terms } from './order-terms.ts'

type Market = Pick<Ports, 'books' | 'ledger'>

/** A price, and the sequence of the book that it was taken from. */
type Stamp = { readonly price: Microdollars, readonly bookSequence: number | null }

/** Throws what is wrong with the fields, all of it at once. */
export function judged<Value> (judge: (fault: Fault) => Value): Value {
  const faults = new Faults()
  const value = judge((field, fault) => { faults.add(field, fault) })
  if (!faults.isEmpty) throw invalid(faults.toFields())
  return value
}

export type Placing = Pick<SignedCall, 'at'> & { readonly holder: HolderId, readonly commandId: string }

export const readTerms = (asked: NewOrder, at: Instant): Terms => judged(fault => termsOf(asked, at, fault))

export function submitOrder (market: Market, terms: Terms, { holder, at, commandId }: Placing): SubmitOrder {
  const { instrument, side, type, timeInForce, postOnly, reduceOnly, stopPrice, quantity, notional, expiresAt } = terms
  const { price, bookSequence } = stampOf(market, terms, holder)
  return {
    kind: 'submit-order',
    holder,
    instrumentId: instrument.instrumentId,
    side,
    type,
    timeInForce,
    postOnly,
    reduceOnly,
    price,
    stopPrice,
    quantity,
    notional,
    expiresAt,
    oco: ocoOf(market, terms, holder),
    clientOrderId: terms.clientOrderId,
    content: contentOf(terms),
    selfTradePrevention: terms.selfTradePrevention,
    autoTransfer: terms.autoTransfer,
    bookSequence,
    submittedAt: at,
    commandId
  }
}

function stampOf (market: Market, terms: Terms, holder: HolderId): Stamp {
  if (terms.type === 'market') return marketStamp(market, terms)
  if (terms.type !== 'stop') return { price: terms.price!, bookSequence: null }
  return { price: protectionOf(market.ledger, { ...terms, holder, stopPrice: terms.stopPrice! }), bookSequence: null }
}

function marketStamp ({ books }: Market, { instrument, side, slippageBp }: Terms): Stamp {
  const book = books.book(instrument.instrumentId, 1)
  if (book === null || book.reference === null) {
    const headers = { 'retry-after': '1' }
    throw new ApiError('unavailable', 'There is no price to protect a market order with yet; nothing happened.', { headers })
  }
  const { tickSize, bandBp } = instrument.trading
  const best = (side === 'buy' ? book.asks : book.bids)[0]?.price ?? null
  const price = marketProtection(side, slippageBp, { tickSize, bandBp, best, reference: book.reference })
  return { price, bookSequence: book.sequence }
}

type Stop = Pick<Terms, 'instrument' | 'side' | 'slippageBp'> & { readonly holder: HolderId, readonly stopPrice: Microdollars }

function protectionOf (ledger: Market['ledger'], { instrument, side, slippageBp, holder, stopPrice }: Stop): Microdollars {
  const { tickSize } = instrument.trading
  return stopProtection(side, stopPrice, { tickSize, slippageBp, stopSlippageBp: ledger.stopSlippage(holder) })
}

function ocoOf ({ ledger }: Market, terms: Terms, holder: HolderId): OcoStop | null {
  if (terms.oco === null) return null
  const { stopPrice, price } = terms.oco
  return { isLimit: price !== null, stopPrice, price: price ?? protectionOf(ledger, { ...terms, holder, stopPrice }) }
}

type Amending = Placed & { readonly orderId: OrderId, readonly at: Instant }

/** The order as it is known here; the ledger judges what is not. */
type Placed = { readonly holder: HolderId, readonly order: OrderView | null }

export function submitAmend ({ ledger }: Market, asked: Amendment, amending: Amending): SubmitAmend {
  const { holder, orderId, order, at } = amending
  const quantity = asked.quantity ?? asked.size ?? null
  const [price, stopPrice, expiresAt] = [asked.price ?? null, asked.stop_price ?? null, asked.expires_at ?? null]
  const timeInForce = asked.time_in_force ?? (expiresAt === null ? null : 'gtd')
  judged(fault => {
    sameSize(asked, fault)
    if ([quantity, price, stopPrice, timeInForce].every(value => value === null)) fault('body', 'names nothing that is to change')
    if (timeInForce === 'gtd' && expiresAt === null) fault('expires_at', 'is missing: gtd needs it')
    if (timeInForce !== 'gtd' && expiresAt !== null) fault('expires_at', 'is for gtd')
    if (expiresAt !== null && expiresAt <= at) fault('expires_at', 'is not in the future')
    if (order !== null) judgeChange(order, { price, stopPrice }, fault)
  })
  const stamp = protectionAfter(ledger, { holder, order }, stopPrice) ?? price
  return { kind: 'submit-amend', holder, orderId, price: stamp, quantity, stopPrice, timeInForce, expiresAt }
}

/** A stop that moves takes its protection price along. */
function protectionAfter (ledger: Market['ledger'], { holder, order }: Placed, stopPrice: Microdollars | null): Microdollars | null {
  const instrument = order === null ? undefined : instrumentById(order.instrumentId)
  if (instrument === undefined || order?.type !== 'stop' || stopPrice === null) return null
  return protectionOf(ledger, { instrument, side: order.side, slippageBp: null, holder, stopPrice })
}

type NewPrices = { readonly price: Microdollars | null, readonly stopPrice: Microdollars | null }

function judgeChange ({ instrumentId, type }: OrderView, { price, stopPrice }: NewPrices, fault: Fault): void {
  const instrument = instrumentById(instrumentId)
  if (instrument === undefined) return
  judgeTick(instrument, { field: 'price', value: price }, fault)
  judgeTick(instrument, { field: 'stop_price', value: stopPrice }, fault)
  if (price !== null && (type === 'market' || type === 'stop')) fault('price', `is not for ${type} orders`)
  if (stopPrice !== null && (type === 'market' || type === 'limit')) fault('stop_price', `is not for ${type} orders`)
}

// A fill's leg made into balances: money, units, tranches, fee and journal entry of one side. The other side is another
// order's, mostly in another partition; between the two stands the house's in_transit (Q2).

import assert from 'node:assert/strict'
import type { TradeLeg } from '../../schemas/ledger/records.ts'
import type { Leg, OrderOutcome } from '../../schemas/matching/records.ts'
import type { OrderId } from '../../schemas/units.ts'
import { feeOf } from './fees.ts'
import { holderField } from './holders.ts'
import type { ListedInstrument } from './instruments.ts'
import { Postings, addToHouse, sayEntry, usd } from './journal.ts'
import type { Ledger, Say } from './ledger.ts'
import { orderField as field } from './orders.ts'
import { autoTransferBit, sellBit, sideOf } from './order-terms.ts'
import { positionField } from './positions.ts'
import { sendToConsumption } from './supply.ts'
import { appendTranche, takeOldest } from './tranches.ts'
import { dayOf } from './volumes.ts'

/** What one leg comes to. */
type Booking = {
  readonly order: number
  readonly holder: number
  readonly instrument: ListedInstrument
  readonly leg: Leg
  readonly period: number
  readonly notional: number
  readonly fee: number
  readonly reference: string
}

/** Books all legs of an outcome, in order. Holds are for the caller to set right afterwards. */
export function bookLegs (state: Ledger, order: number, { legs, period }: OrderOutcome, say: Say): void {
  const { orders } = state
  const isSell = (orders.of(order, field.terms) & sellBit) !== 0
  const instrument = state.instruments.at(orders.of(order, field.instrument) - 1)
  for (const leg of legs) {
    const booking = count(state, { order, instrument, leg, period })
    if (isSell) bookSell(state, booking, say)
    else bookBuy(state, booking, say)
  }
}

/** Adds a leg to what the order, and its holder, have traded; and says what it costs in fees. */
function count (state: Ledger, of: Pick<Booking, 'order' | 'instrument' | 'leg' | 'period'>): Booking {
  const { orders, volumes } = state
  const { order, instrument, leg, period } = of
  const holder = orders.of(order, field.holder)
  const notional = leg.price * leg.quantity
  const owed = orders.of(order, field.fees)
  const owes = owed + notional * orders.of(order, leg.role === 'maker' ? field.makerBp : field.takerBp)
  const fee = feeOf(owed, owes)
  orders.put(order, field.fees, owes)
  orders.add(order, field.fee, fee)
  orders.add(order, field.filled, leg.quantity)
  orders.add(order, field.filledNotional, notional)
  volumes.record(holder, dayOf(state.now), notional)
  return { order, holder, instrument, leg, period, notional, fee, reference: `${instrument.instrumentId}:${leg.sequence}` }
}

/** Dr trading; Cr cash and grant; the fee to the house. What grant money pays, matching says; of the fee, the claim. */
function bookBuy (state: Ledger, booking: Booking, say: Say): void {
  const { orders, holders, positions } = state
  const { order, holder, instrument: { instrumentId }, instrument, leg, notional, fee, reference } = booking
  const { sequence, price, quantity, grant: ofNotional }: Readonly<Record<'sequence' | 'price' | 'quantity' | 'grant', number>> = leg
  assert(ofNotional <= orders.of(order, field.notionalClaim) && ofNotional <= notional, 'grant money beyond its claim')
  const ofFee = Math.min(fee, orders.of(order, field.feeClaim))
  orders.add(order, field.notionalClaim, -ofNotional)
  orders.add(order, field.feeClaim, -ofFee)
  const grant = ofNotional + ofFee
  const cash = notional + fee - grant
  holders.add(holder, holderField.cash, -cash)
  holders.add(holder, holderField.grant, -grant)
  addToHouse(state, 'inTransit', notional)
  addToHouse(state, 'fees', fee)
  instrument.inTransit -= quantity
  const position = positions.at(holder, instrument.index)
  positions.add(position, positionField.trading, quantity)
  const postings = new Postings(state, holder)
    .own('cash', usd, -cash).own('grant', usd, -grant).house('in_transit', usd, notional).house('fees', usd, fee)
    .own('trading', instrumentId, quantity).house('in_transit', instrumentId, -quantity)
  sayFill(state, booking, { postings, cost: notional }, say)
  const isForConsumption = (orders.of(order, field.terms) & autoTransferBit) !== 0
  const bought = { sequence, price, units: quantity, grant: ofNotional, period: booking.period }
  if (isForConsumption && sendToConsumption(state, { position, parts: [bought], reference }, say)) return
  appendTranche(positions, position, { ...bought, isIssued: false })
  // Of an earlier period than it is here: its sweep is over, and takes it along.
  if (booking.period >= state.periods.last) return
  positions.add(position, positionField.heldBack, quantity)
  positions.put(position, positionField.calmIn, 0)
}

/**
 * Cr trading; Dr cash, grant and pending. Proceeds of issued units wait in pending until delivery. Of the others, what
 * grant money had paid for, or pays now, comes back as grant money: it can't be turned into cash by selling it on.
 */
function bookSell (state: Ledger, booking: Booking, say: Say): void {
  const { holders, positions } = state
  const { holder, instrument: { instrumentId }, instrument, leg, notional, fee } = booking
  const quantity: number = leg.quantity
  const position = positions.find(holder, instrument.index)
  const taken = takeOldest(positions, position, quantity)
  const net = Math.max(0, notional - leg.price * taken.issued - fee)
  const grant = Math.min(net, Math.max(taken.grant, leg.grant))
  const cash = net - grant
  const pending = notional - fee - net
  holders.add(holder, holderField.cash, cash)
  holders.add(holder, holderField.grant, grant)
  holders.add(holder, holderField.pending, pending)
  assert(Number.isSafeInteger(holders.of(holder, holderField.cash)), 'cash passed what a number can hold')
  addToHouse(state, 'inTransit', -notional)
  addToHouse(state, 'fees', fee)
  instrument.inTransit += quantity
  positions.add(position, positionField.trading, -quantity)
  const postings = new Postings(state, holder)
    .own('trading', instrumentId, -quantity).house('in_transit', instrumentId, quantity)
    .house('in_transit', usd, -notional).house('fees', usd, fee)
    .own('cash', usd, cash).own('grant', usd, grant).own('pending', usd, pending)
  sayFill(state, booking, { postings, cost: taken.cost }, say)
}

function sayFill (state: Ledger, booking: Booking, entry: { postings: Postings, cost: number }, say: Say): void {
  const { orders } = state
  const { order, holder, instrument: { instrumentId }, leg, fee, period, reference } = booking
  const trade = {
    orderId: orders.of(order, field.id) as OrderId,
    sequence: leg.sequence,
    side: sideOf(orders.of(order, field.terms)),
    role: leg.role,
    price: leg.price,
    quantity: leg.quantity,
    fee,
    grant: leg.grant,
    period
  } as TradeLeg
  const { postings: { list: postings }, cost } = entry
  sayEntry(state, { holder, type: 'fill', reference, instrumentId, postings, cost, trade }, say)
}

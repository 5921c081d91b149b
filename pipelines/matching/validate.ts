// Asserts every invariant of a state, slowly and from the outside. Tests call it after every command.

import assert from 'node:assert/strict'
import { notionalMax, periodOf, priceTicksMax, quantityMax, type Side } from '../../schemas/units.ts'
import { type Book, noBuy, noSell } from './book.ts'
import type { Matching } from './matching.ts'

export function validate (state: Matching): void {
  const { book, parameters } = state
  assert(parameters !== null || book.count === 0, 'orders rest in an instrument that is not listed')
  assert(state.taken.length === 0 && state.beside.length === 0, 'a step left changes behind')
  assert(book.bestBuy < book.bestSell, 'M2: the book is crossed')
  const resting = validateSide(book, 'buy') + validateSide(book, 'sell')
  assert.equal(resting, book.count, 'M1: an order is by id and not by level, or the other way round')
  if (parameters !== null) for (const side of ['buy', 'sell'] as const) validateOrders(state, side)
  let newest = -1
  for (const { second, quantity } of state.window.buckets()) {
    assert(second > newest && quantity > 0 && second <= state.now / 1000, 'M6: the trade window is out of order')
    newest = second
  }
  validateStops(state)
  validateMore(state)
  validatePeriod(state)
}

/** Walks the ladder of one side, and each level both ways. */
function validateSide (book: Book, side: Side): number {
  const { orders } = book
  const isSell = side === 'sell'
  let resting = 0
  let ticks = isSell ? book.bestSell : book.bestBuy
  assert.equal(book.beyond(book.bestBuy, true), book.bestSell, 'M2: a level lies inside')
  while (ticks !== (isSell ? noSell : noBuy)) {
    let quantity = 0
    let count = 0
    let previous = 0
    for (let slot = book.head(ticks); slot !== 0; slot = orders.next(slot)) {
      assert.equal(orders.ticks(slot), ticks, 'M1: an order is at another price')
      assert.equal(orders.side(slot), side, 'M2: an order is on the other side')
      assert.equal(orders.previous(slot), previous, 'M3: a level is not one row')
      assert.equal(book.find(orders.orderId(slot)), slot, 'M1: an id leads elsewhere')
      assert(!orders.waits(slot), 'M7: a stop has a level')
      quantity += orders.leaves(slot)
      count++
      previous = slot
    }
    assert.equal(book.tail(ticks), previous, 'M3: a level ends elsewhere')
    assert(count > 0, 'M1: an empty level is in the ladder')
    assert.equal(book.quantityAt(ticks), quantity, 'M1: a level holds something else')
    assert.equal(book.ordersAt(ticks), count, 'M1: a level counts something else')
    resting += count
    ticks = book.beyond(ticks, isSell)
  }
  return resting
}

function validateOrders (state: Matching, side: Side): void {
  const { orders } = state.book
  for (const slot of state.book.inPriority(side)) {
    const leaves = orders.leaves(slot)
    const price = orders.ticks(slot) * state.tickSize
    assert(leaves > 0, 'M4: an order rests with nothing left')
    assert(orders.filled(slot) >= 0 && orders.filled(slot) + leaves <= quantityMax, 'M4: an order is too large')
    assert(orders.ticks(slot) >= 1 && orders.ticks(slot) <= priceTicksMax, 'M4: an order is off the ladder')
    assert(orders.notional(slot) + leaves * price <= notionalMax, 'M4: an order is worth too much')
  }
}

function validateStops (state: Matching): void {
  const { book: { orders }, book, stops, lastTrade, tickSize } = state
  const waiting = stops.byAge()
  assert.equal(waiting.length, stops.count)
  for (const slot of waiting) {
    assert(orders.waits(slot) && book.find(orders.orderId(slot)) === slot, 'M7: a stop is not known by its id')
    const stop = orders.stopTicks(slot)
    assert(stop >= 1 && stop <= priceTicksMax, 'M7: a stop price is off the ladder')
    assert(orders.filled(slot) === 0 && orders.leaves(slot) > 0, 'M7: a stop traded before it triggered')
    if (lastTrade === null || !state.isTrading) continue
    const isReached = orders.isSell(slot) ? lastTrade.price <= stop * tickSize : lastTrade.price >= stop * tickSize
    assert(!isReached, 'M7: a stop that is reached waits in an instrument that trades')
  }
}

function validateMore (state: Matching): void {
  const { book: { orders }, book, stops, expiries } = state
  const open = [...book.inPriority('buy'), ...book.inPriority('sell'), ...stops.byAge()]
  const expiring = open.filter(slot => orders.expiresAt(slot) !== 0)
  assert.deepEqual(expiries.slots().toSorted(), expiring.toSorted(), 'M8: what expires is not what is watched')
  for (const slot of open) {
    const expiresAt = orders.expiresAt(slot)
    assert(expiresAt === 0 || (expiresAt > state.now && expiries.first(slot) === expiresAt), 'M8: an order is past its time')
    const other = orders.other(slot)
    if (other !== 0) {
      assert(open.includes(other) && orders.other(other) === slot, 'M9: an order has a leg that has not it')
      assert(orders.filled(slot) === 0 && orders.side(slot) === orders.side(other), 'M9: a leg is filled, or on another side')
    }
    const worth = orders.leaves(slot) * orders.ticks(slot) * state.tickSize
    assert(orders.grant(slot) === 0 || (!orders.isSell(slot) && orders.grant(slot) <= worth), 'M10: a grant has no use')
  }
}

function validatePeriod (state: Matching): void {
  const { book: { orders }, book, stops, period } = state
  if (!state.knowsLedger) assert.equal(period, 0, 'M11: a version without sweeps is in a period')
  else assert(period >= periodOf(state.now), 'M11: a period has begun that was not entered')
  for (const slot of [...book.inPriority('sell'), ...stops.byAge()]) {
    if (!orders.isSell(slot) || orders.isIssuer(slot) || orders.period(slot) === 0) continue
    assert.equal(orders.period(slot), period, 'M11: a sell of another period is open')
  }
}

// Asserts every invariant of a state, slowly and from the outside. Tests call it after every command.

import assert from 'node:assert/strict'
import { conservation } from './conservation.ts'
import { feesPaid } from './fees.ts'
import { holderField } from './holders.ts'
import { holdSlot, holdWanted } from './holds.ts'
import { type Ledger, balanceMax } from './ledger.ts'
import { validateLots } from './lots/validate.ts'
import { byNotionalBit, isOpenStatus, sellBit } from './order-terms.ts'
import { type Queue, orderField as field } from './orders.ts'
import { positionField, trancheField } from './positions.ts'
import { heldByRequests, validateRequests } from './usage/validate.ts'
import { dayField } from './volumes.ts'

export function validate (state: Ledger): void {
  for (const { asset, sum } of conservation(state)) assert.equal(sum, 0n, `Q1: ${asset} came from nowhere or is gone`)
  const { holders, positions } = state
  for (let holder = 1; holder < holders.end; holder++) validateHolder(state, holder)
  let lots = 0
  for (let position = 1; position < positions.end; position++) {
    validatePosition(state, position)
    lots += validateLots(state, position)
  }
  assert.equal(state.lots.count, lots, 'L6: a lot is in no list')
  validateRequests(state)
  validateKept(state)
}

function validateHolder (state: Ledger, holder: number): void {
  const { holders, volumes } = state
  const money = (name: number): number => holders.of(holder, name)
  assert.equal(holders.find(money(holderField.id) as never), holder, 'A1: a holder is found elsewhere')
  for (const name of [holderField.cash, holderField.grant, holderField.pending]) {
    assert(Number.isSafeInteger(money(name)) && money(name) >= 0, 'Q3: a balance is negative')
  }
  const held = heldByRequests(state, holder)
  for (const order of ordersOf(state, holder)) {
    validateOrder(state, order)
    if ((state.orders.of(order, field.terms) & sellBit) !== 0) continue
    held.cash += state.orders.of(order, field.held)
    held.grant += state.orders.of(order, field.heldGrant)
  }
  assert.equal(money(holderField.cashHeld), held.cash, 'Q3: cash held is not what orders and requests hold')
  assert.equal(money(holderField.grantHeld), held.grant, 'Q3: grant money held is not what orders and requests hold')
  assert(held.cash <= money(holderField.cash) && held.grant <= money(holderField.grant), 'Q3: more is held than is there')
  let newest = 0
  for (let day = money(holderField.firstDay); day !== 0; day = volumes.of(day, dayField.next)) {
    assert(volumes.of(day, dayField.day) > newest, 'A2: days out of order')
    newest = volumes.of(day, dayField.day)
  }
  assert(newest === 0 || newest < money(holderField.day), 'A2: days out of order')
}

/** Those that are open, and those that closed: both ways in which the latter are remembered. */
function * ordersOf ({ holders, orders }: Ledger, holder: number): Generator<number> {
  let previous = 0
  for (let order = holders.of(holder, holderField.firstOpen); order !== 0; order = orders.of(order, field.next)) {
    assert.equal(orders.of(order, field.previous), previous, 'A1: a list of orders is not one row')
    assert(isOpenStatus(orders.of(order, field.status)), 'A1: a closed order is among those that are open')
    assert.equal(orders.of(order, field.holder), holder, 'A1: an order is in the list of another holder')
    previous = order
    yield order
    const waiting = orders.waitingLeg(order)
    if (waiting !== 0) yield waiting
  }
  for (const last of [holderField.lastClosed, holderField.lastReserved]) {
    let order = orders.index.find(holders.of(holder, last))
    for (; order !== 0; order = orders.index.find(orders.of(order, field.closedBefore))) {
      assert(!isOpenStatus(orders.of(order, field.status)), 'A1: an open order is among those that are closed')
      assert.equal(orders.of(order, field.holder), holder, 'A1: an order is in the list of another holder')
      assert.equal(orders.hasClientId(order), last === holderField.lastReserved, 'A1: an order is remembered otherwise')
      yield order
    }
  }
}

function validateOrder (state: Ledger, slot: number): void {
  const { orders } = state
  assert.equal(orders.index.find(orders.of(slot, field.id)), slot, 'A1: an order is found elsewhere')
  assert.equal(orders.of(slot, field.fee), feesPaid(orders.of(slot, field.fees)), 'H1: fees are not those of the whole')
  const { held, grant } = holdWanted(orders, slot)
  const row = holdSlot(orders, slot)
  assert.equal(orders.of(row, field.held), held, 'H2: an order holds something else than it needs')
  assert.equal(orders.of(row, field.heldGrant), grant, 'H2: an order holds other grant money than it claims')
  if (row !== slot) assert(orders.of(slot, field.held) === 0 && orders.of(slot, field.heldGrant) === 0, 'H2: both legs hold')
  const isByNotional = (orders.of(slot, field.terms) & byNotionalBit) !== 0
  assert(isByNotional || orders.leaves(slot) >= 0 || orders.of(slot, field.status) === refusedNumber, 'H3: more is filled than was asked')
}

const refusedNumber = 5

function validatePosition (state: Ledger, position: number): void {
  const { positions, positions: { tranches }, orders, holders } = state
  const amount = (name: number): number => positions.of(position, name)
  for (const name of [positionField.trading, positionField.issuance, positionField.consumption]) {
    assert(amount(name) >= 0 && amount(name) <= balanceMax, 'Q3: a balance is negative, or too large')
  }
  let units = 0
  let issued = 0
  for (let slot = amount(positionField.firstTranche); slot !== 0; slot = tranches.of(slot, trancheField.next)) {
    assert(tranches.of(slot, trancheField.units) > 0, 'A3: an empty tranche')
    assert(tranches.of(slot, trancheField.grant) <= tranches.of(slot, trancheField.price) * tranches.of(slot, trancheField.units), 'A3: grant money paid more than all')
    units += tranches.of(slot, trancheField.units)
    if (tranches.of(slot, trancheField.isIssued) === 1) issued += tranches.of(slot, trancheField.units)
  }
  assert.equal(amount(positionField.issued), issued, 'A3: issued units are counted wrongly')
  assert.equal(amount(positionField.trading), units, 'A3: Trading is not the sum of its tranches')
  let held = 0
  let open = 0
  const holder = amount(positionField.holder)
  for (const order of ordersOf(state, holder)) {
    if (orders.of(order, field.instrument) - 1 !== amount(positionField.instrument)) continue
    if (isOpenStatus(orders.of(order, field.status))) open++
    if ((orders.of(order, field.terms) & sellBit) !== 0) held += orders.of(order, field.held)
  }
  assert(holders.of(holder, holderField.id) > 0)
  assert.equal(amount(positionField.tradingHeld), held, 'Q3: units held are not what orders hold')
  assert(held <= units, 'Q3: more units are held than are there')
  assert.equal(amount(positionField.openOrders), open, 'A1: open orders are counted wrongly')
}

/** Each closed order is in one queue, in the order of its time. */
function validateKept (state: Ledger): void {
  const { holders, orders } = state
  const queued = new Set<number>()
  for (const queue of [orders.closed, orders.reserved]) for (const order of queueOf(state, queue)) queued.add(order)
  let count = 0
  let closed = 0
  for (let holder = 1; holder < holders.end; holder++) {
    for (const order of ordersOf(state, holder)) {
      count++
      if (isOpenStatus(orders.of(order, field.status))) continue
      const other = orders.otherLeg(order)
      const waits = other !== 0 && isOpenStatus(orders.of(other, field.status))
      assert.equal(queued.has(order), !waits, 'A4: an order will never be forgotten, or too soon')
      if (!waits) closed++
    }
  }
  assert.equal(count, orders.count, 'A1: an order is in no list')
  assert.equal(closed, queued.size, 'A4: an order is in a queue twice')
}

function * queueOf ({ orders }: Ledger, queue: Queue): Generator<number> {
  let last = 0
  let before = 0
  for (let slot = queue.first; slot !== 0; slot = orders.of(slot, field.nextForgotten)) {
    assert(orders.of(slot, field.forgetAt) >= before, 'A4: a queue is out of order')
    before = orders.of(slot, field.forgetAt)
    last = slot
    yield slot
  }
  assert.equal(queue.last, last, 'A4: a queue ends elsewhere')
}

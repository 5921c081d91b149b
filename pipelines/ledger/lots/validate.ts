// Asserts what holds of the lots of a position, slowly and from the outside.

import assert from 'node:assert/strict'
import type { Ledger } from '../ledger.ts'
import { positionField } from '../positions.ts'
import { lotField as field } from './lot-rows.ts'

const roundings = 4n

/** Returns how many lots the position has. */
export function validateLots (state: Ledger, position: number): number {
  const { positions, lots } = state
  const amount = (name: number): number => positions.of(position, name)
  const sums = { live: 0, posted: 0, expiredHeld: 0, count: 0 }
  let isLive = false
  let before = 0
  for (let lot = amount(positionField.firstLot); lot !== 0; lot = lots.of(lot, field.next)) {
    isLive ||= lot === amount(positionField.firstLive)
    validateLot(state, lot)
    assert.equal(lots.of(lot, field.position), position, 'L6: a lot is in the list of another position')
    assert.equal(lots.of(lot, field.previous), before, 'L6: a list of lots is not one row')
    assert(before === 0 || lots.isBefore(before, lot), 'L6: lots out of order')
    assert(!isLive || lots.of(lot, field.heldExpired) === 0, 'L6: a live lot has expired tokens')
    sums.count++
    sums.posted += lots.left(lot)
    sums.expiredHeld += lots.of(lot, field.heldExpired)
    if (isLive) sums.live += lots.of(lot, field.tokens)
    before = lot
  }
  assert.equal(amount(positionField.lastLot), before, 'L6: a list of lots ends elsewhere')
  assert(isLive === (amount(positionField.firstLive) !== 0), 'L6: the first live lot is in no list')
  assert.equal(amount(positionField.consumption), sums.posted, 'L1: Consumption is not what its lots have left')
  assert.equal(amount(positionField.live), sums.live, 'L1: live tokens are not those of live lots')
  assert.equal(amount(positionField.expiredHeld), sums.expiredHeld, 'L1: expired tokens held are not those of lots')
  const isCalm = amount(positionField.calmIn) === state.periods.last && state.periods.last !== 0
  const isBusy = isLive || amount(positionField.heldBack) !== 0 || amount(positionField.purchase) !== 0
  assert(!isCalm || (!isBusy && amount(positionField.sweptPeriod) === state.periods.last), 'L6: something may come due where nobody looks')
  assert(amount(positionField.liveHeld) >= 0 && amount(positionField.liveHeld) <= sums.live, 'L2: more is held than is there')
  return sums.count
}

function validateLot ({ lots }: Ledger, lot: number): void {
  const { opened, drawn, expired, regranted, tokens, heldExpired, grant, price } = field
  const amount = (name: number): number => lots.of(lot, name)
  for (const name of [opened, drawn, expired, regranted, tokens, heldExpired, grant]) {
    assert(Number.isSafeInteger(amount(name)) && amount(name) >= 0, 'L1: an amount of a lot is negative')
  }
  const gone = amount(drawn) + amount(expired) + amount(regranted)
  assert.equal(amount(opened), gone + lots.left(lot), 'L1: tokens of a lot came from nowhere or are gone')
  assert(lots.left(lot) > 0, 'L1: an empty lot')
  // A lot that was given anew has its grant money to the next microdollar, one that was given anew twice to the second.
  const cost = BigInt(amount(price)) * BigInt(amount(opened)) / 1_000_000n
  assert(BigInt(amount(grant)) <= cost + roundings, 'L5: grant money paid more than all')
  assert.equal(lots.index.find(amount(field.id)), lot, 'L6: a lot is found elsewhere')
}

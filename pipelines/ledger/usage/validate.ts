// Asserts what holds of requests, slowly and from the outside.

import assert from 'node:assert/strict'
import { holderField } from '../holders.ts'
import type { Ledger } from '../ledger.ts'
import { lotField } from '../lots/lot-rows.ts'
import { isOpenStatus } from '../order-terms.ts'
import { orderField } from '../orders.ts'
import { positionField } from '../positions.ts'
import { keyField } from './keys.ts'
import { costOf } from './managed.ts'
import { type RequestList, holding, pieceField, requestField as field, waiting } from './requests.ts'

export function validateRequests (state: Ledger): void {
  const { positions, holders, requests } = state
  let count = 0
  let deadlines = 0
  const parked = new Map<number, number>()
  const open = new Map<number, number>()
  for (let position = 1; position < positions.end; position++) {
    const held = validateHolding(state, position)
    const waits = [...listed(state, position, waiting)]
    for (const slot of waits) assert(requests.isStatus(slot, 'parked') && requests.held(slot) === 0, 'U2: who waits holds, or is another')
    const holder = positions.of(position, positionField.holder)
    open.set(holder, (open.get(holder) ?? 0) + held + waits.length)
    parked.set(holder, (parked.get(holder) ?? 0) + waits.length)
    validatePurchase(state, position, waits.length)
    deadlines += held + waits.length
  }
  assert.equal(state.requestDeadlines.count, deadlines, 'U2: a request waits for no deadline, or for two')
  for (const [holder, waits] of parked) assert.equal(holders.of(holder, holderField.parked), waits, 'U2: who waits is counted wrongly')
  for (const [holder, count] of open) assert.equal(holders.of(holder, holderField.openRequests), count, 'U6: open requests are counted wrongly')
  validateKeys(state)
  let before = 0
  for (let slot = requests.ended.first; slot !== 0; slot = requests.of(slot, field.next)) {
    assert(requests.hasEnded(slot) && requests.held(slot) === 0, 'U1: a request that has ended holds tokens')
    assert(requests.of(slot, field.forgetAt) >= before, 'U2: requests will be forgotten out of order')
    before = requests.of(slot, field.forgetAt)
    count++
  }
  assert.equal(requests.count, count + deadlines, 'U2: a request is in no list')
}

function * listed ({ positions, requests }: Ledger, position: number, list: RequestList): Generator<number> {
  let before = 0
  for (let slot = positions.of(position, list.first); slot !== 0; slot = requests.of(slot, field.next)) {
    assert.equal(requests.of(slot, field.previous), before, 'U2: a list of requests is not one row')
    assert.equal(requests.of(slot, field.position), position, 'U2: a request is in the list of another position')
    assert.equal(requests.byId.find(requests.of(slot, field.holder), requests.ids[slot]!), slot, 'U2: a request is found elsewhere')
    before = slot
    yield slot
  }
  assert.equal(positions.of(position, list.last), before, 'U2: a list of requests ends elsewhere')
}

/** Returns how many hold. */
function validateHolding (state: Ledger, position: number): number {
  const { positions, requests, requests: { pieces }, lots } = state
  const ofLots = new Map<number, number>()
  let live = 0
  let count = 0
  for (const slot of listed(state, position, holding)) {
    assert(requests.isStatus(slot, 'authorized') || requests.isStatus(slot, 'started'), 'U2: a request that does not hold is among those that do')
    let expired = 0
    for (let piece = requests.of(slot, field.firstPiece); piece !== 0; piece = pieces.of(piece, pieceField.next)) {
      const lot = pieces.of(piece, pieceField.lot)
      ofLots.set(lot, (ofLots.get(lot) ?? 0) + pieces.of(piece, pieceField.tokens))
      expired += pieces.of(piece, pieceField.tokens)
    }
    assert.equal(requests.of(slot, field.expired), expired, 'U1: expired tokens of a request are not those of its lots')
    live += requests.of(slot, field.live)
    validateManaged(state, slot)
    count++
  }
  assert.equal(positions.of(position, positionField.liveHeld), live, 'U1: tokens held are not what requests hold')
  for (let lot = positions.of(position, positionField.firstLot); lot !== 0; lot = lots.of(lot, lotField.next)) {
    assert.equal(lots.of(lot, lotField.heldExpired), ofLots.get(lot) ?? 0, 'U1: an expired lot is held by others than it knows')
  }
  return count
}

function validatePurchase ({ positions, orders }: Ledger, position: number, waits: number): void {
  const purchase = positions.of(position, positionField.purchase)
  assert(waits === 0 || purchase !== 0, 'U3: who waits, waits for nothing')
  const order = purchase === 0 ? 0 : orders.index.find(purchase)
  assert(purchase === 0 || (order !== 0 && isOpenStatus(orders.of(order, orderField.status))), 'U3: a purchase that is open is not')
}

function validateManaged ({ requests }: Ledger, slot: number): void {
  const managed = requests.of(slot, field.managed)
  const [cash, grant] = [requests.of(slot, field.cashHeld), requests.of(slot, field.grantHeld)]
  if (requests.isManaged(slot)) {
    assert(requests.of(slot, field.live) === 0 && requests.of(slot, field.expired) === 0, 'U5: who pays cash holds of lots, too')
    assert.equal(cash + grant, costOf(managed, requests.of(slot, field.managedPrice)), 'U5: cash held is not what its tokens cost')
  } else {
    assert(managed === 0 && cash === 0 && grant === 0, 'U5: who holds of lots holds cash, too')
  }
}

/** What requests of a holder hold in cash and grant money. */
export function heldByRequests (state: Ledger, holder: number): { cash: number, grant: number } {
  const { positions, requests, holders } = state
  const sums = { cash: 0, grant: 0 }
  let position = holders.of(holder, holderField.firstPosition)
  for (; position !== 0; position = positions.of(position, positionField.next)) {
    for (const slot of listed(state, position, holding)) {
      sums.cash += requests.of(slot, field.cashHeld)
      sums.grant += requests.of(slot, field.grantHeld)
    }
  }
  return sums
}

/** A request knows its key's row, if there is one; what those of a key hold is what the row says. */
function validateKeys (state: Ledger): void {
  const { keys, positions, requests } = state
  const held = new Map<number, number>()
  for (let position = 1; position < positions.end; position++) {
    for (const list of [holding, waiting]) {
      for (const slot of listed(state, position, list)) {
        const key = keys.byId.find(requests.of(slot, field.holder), requests.keyIds[slot]!)
        assert.equal(requests.of(slot, field.key), key, 'U4: a request counts for another key')
        held.set(key, (held.get(key) ?? 0) + requests.held(slot))
      }
    }
  }
  for (let key = 1; key < keys.end; key++) {
    assert.equal(keys.byId.find(keys.of(key, keyField.holder), keys.ids[key]!), key, 'U4: a key is found elsewhere')
    assert.equal(keys.of(key, keyField.held), held.get(key) ?? 0, 'U4: what a key holds is not what its requests hold')
  }
}

// Holds a made-up market that has come to rest against what must be true of it, whatever happened on the way.

import assert from 'node:assert/strict'
import { validate as validateBook } from '../../../pipelines/matching/validate.ts'
import { takeSnapshot } from '../../../pipelines/matching/snapshot.ts'
import { conservation } from '../../../pipelines/ledger/conservation.ts'
import { validate as validateLedger } from '../../../pipelines/ledger/validate.ts'
import { openOrders } from '../../../pipelines/ledger/views.ts'
import { Machine } from '../../../pipelines/runtime/machine.ts'
import type { JournalEntry, OrderState } from '../../../schemas/ledger/records.ts'
import type { Fill } from '../../../schemas/matching/records.ts'
import { judgeLots, judgeUsage } from './judge-usage.ts'
import { holders, type World } from './world.ts'

export type Tally = Readonly<Record<
  'fills' | 'entries' | 'closed' | 'crashes' | 'sweeps' | 'billed' | 'expired' | 'purchases', number
>>

/** Every invariant of every core, at any moment. */
export function validate ({ ledgers, books }: World): void {
  for (const { machine } of ledgers) validateLedger(machine.state)
  for (const { machine } of books) validateBook(machine.state)
}

export function judge (world: World): Tally {
  validate(world)
  const fills = world.told.filter(each => each.kind === 'fill') as unknown as Fill[]
  const entries = world.told.filter(each => each.kind === 'journal-entry') as unknown as JournalEntry[]
  const states = world.told.filter(each => each.kind === 'order-state') as unknown as OrderState[]
  judgeInTransit(world)
  judgeOpenOrders(world)
  judgeLegs(fills, entries)
  judgeBalances(world, entries)
  judgeOrders(states)
  judgeLots(world, entries)
  judgeUsage(world, entries)
  judgeReplay(world)
  const closed = states.filter(({ closedAt }) => closedAt !== null).length
  const crashes = world.stations.reduce((sum, station) => sum + station.crashes, 0)
  const purchases = states.filter(({ clientOrderId }) => clientOrderId?.startsWith('autobuy:')).length
  const typed = (type: JournalEntry['type']): number => entries.filter(entry => entry.type === type).length
  const [sweeps, billed, expired] = [typed('sweep'), typed('usage'), typed('breakage')]
  return { fills: fills.length, entries: entries.length, closed, crashes, sweeps, billed, expired, purchases }
}

/** Q2: once both legs of every trade and both halves of every transfer are applied, nothing is on its way. */
function judgeInTransit ({ ledgers }: World): void {
  const sums = new Map<string, bigint>()
  for (const { machine } of ledgers) {
    for (const { asset, accounts } of conservation(machine.state)) {
      sums.set(asset, (sums.get(asset) ?? 0n) + (accounts.in_transit ?? 0n))
    }
  }
  for (const [asset, sum] of sums) assert.equal(sum, 0n, `Q2: ${asset} is still in transit`)
}

/** What the ledger holds for is what rests or waits in a book, and has the same left. */
function judgeOpenOrders ({ ledgers, books }: World): void {
  const held = ledgers.flatMap(({ machine }) => holders.flatMap(holder => openOrders(machine.state, holder)))
    .map(({ orderId, quantity, filledQuantity }) => `${orderId}: ${quantity - filledQuantity}`)
  const inBooks = books.flatMap(({ machine }) => {
    const { orders, stops } = takeSnapshot(machine.state)
    return [...orders, ...stops].map(({ orderId, leaves }) => `${orderId}: ${leaves}`)
  })
  assert.deepEqual(held.sort(), inBooks.sort(), 'H3: an order is open on one side only')
}

/** Each fill is booked twice, once a side, at its own price and quantity. */
function judgeLegs (fills: readonly Fill[], entries: readonly JournalEntry[]): void {
  const legs = entries.flatMap(({ instrumentId, trade }) => trade === null
    ? []
    : [`${instrumentId} ${trade.sequence} ${trade.side} ${trade.price} ${trade.quantity} ${trade.orderId}`])
  const expected = fills.flatMap(({ instrumentId, sequence, price, quantity, ...of }) => {
    const makerSide = of.takerSide === 'buy' ? 'sell' : 'buy'
    const what = (side: string, orderId: number): string =>
      `${instrumentId} ${sequence} ${side} ${price} ${quantity} ${orderId}`
    return [what(of.takerSide, of.takerOrderId), what(makerSide, of.makerOrderId)]
  })
  assert.deepEqual(legs.sort(), expected.sort(), 'a fill is not booked once on each side')
}

/** Q1: entries sum to zero, and every balance is the sum of its postings. */
function judgeBalances ({ ledgers }: World, entries: readonly JournalEntry[]): void {
  const balances = new Map<string, number>()
  const add = (account: string, asset: string, amount: number): void => {
    const name = `${account} ${asset}`
    balances.set(name, (balances.get(name) ?? 0) + amount)
  }
  for (const { postings, reference } of entries) {
    const sums = new Map<string, number>()
    for (const { asset, amount } of postings) sums.set(asset, (sums.get(asset) ?? 0) + amount)
    for (const [asset, sum] of sums) assert.equal(sum, 0, `Q1: ${reference} makes ${sum} of ${asset}`)
    for (const { account, asset, amount } of postings) add(account, asset, amount)
  }
  for (const { machine } of ledgers) {
    for (const { asset, accounts } of conservation(machine.state)) {
      for (const [account, amount] of Object.entries(accounts)) add(account, asset, -Number(amount))
    }
  }
  for (const [account, difference] of balances) assert.equal(difference, 0, `${account} is not the sum of its postings`)
}

/** H3: an order closes once, and nothing is told of it afterwards. H1: what it paid in fees only grows. */
function judgeOrders (states: readonly OrderState[]): void {
  const last = new Map<number, OrderState>()
  for (const state of [...states].sort((a, b) => a.orderId - b.orderId || a.sequence - b.sequence)) {
    const before = last.get(state.orderId)
    assert.equal(state.sequence, (before?.sequence ?? 0) + 1, `states of order ${state.orderId} have a gap`)
    assert(before?.closedAt == null, `H3: order ${state.orderId} goes on after its closing`)
    assert(state.filledQuantity >= (before?.filledQuantity ?? 0) && state.fee >= (before?.fee ?? 0))
    assert(state.closedAt === null || state.heldAmount === 0, `order ${state.orderId} is closed and holds something`)
    last.set(state.orderId, state)
  }
}

/** From zero, without a crash, the same logs make the same state. */
function judgeReplay ({ stations }: World): void {
  for (const station of stations) {
    const machine = new Machine<unknown, never, never>(station.options() as never)
    for (const record of station.log) machine.apply(record, [])
    assert.equal(machine.hash(), station.machine.hash(), `${station.machine.source}: crashes left something behind`)
  }
}

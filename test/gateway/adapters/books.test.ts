import { expect, test } from 'vitest'
import { bookPort } from '../../../gateway/adapters/books.ts'
import type { ReplicasView } from '../../../gateway/adapters/replicas.ts'
import { apply } from '../../../pipelines/matching/apply.ts'
import { Matching } from '../../../pipelines/matching/matching.ts'
import { Tape } from '../../../pipelines/matching/tape.ts'
import { setParameters } from '../../../schemas/instruments.ts'
import type { PlaceOrder } from '../../../schemas/matching/records.ts'
import { instant, instrumentId, type Side } from '../../../schemas/units.ts'
import { limitOrder } from '../../support/orders.ts'
import { preview, prime } from '../support.ts'

const at = instant(1_700_000_000_000)

const order = (id: number, side: Side, price: number, quantity: number): PlaceOrder =>
  limitOrder({ id, instrumentId: prime.instrumentId, side, price, quantity })

const ofMatching = { stage: 'matching', topic: 'orders-1', partitions: [prime.index] }

/** A replica of one partition that has applied these orders, each at an offset of its own. */
function replicas (orders: readonly PlaceOrder[], end?: number): ReplicasView<Matching> {
  const state = new Matching()
  const tape = new Tape()
  for (const command of [setParameters(prime), ...orders]) {
    apply(state, command, { at, isLate: false }, tape)
    expect(tape.outputs().some(output => output.kind === 'order-update' && output.refused)).toBe(false)
  }
  const replica = { state, next: orders.length + 1, now: at }
  return { ...ofMatching, replica: partition => partition === prime.index ? replica : undefined, end: () => end }
}

test('a book is what the replica has, best first, no deeper than asked', () => {
  const resting = [order(1, 'buy', 100_000, 5), order(2, 'buy', 100_100, 7), order(3, 'sell', 100_300, 9), order(4, 'buy', 100_300, 2)]
  const book = bookPort(replicas(resting, 8)).book(prime.instrumentId, 1)
  expect(book).toEqual({
    status: 'open',
    bids: [{ price: 100_100, quantity: 7, orders: 1 }],
    asks: [{ price: 100_300, quantity: 7, orders: 1 }],
    sequence: 4,
    lastTrade: expect.objectContaining({ price: 100_300, quantity: 2, side: 'buy', at }) as unknown,
    reference: 100_300,
    position: { topic: 'orders-1', partition: prime.index, offset: 4 },
    at,
    lagRecords: 3
  })
})

test('no depth is no levels', () => {
  const book = bookPort(replicas([order(1, 'buy', 100_000, 5)])).book(prime.instrumentId, 0)
  expect(book).toMatchObject({ bids: [], asks: [], lagRecords: 0, lastTrade: null })
})

test('there is no book of what is not restored, not listed here, or not known', () => {
  const books = bookPort(replicas([]))
  expect(books.book(preview.instrumentId, 5)).toBeNull()
  expect(books.book(instrumentId('no-such'), 5)).toBeNull()
  const empty = { state: new Matching(), next: 0, now: instant(0) }
  expect(bookPort({ ...ofMatching, replica: () => empty, end: () => 9 }).book(prime.instrumentId, 5)).toBeNull()
})

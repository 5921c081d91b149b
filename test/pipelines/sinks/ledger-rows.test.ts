import { expect, test } from 'vitest'
import { commandOutcomeRow, journalRow, orderStateRow } from '../../../pipelines/sinks/ledger-rows.ts'
import { instant, microdollars } from '../../../schemas/units.ts'
import { originOf, someEntry, someLeg, someOutcome, someState } from './ledger.ts'

const position = { partition: 3, offset: 41 }
const origin = originOf(3, 9)
const emitted = {
  origin_source: 'ledger ledger-1 3',
  origin_offset: 90,
  origin_index: 0,
  origin_sequence: 9,
  log_partition: 3,
  log_offset: 41
}

test('an order state says all that it says, and where it lies', () => {
  const closed = instant(1_772_000_000_030)
  const state = someState({
    status: 'cancelled', closureReason: 'oco', clientOrderId: 'mine', refusal: null, notional: microdollars(9), closedAt: closed
  })
  expect(orderStateRow(state, position, origin)).toEqual({
    holder: 7,
    order_id: 640,
    sequence: 1,
    instrument_id: 'text-prime',
    cause: 'place',
    refusal: '',
    status: 'cancelled',
    closure_reason: 'oco',
    client_order_id: 'mine',
    side: 'buy',
    order_type: 'limit',
    time_in_force: 'gtc',
    is_post_only: false,
    is_reduce_only: false,
    is_auto_transfer: false,
    price: 1_500_000,
    stop_price: null,
    quantity: 5,
    notional: 9,
    filled_quantity: 0,
    filled_notional: 0,
    fee: 0,
    held_amount: 7_507_500,
    other_leg: 0,
    expires_at: null,
    submitted_at: 1_772_000_000_000,
    accepted_at: 1_772_000_000_010,
    changed_at: 1_772_000_000_020,
    closed_at: closed,
    ...emitted
  })
})

test('a command\'s outcome carries its origin', () => {
  expect(commandOutcomeRow(someOutcome(), position, origin)).toEqual({
    holder: 7,
    decided_at: 1_772_000_000_000,
    command: 'withdraw',
    refusal: 'insufficient_balance',
    order_id: 0,
    order_count: 0,
    reference: 'w1',
    ...emitted
  })
})

test('an entry keeps its postings in their order', () => {
  expect(journalRow(someEntry(), position, origin)).toEqual({
    holder: 7,
    sequence: 1,
    booked_at: 1_772_000_000_000,
    entry_type: 'deposit',
    reference: 'd1',
    instrument_id: '',
    accounts: ['cash', 'deposits'],
    holders: [7, 0],
    assets: ['usd', 'usd'],
    amounts: [500, -500],
    cost: 0,
    order_id: 0,
    trade_sequence: 0,
    side: 'none',
    role: 'none',
    price: 0,
    quantity: 0,
    fee: 0,
    grant_notional: 0,
    sweep_period: 0,
    ...emitted
  })
})

test('an entry of a fill has its leg beside it', () => {
  expect(journalRow(someLeg({ holder: 7, entry: 2, trade: 12, side: 'sell', price: 300, quantity: 4 }), position, origin)).toMatchObject({
    entry_type: 'fill',
    reference: 'text-prime:12',
    order_id: 64,
    trade_sequence: 12,
    side: 'sell',
    role: 'taker',
    price: 300,
    quantity: 4,
    fee: 1,
    sweep_period: 3
  })
})

import { expect, test } from 'vitest'
import { lotChangeRows, meterEventRow, unbilledUsageRow, usageReceiptRow } from '../../../pipelines/sinks/usage-rows.ts'
import { holderId, instant, instrumentId, microdollars, tokens, type LotId } from '../../../schemas/units.ts'
import { originOf, someEntry, someLots, someMeterEvent, someUnbilled } from './ledger.ts'

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

// Two lots whose tokens times their price pass 2^53 together.
const price = microdollars(9_007_199_254)
const capture = someLots({
  holder: 7,
  entry: 9,
  type: 'usage',
  reference: 'r1',
  lots: [
    { lotId: 65 as LotId, change: 'drawn', tokens: tokens(1_000_000), price },
    { lotId: 129 as LotId, change: 'drawn', tokens: tokens(500_001), price, grant: microdollars(4) },
    { lotId: 129 as LotId, change: 'expired', tokens: tokens(7), price }
  ],
  usage: { billed: tokens(1_500_001) }
})

test('an entry makes a row of each of its lots, in their order, under its own origin', () => {
  const rows = lotChangeRows(capture, position, origin)
  expect(rows.map(row => [row.lot_id, row.change, row.tokens, row.change_index])).toEqual([
    [65, 'drawn', 1_000_000, 0], [129, 'drawn', 500_001, 1], [129, 'expired', 7, 2]
  ])
  expect(rows[1]).toEqual({
    holder: 7,
    lot_id: 129,
    entry_sequence: 9,
    change_index: 1,
    instrument_id: 'text-prime',
    change: 'drawn',
    tokens: 500_001,
    price: 9_007_199_254,
    trade_sequence: 3,
    sweep_period: 123_055,
    opened_at: 1_772_000_000_000,
    expires_at: 1_772_014_400_000,
    grant_cost: 4,
    entry_type: 'usage',
    reference: 'r1',
    booked_at: 1_772_000_000_000,
    ...emitted
  })
})

test('a receipt costs what was drawn, to the picodollar, and not what expired with it', () => {
  const row = usageReceiptRow(capture, position, origin)
  expect(row).toMatchObject({ request_id: 'r1', billed_tokens: 1_500_001, held_tokens: 4000, drawn_lots: 2, ...emitted })
  expect(row?.cost_picodollars).toBe(1_500_001n * 9_007_199_254n)
  expect(usageReceiptRow(someEntry(), position, origin)).toBeNull()
  expect(lotChangeRows(someEntry(), position, origin)).toEqual([])
})

test('a receipt of a managed supplier costs its price a token, and is of no lot', () => {
  const usage = { billed: tokens(1_500_001), keyId: 'key_1', managedPrice: microdollars(9_007_199_254) }
  const row = usageReceiptRow(someLots({ holder: 7, entry: 9, type: 'usage', reference: 'r1', lots: [], usage }), position, origin)
  expect(row).toMatchObject({ key_id: 'key_1', managed_price: 9_007_199_254, drawn_lots: 0 })
  expect(row?.cost_picodollars).toBe(1_500_001n * 9_007_199_254n)
  expect(usageReceiptRow(capture, position, origin)).toMatchObject({ key_id: '', managed_price: 0 })
})

test('a meter event is told by where it lies, and dated by the log', () => {
  const event = someMeterEvent({ sequence: -1, occurredAt: instant(5) })
  expect(meterEventRow(event, position, instant(99))).toMatchObject({
    accepted_at: 99, occurred_at: 5, request_sequence: -1, source: 'gateway', event_id: 'e1', log_partition: 3, log_offset: 41
  })
})

test('unbilled usage has its reason', () => {
  const row = unbilledUsageRow(someUnbilled({ holder: holderId(11), instrumentId: instrumentId('code-max') }), position, origin)
  expect(row).toMatchObject({ holder: 11, instrument_id: 'code-max', tokens: 40, reason: 'beyond_held', ...emitted })
})

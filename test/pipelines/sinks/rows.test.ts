import { expect, test } from 'vitest'
import { deadLetterRow, fillRow, orderUpdateRow } from '../../../pipelines/sinks/rows.ts'
import { holderId, instant, instrumentId, microdollars, orderId, units } from '../../../schemas/units.ts'
import { someFill } from './fills.ts'

const position = { partition: 3, offset: 41 }

test('a fill says what it is and where it lies', () => {
  const fill = someFill({ sequence: 9, at: 1234, price: 5, quantity: 6, side: 'sell' })
  expect(fillRow(fill, position)).toEqual({
    instrument_id: 'text-prime',
    sequence: 9,
    matched_at: 1234,
    taker_side: 'sell',
    price: 5,
    quantity: 6,
    maker_order_id: 17,
    taker_order_id: 18,
    maker_holder: 1,
    taker_holder: 2,
    log_partition: 3,
    log_offset: 41
  })
})

test('an order update carries its origin', () => {
  const row = orderUpdateRow({
    kind: 'order-update',
    orderId: orderId(8),
    holder: holderId(5),
    instrumentId: instrumentId('text-max'),
    cause: 'amend',
    refused: true,
    status: 'resting',
    reason: 'off_tick',
    side: 'buy',
    price: microdollars(700),
    quantity: units(4),
    filledQuantity: units(1),
    filledNotional: microdollars(600),
    at: instant(99)
  }, position, { source: 'matching orders-1 1', offset: 12, index: 2, sequence: 33 })
  expect(row).toEqual({
    holder: 5,
    updated_at: 99,
    order_id: 8,
    instrument_id: 'text-max',
    cause: 'amend',
    is_refused: true,
    status: 'resting',
    reason: 'off_tick',
    side: 'buy',
    price: 700,
    quantity: 4,
    filled_quantity: 1,
    filled_notional: 600,
    origin_source: 'matching orders-1 1',
    origin_offset: 12,
    origin_index: 2,
    origin_sequence: 33,
    log_partition: 3,
    log_offset: 41
  })
})

test('a dead letter keeps its bytes, whatever they are', () => {
  const value = Buffer.from([0, 255, 195, 40, 10])
  const row = deadLetterRow({
    kind: 'dead-letter',
    topic: 'orders-1',
    partition: 2,
    offset: 7,
    reader: 'matching',
    reason: 'undecodable',
    detail: 'no magic byte',
    key: null,
    value: value.subarray(1, 4),
    at: instant(50)
  }, position)
  expect(row.key_base64).toBeNull()
  expect(Buffer.from(row.value_base64!, 'base64')).toEqual(value.subarray(1, 4))
  expect(row).toMatchObject({ topic: 'orders-1', topic_partition: 2, topic_offset: 7, reader: 'matching', reason: 'undecodable', accepted_at: 50, log_offset: 41 })
})

import { expect, test } from 'vitest'
import { orderIdOf, orderIdText } from '../../../gateway/trading/order-ids.ts'
import { orderId, orderIdAt } from '../../../schemas/units.ts'

test.each([0, 1, 31, 32, 4711, orderIdAt(63, 2 ** 40, 1), Number.MAX_SAFE_INTEGER].map(orderId))('%i there and back', id => {
  const text = orderIdText(id)
  expect(text).toMatch(/^order_[\dA-V]{11}$/)
  for (const spelling of [text, text.toLowerCase(), text.replace('_', '-'), text.slice(6)]) expect(orderIdOf(spelling)).toBe(id)
})

test('they sort as the orders do', () => {
  const ids = [0, 9, 10, 31, 32, 1023, 1024, 2 ** 40].map(orderId)
  expect(ids.map(orderIdText).toSorted()).toEqual(ids.map(orderIdText))
})

test.each(['', '0', '4711', 'order_', 'order_4J7', 'order_0000000W4J7', 'order_VVVVVVVVVVV', 'order_000000004J70', ' 000000004J7', 'trade_000000004J7'])(
  '%j is no order\'s id', text => { expect(orderIdOf(text)).toBeNull() })

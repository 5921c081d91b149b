import { expect, test } from 'vitest'
import { isRange, isWithin } from '../../../gateway/limits/addresses.ts'

test.each([
  '10.0.0.0/8', '192.0.2.7', '192.0.2.7/32', '0.0.0.0/0', '2001:db8::/32', '::1', '::/0', '::ffff:192.0.2.7'
])('%s is a range', text => {
  expect(isRange(text)).toBe(true)
})

test.each([
  '', 'localhost', '10.0.0.0/33', '10.0.0/8', '010.0.0.1', '0x0a.0.0.1', '167772161', '10.0.0.0/-1', '10.0.0.0/8/8', '::1%eth0',
  '::/129', '::ffff:10.0.0.0/104', ' 10.0.0.1', '10.0.0.0/'
])('"%s" is no range, and holds nobody', text => {
  expect([isRange(text), isWithin('10.0.0.1', [text])]).toEqual([false, false])
})

test.each([
  ['10.1.2.3', ['192.0.2.0/24', '10.0.0.0/8'], true],
  ['11.1.2.3', ['10.0.0.0/8'], false],
  ['::ffff:10.1.2.3', ['10.0.0.0/8'], true],
  ['10.1.2.3', ['::ffff:10.1.2.3'], true],
  ['10.1.2.3', ['::/0'], false],
  ['2001:db8::5', ['2001:db8::/32'], true],
  ['2001:db9::5', ['2001:db8::/32'], false],
  ['0:0:0:0:0:0:0:1', ['::1'], true],
  ['192.0.2.7', ['192.0.2.7'], true],
  ['192.0.2.8', ['192.0.2.7'], false],
  ['nonsense', ['0.0.0.0/0', '::/0'], false],
  ['10.1.2.3', [], false]
])('%s within %j: %s', (address, ranges, expected) => {
  expect(isWithin(address, ranges)).toBe(expected)
})

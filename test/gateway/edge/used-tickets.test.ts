import { expect, test } from 'vitest'
import { UsedTickets } from '../../../gateway/edge/used-tickets.ts'

test('a ticket is taken once, until it is released or has expired', () => {
  const used = new UsedTickets()
  expect([used.take('a', 100), used.take('a', 100), used.take('b', 200)]).toEqual([true, false, true])
  used.release('a')
  expect(used.take('a', 100)).toBe(true)
  expect(used.hasRoom(100)).toBe(true)
  expect(used.size).toBe(2)
  used.hasRoom(100.5)
  expect([used.size, used.take('b', 200)]).toEqual([1, false])
})

test('no more are remembered than it may', () => {
  const used = new UsedTickets(2)
  used.take('a', 100)
  used.take('b', 300)
  expect(used.hasRoom(50)).toBe(false)
  expect(used.hasRoom(101)).toBe(true)
})

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

test('who was released and can come no more is told of, once, unless it came again', () => {
  const used = new UsedTickets()
  const told: string[] = []
  for (const id of ['gone', 'back', 'twice']) {
    used.take(id, 100)
    used.release(id, () => { told.push(id) })
  }
  used.take('back', 100)
  used.take('twice', 100)
  used.release('twice')
  used.tick(100)
  expect(told).toEqual([])
  used.tick(100.5)
  expect(told).toEqual(['gone', 'twice'])
  used.end()
  expect(told).toHaveLength(2)
})

test('one that expired meanwhile is told of at the next look, and what is left of others at the end', () => {
  const used = new UsedTickets()
  const told: string[] = []
  used.take('late', 100)
  used.tick(101)
  used.release('late', () => { told.push('late') })
  used.take('early', 300)
  used.release('early', () => { told.push('early') })
  used.tick(102)
  expect(told).toEqual(['late'])
  used.end()
  expect(told).toEqual(['late', 'early'])
})

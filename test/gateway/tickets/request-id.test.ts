// Ids of requests lead the market, and nobody else, to their holder.

import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { requestIds, restBytes, restOf } from '../../../gateway/tickets/request-id.ts'
import { secretOf } from '../../../gateway/tickets/secrets.ts'
import { holderId } from '../../../schemas/units.ts'

const old = secretOf('old', Buffer.alloc(32, 1))
const young = secretOf('young', Buffer.alloc(32, 2))
const ids = requestIds([old])
const rest = Buffer.alloc(restBytes, 7)

describe('an id', () => {
  test('leads back to its holder', () => {
    const holder = fc.integer({ min: 1, max: 2 ** 40 - 1 })
    fc.assert(fc.property(holder, fc.uint8Array({ minLength: restBytes, maxLength: restBytes }), (of, chance) => {
      const id = ids.idOf(holderId(of), Buffer.from(chance))
      expect(id).toMatch(/^req_[\w-]{22}$/)
      expect(ids.holderOf(id)).toBe(of)
    }), { seed: 6, numRuns: 300 })
  })

  test('says nothing to others: two of one holder have nothing in common', () => {
    const [a, b] = [rest, Buffer.alloc(restBytes, 8)].map(each => Buffer.from(ids.idOf(holderId(19), each).slice(4), 'base64url'))
    expect(a!.filter((byte, index) => byte === b![index]).length).toBeLessThan(4)
  })

  test('of another market leads nowhere', () => {
    const others = requestIds([young])
    const found = Array.from({ length: 200 }, () => ids.holderOf(others.idOf(holderId(19), randomBytes(restBytes))))
    expect(found.filter(each => each !== null).length).toBeLessThan(3)
  })

  test.each(['', 'req_', 'req_short', `req_${'A'.repeat(23)}`, `req_${'A'.repeat(21)}!`, 'chatcmpl-1'])('%j is none', text => {
    expect(ids.holderOf(text)).toBeNull()
  })

  test('takes nine bytes of chance', () => {
    expect(() => ids.idOf(holderId(1), Buffer.alloc(8))).toThrow('9 bytes')
  })

  test('of before the secrets were changed leads to its holder still', () => {
    const id = ids.idOf(holderId(19), rest)
    expect(requestIds([young, old]).holderOf(id)).toBe(19)
    expect(requestIds([young]).holderOf(id)).toBeNull()
  })
})

describe('what a client called its request', () => {
  test('is the same however often it is sent, for him', () => {
    expect(restOf(holderId(19), 'order-1')).toEqual(restOf(holderId(19), 'order-1'))
    expect(restOf(holderId(19), 'order-1')).not.toEqual(restOf(holderId(20), 'order-1'))
    expect(restOf(holderId(19), 'order-1')).not.toEqual(restOf(holderId(19), 'order-2'))
  })

  test('is his alone: no name makes another\'s', () => {
    expect(restOf(holderId(1), '9 x')).not.toEqual(restOf(holderId(19), 'x'))
  })
})

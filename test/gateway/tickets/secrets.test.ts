// The market's secrets, as a setting has them.

import { describe, expect, test } from 'vitest'
import { readSecrets, secretOf } from '../../../gateway/tickets/secrets.ts'

const bytes = (of: number): string => Buffer.alloc(32, of).toString('base64')

describe('a setting', () => {
  test('is a list: the first signs', () => {
    expect(readSecrets(`b:${bytes(2)}, a:${bytes(1)}`).map(({ name }) => name)).toEqual(['b', 'a'])
  })

  test.each(['', 'a', `a:${bytes(1)},`, `a:${Buffer.alloc(31).toString('base64')}`, `a.b:${bytes(1)}`, bytes(1)])('%j is none', setting => {
    expect(() => readSecrets(setting)).toThrow('TICKET_SECRETS is a list')
  })

  test('is not repeated where it is wrong', () => {
    const secret = bytes(3).slice(0, -2)
    expect(() => readSecrets(`a:${secret}`)).toThrow(expect.objectContaining({ message: expect.not.stringContaining(secret.slice(0, 8)) as string }))
  })
})

test('each use has a key of its own, and each secret others', () => {
  const [a, b] = [secretOf('a', Buffer.alloc(32, 1)), secretOf('a', Buffer.alloc(32, 2))]
  const keys = [a.tickets, a.seals, b.tickets, b.seals, a.requests, b.requests].map(key => key.export().toString('hex').slice(0, 32))
  expect(new Set(keys).size).toBe(keys.length)
  expect(() => secretOf('a', Buffer.alloc(16))).toThrow('16 bytes')
})

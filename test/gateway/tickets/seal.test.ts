// Sealed text: for one account, unreadable and unchangeable.

import { describe, expect, test } from 'vitest'
import { sealFor } from '../../../gateway/tickets/seal.ts'
import { secretOf } from '../../../gateway/tickets/secrets.ts'
import { holderId } from '../../../schemas/units.ts'

const old = secretOf('old', Buffer.alloc(32, 1))
const young = secretOf('young', Buffer.alloc(32, 2))
const ben = sealFor([old], holderId(19))

describe('sealed text', () => {
  test.each(['', 'a', 'reasoning: 東京 🙂', 'x'.repeat(100_000)])('is opened again', text => {
    const sealed = ben.seal(text)
    expect(ben.open(sealed)).toBe(text)
    if (text.length > 8) expect(Buffer.from(sealed.slice(4), 'base64url').includes(text)).toBe(false)
  })

  test('is never the same twice', () => {
    expect(ben.seal('a')).not.toBe(ben.seal('a'))
  })

  test('is nobody else\'s', () => {
    expect(sealFor([old], holderId(20)).open(ben.seal('a'))).toBeNull()
  })

  test('that was changed is none, wherever it was', () => {
    const sealed = ben.seal('a secret')
    for (let at = 4; at < sealed.length - 1; at++) {
      const other = sealed[at] === 'A' ? 'B' : 'A'
      expect(ben.open(sealed.slice(0, at) + other + sealed.slice(at + 1))).toBeNull()
    }
  })

  test.each(['', '.', 'old', 'old.', 'old.AAAA', 'new.AAAA', `old.${'A'.repeat(100)}`])('%j is none', text => {
    expect(ben.open(text)).toBeNull()
  })

  test('of before the secrets were changed is opened still', () => {
    const sealed = ben.seal('a')
    expect(sealFor([young, old], holderId(19)).open(sealed)).toBe('a')
    expect(sealFor([young], holderId(19)).open(sealed)).toBeNull()
  })
})

// Every word with which the ledger or matching says no has a code, a status and a sentence.

import { describe, expect, test } from 'vitest'
import { statusOf } from '../../../gateway/errors.ts'
import { done, ordered, outcomeUnknown, refused } from '../../../gateway/trading/refusals.ts'
import { ledgerRefusal } from '../../../schemas/ledger/refusals.ts'
import { refusalReason } from '../../../schemas/matching/records.ts'
import { orderId } from '../../../schemas/units.ts'

const reasons = [...new Set([...ledgerRefusal, ...refusalReason])]

test.each(reasons)('%s', reason => {
  const error = refused(reason)
  expect(error.status).toBe(statusOf[error.code])
  expect(error.message).toMatch(/^\w.*\.$/)
  expect(error.details).toMatchObject({ reason })
  if (reason === 'too_late') expect([error.status, error.headers['retry-after']]).toEqual([503, '1'])
  else expect(error.status).toBeLessThan(500)
})

test('a fault of a field has the field, by the name that the resource has for it', () => {
  expect(refused('unknown_instrument').fields).toEqual({ market_id: ['is not open to orders'] })
  const answer = { kind: 'refused', refusal: 'unknown_instrument', order: null } as const
  expect(() => done(answer)).toThrow(expect.objectContaining({ fields: { instrument_id: ['is not open to orders'] } }) as Error)
})

describe('an answer', () => {
  test('that was refused, not accepted or is unknown is an error', () => {
    expect(() => ordered({ kind: 'refused', refusal: 'unknown_order', order: null })).toThrow(expect.objectContaining({ code: 'order_not_found' }) as Error)
    expect(() => done({ kind: 'not_accepted' })).toThrow(expect.objectContaining({ code: 'not_accepted' }) as Error)
    expect(() => done({ kind: 'unknown', orderId: null })).toThrow(expect.objectContaining({ code: 'outcome_unknown' }) as Error)
  })

  test('of another kind, or none, is a bug', () => {
    expect(() => done(undefined)).toThrow(/answered nothing/)
    expect(() => ordered({ kind: 'done' } as never)).toThrow(/answered done where order/)
  })

  test('that is unknown names its order where it is known', () => {
    expect(outcomeUnknown().details).toEqual({})
    expect(outcomeUnknown(orderId(4711)).details).toEqual({ order_id: 'order_000000004J7' })
  })
})

import { expect, test } from 'vitest'
import { rateHeaders } from '../../../gateway/limits/rate-headers.ts'

const usage = { requests: 7, tokens: 1_500, resetSeconds: 42 }

test('what is bounded is told in both forms, with nothing below nothing', () => {
  expect(rateHeaders({ requestsPerMinute: 10, tokensPerMinute: 1000, openMax: 5 }, usage, 1_000_500)).toEqual({
    'x-ratelimit-limit': '10',
    'x-ratelimit-remaining': '3',
    'x-ratelimit-reset': '1043',
    'x-ratelimit-limit-requests': '10',
    'x-ratelimit-remaining-requests': '3',
    'x-ratelimit-reset-requests': '42s',
    'x-ratelimit-limit-tokens': '1000',
    'x-ratelimit-remaining-tokens': '0',
    'x-ratelimit-reset-tokens': '42s'
  })
})

test('of what is not bounded nothing is told', () => {
  expect(rateHeaders({ requestsPerMinute: null, tokensPerMinute: null, openMax: 5 }, usage, 0)).toEqual({})
})

// The library counts by its own clock, so that here the clock is a made-up one.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { ApiError } from '../../../gateway/errors.ts'
import { CommandRates } from '../../../gateway/http/command-rates.ts'
import { command } from '../../../gateway/http/route.ts'
import { instant } from '../../../schemas/units.ts'

const start = Date.UTC(2026, 5, 15, 12)

beforeEach(() => { vi.useFakeTimers({ now: start, toFake: ['Date', 'setTimeout', 'clearTimeout'] }) })
afterEach(() => { vi.useRealTimers() })

const rates = (orderRate: { perSecond: number, perMinute: number, burst: number }) =>
  new CommandRates({ orderRate, now: () => instant(Date.now()) })

/** What the reply says is left, or how long to wait. */
async function spent (counted: CommandRates, user: number, ...subjects: Array<string | null>): Promise<string> {
  try {
    return `${(await counted.spend(user, subjects))['x-ratelimit-remaining']} left`
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    expect([error.status, error.headers['x-ratelimit-remaining']]).toEqual([429, '0'])
    expect(error.headers['x-ratelimit-retry-after']).toBe(error.headers['retry-after'])
    return `wait ${error.headers['retry-after']}`
  }
}

describe('commands of a user in a market', () => {
  test('are so many a second, and as many more as the burst has', async () => {
    const counted = rates({ perSecond: 2, perMinute: 100, burst: 1 })
    const now = async () => spent(counted, 1, 'text-prime')
    expect([await now(), await now(), await now(), await now()]).toEqual(['99 left', '98 left', '97 left', 'wait 1'])
    vi.advanceTimersByTime(1001)
    expect([await now(), await now(), await now()]).toEqual(['96 left', '95 left', 'wait 1']) // The burst is used up.
    vi.advanceTimersByTime(60_000)
    expect([await now(), await now(), await now(), await now()]).toEqual(['99 left', '98 left', '97 left', 'wait 1'])
  })

  test('are so many a minute, however slowly they come', async () => {
    const counted = rates({ perSecond: 10, perMinute: 3, burst: 0 })
    for (const left of ['2 left', '1 left', '0 left']) {
      expect(await spent(counted, 1, 'text-prime')).toBe(left)
      vi.advanceTimersByTime(10_000)
    }
    expect(await spent(counted, 1, 'text-prime')).toBe('wait 30')
    vi.advanceTimersByTime(30_001)
    expect(await spent(counted, 1, 'text-prime')).toBe('2 left')
  })

  test('are counted apart by user and by market', async () => {
    const counted = rates({ perSecond: 1, perMinute: 10, burst: 0 })
    expect(await spent(counted, 1, 'text-prime')).toBe('9 left')
    expect(await spent(counted, 1, 'text-max')).toBe('9 left')
    expect(await spent(counted, 2, 'text-prime')).toBe('9 left')
    expect(await spent(counted, 1, null)).toBe('9 left')
    expect(await spent(counted, 1, 'text-prime')).toBe('wait 1')
  })

  test('that come together count each', async () => {
    const counted = rates({ perSecond: 3, perMinute: 10, burst: 0 })
    expect(await spent(counted, 1, 'text-prime', 'text-prime', 'text-max')).toBe('9 left')
    expect(await spent(counted, 1, 'text-prime', 'text-prime')).toBe('wait 1')
    expect(await spent(counted, 1, 'text-max', 'text-max')).toBe('7 left')
  })

  test('of a kind that does not count leave what the reply says as it is', async () => {
    const counted = rates({ perSecond: 1, perMinute: 1, burst: 0 })
    expect(await counted.spend(1, [])).toEqual({})
  })

  test('say when there are as many again', async () => {
    const counted = rates({ perSecond: 5, perMinute: 5, burst: 0 })
    await counted.spend(1, ['text-prime'])
    vi.advanceTimersByTime(20_000)
    const headers = await counted.spend(1, ['text-prime'])
    expect(headers).toEqual({
      'x-ratelimit-limit': '5', 'x-ratelimit-remaining': '3', 'x-ratelimit-reset': String((start + 60_000) / 1000)
    })
  })
})

test('a route says what its commands count towards', () => {
  const counts = () => ['text-prime', null]
  const body = z.object({})
  expect(command({ method: 'POST', path: '/orders', summary: '', body, counts, answer: () => ({}) }).counts).toBe(counts)
})

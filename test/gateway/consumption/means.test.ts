// Refused for want of means, or by rates: told so that clients repeat what may go well, and nothing else.

import { afterEach, describe, expect, test } from 'vitest'
import { ownerId, tokens } from '../../../schemas/units.ts'
import { simulatedUpstream, type SimulatedUpstream } from '../../../gateway/edge/simulated/upstream.ts'
import { ask, codeOf, expectForm, paths, type Asking, type SurfaceName } from './asking.ts'
import { ben, smallConsumption, type SmallConsumption, type SmallOptions } from './small-consumption.ts'

type Small = SmallConsumption & { readonly url: string }

let upstream: SimulatedUpstream
let small: Small

async function market (options: Partial<SmallOptions> = {}): Promise<Small> {
  upstream = await simulatedUpstream()
  small = await smallConsumption({ upstreams: [upstream.url], ...options })
  return small
}

afterEach(async () => {
  await small.close()
  await upstream.close()
})

const surfaces = Object.keys(paths) as SurfaceName[]

async function refusedWith (it: Small, asking: Asking = {}) {
  const answer = await ask(it.url, asking)
  await it.settled()
  expect(it.tokens()).toMatchObject({ held: 0, drawn: 0 })
  expect(it.captures).toEqual([])
  return { status: answer.status, code: codeOf(answer), headers: answer.headers, answer }
}

test.each(surfaces)('%s: too few tokens are 402, which no client repeats', async surface => {
  const it = await market({ units: 0 })
  const { status, code, headers, answer } = await refusedWith(it, { surface })
  expect({ status, code }).toEqual({ status: 402, code: 'insufficient_credits' })
  expect(headers.get('x-should-retry')).toBe('false')
  expectForm(surface, answer)
  expect(it.reports).toMatchObject([{ outcome: 'failed', status: 402, reason: 'insufficient_credits' }])
})

describe('rates', () => {
  const none = { requestsPerMinute: null, tokensPerMinute: null, openMax: null }

  test('too many requests a minute are 429, with the time to wait', async () => {
    const it = await market({ limits: { ...none, requestsPerMinute: 1 } })
    expect(await ask(it.url)).toMatchObject({ status: 200 })
    for (const surface of surfaces) {
      const answer = await ask(it.url, { surface })
      expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 429, code: 'rate_limited' })
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
      expectForm(surface, answer)
    }
    await it.settled()
    expect(it.captures).toHaveLength(1)
  })

  test('so are too many tokens, and an answer says what is left', async () => {
    const it = await market({ limits: { ...none, tokensPerMinute: 10 } })
    const first = await ask(it.url)
    expect(first.headers.get('x-ratelimit-limit-tokens')).toBe('10')
    await it.settled()
    expect(codeOf(await ask(it.url))).toBe('rate_limited')
  })

  test('a key has its own', async () => {
    const it = await market({ key: { requestsPerMinute: 1 } })
    expect(await ask(it.url)).toMatchObject({ status: 200 })
    expect(codeOf(await ask(it.url))).toBe('rate_limited')
  })
})

describe('means that are on their way, or never will be', () => {
  test.each([
    ['pending', 503, 'reload_pending', 'retry-after', '1'],
    ['declined', 402, 'payment_declined', 'x-should-retry', 'false']
  ] as const)('a reload that is %s', async (state, status, code, header, value) => {
    const looked: number[] = []
    const it = await market({ units: 0, credit: { state: () => state, look: holder => { looked.push(holder) } } })
    const refused = await refusedWith(it)
    expect({ status: refused.status, code: refused.code }).toEqual({ status, code })
    expect(refused.headers.get(header)).toBe(value)
    expect(looked).toEqual([ben])
  })

  test('a budget that is spent', async () => {
    const it = await market({ key: { budgetTokens: tokens(10), budgetPeriod: 'day' } })
    const { status, code, headers } = await refusedWith(it)
    expect({ status, code }).toEqual({ status: 402, code: 'budget_exhausted' })
    expect(headers.get('x-should-retry')).toBe('false')
  })

  test('a budget that is spent by and by', async () => {
    const it = await market({ key: { budgetTokens: tokens(700), budgetPeriod: 'total' } })
    const fields = { max_tokens: 300 }
    let served = 0
    for (; served < 100; served++) {
      const answer = await ask(it.url, { fields })
      await it.settled()
      if (answer.status !== 200) break
    }
    const { drawn } = it.tokens()
    expect(served).toBeGreaterThan(3)
    expect(drawn).toBeLessThanOrEqual(700)
    expect(codeOf(await ask(it.url, { fields }))).toBe('budget_exhausted')
  })

  test('an account that is suspended', async () => {
    const it = await market()
    it.market.say({ kind: 'set-holder', holder: ben, owner: ownerId(19), isIssuer: true, isSuspended: true })
    await it.settled()
    const { status, code } = await refusedWith(it)
    expect({ status, code }).toEqual({ status: 403, code: 'account_suspended' })
  })
})

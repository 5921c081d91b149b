// An upstream that fails, at each point where it can: the client is told in the right place and form, nothing is billed
// that was not answered, and nothing is held afterwards.

import { afterEach, describe, expect, test } from 'vitest'
import type { BehaviourSettings } from '../../../gateway/edge/simulated/behaviour.ts'
import { simulatedUpstream, type SimulatedUpstream } from '../../../gateway/edge/simulated/upstream.ts'
import { ask, codeOf, until, type Answer } from './asking.ts'
import { smallConsumption, type SmallConsumption } from './small-consumption.ts'

type Small = SmallConsumption & { readonly url: string }

const opened: { close (): Promise<void> }[] = []

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close()
})

const settings = { headersTimeoutMs: 100, idleTimeoutMs: 100 }

async function market (behaviour: BehaviourSettings): Promise<{ small: Small, upstream: SimulatedUpstream }> {
  const upstream = await simulatedUpstream({ behaviour: { output_tokens: 4, ...behaviour } })
  opened.push(upstream)
  const small = await smallConsumption({ upstreams: [upstream.url], settings })
  opened.push(small)
  return { small, upstream }
}

type Way = { readonly delivery: 'direct' | 'redirect', readonly isStream: boolean }
const ways: readonly Way[] = [
  { delivery: 'direct', isStream: true },
  { delivery: 'direct', isStream: false },
  { delivery: 'redirect', isStream: true },
  { delivery: 'redirect', isStream: false }
]

async function asked (small: Small, { delivery, isStream }: Way): Promise<Answer> {
  const answer = await ask(small.url, { fields: { stream: isStream }, headers: { 'x-grid-delivery': delivery } })
  await small.settled()
  return answer
}

/** No token was drawn, none is held, and there is one report of it. */
function expectNothingBilled (small: Small, reason: string): void {
  expect(small.tokens()).toMatchObject({ held: 0, drawn: 0 })
  expect(small.captures).toEqual([])
  expect(small.reports).toMatchObject([{ outcome: 'failed', reason }])
}

/** The last words of a stream that failed in the middle. */
const isToldInTheMiddle = ({ text }: Answer): boolean =>
  /data: \{"error":.*"request_id":"req_[^"]+"\}\n\n$/.test(text) && !text.includes('[DONE]')

describe.each(ways)('$delivery, streamed: $isStream', way => {
  test.each([
    ['refuses connections', { fail: 'refuse' }, 502, 'upstream_failed'],
    ['hangs up before its headers', { fail: 'close' }, 502, 'upstream_failed'],
    ['never sends headers', { fail: 'hang' }, 504, 'upstream_timeout'],
    ['answers 500', { fail: 'status', status: 500 }, 502, 'upstream_failed'],
    ['answers 503', { fail: 'status', status: 503 }, 502, 'upstream_failed'],
    ['answers 429', { fail: 'status', status: 429, retry_after: 7 }, 503, 'overloaded'],
    ['answers 401', { fail: 'status', status: 401 }, 502, 'upstream_failed'],
    ['answers 404', { fail: 'status', status: 404 }, 502, 'upstream_failed'],
    ['answers 400', { fail: 'status', status: 400 }, 400, 'rejected'],
    ['answers 422', { fail: 'status', status: 422 }, 400, 'rejected']
  ] as const)('one that %s', async (_name, behaviour, status, code) => {
    const { small } = await market(behaviour)
    const answer = await asked(small, way)
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status, code })
    expect(answer.headers.get('x-grid-request-id')).toMatch(/^req_/)
    expect(answer.json).toMatchObject({ errors: { detail: code } })
    expectNothingBilled(small, code)
  })

  test.each([0, 1, 2, 3, 4, 5])('one that breaks off behind %i parts', async after => {
    const { small } = await market({ fail: 'cut', after })
    const answer = await asked(small, way)
    const hasBegun = way.isStream && after > 0
    expect(answer.status).toBe(hasBegun ? 200 : 502)
    expect(isToldInTheMiddle(answer)).toBe(hasBegun)
    expectNothingBilled(small, 'upstream_failed')
  })

  test.each([6, 7, 8])('one that breaks off behind the end of its answer, after %i parts', async after => {
    const { small } = await market({ fail: 'cut', after })
    const answer = await asked(small, way)
    expect(answer.status).toBe(200)
    expect(answer.text.endsWith('data: [DONE]\n\n')).toBe(way.isStream)
    expect(small.captures).toHaveLength(1)
    expect(small.tokens().held).toBe(0)
    expect(small.reports).toMatchObject([{ outcome: 'completed', outputTokens: 4, isEstimated: after === 6 }])
  })

  test.each([
    ['says that it failed', { fail: 'error' }, 502, 'upstream_failed'],
    ['sends garbage', { fail: 'garbage' }, 502, 'upstream_failed'],
    ['falls silent', { fail: 'stall' }, 504, 'upstream_timeout']
  ] as const)('one that %s', async (_name, behaviour, status, code) => {
    await Promise.all([0, 1, 3].map(async after => {
      const { small } = await market({ ...behaviour, after })
      const answer = await asked(small, way)
      const hasBegun = way.isStream && after > 0
      expect(answer.status).toBe(hasBegun ? 200 : status)
      expect(isToldInTheMiddle(answer)).toBe(hasBegun)
      expectNothingBilled(small, code)
    }))
  })

  test('one that never ends is cut when its time is over', async () => {
    const { small, upstream } = await market({ fail: 'endless', tokens_per_second: 200 })
    const answering = ask(small.url, { fields: { stream: way.isStream }, headers: { 'x-grid-delivery': way.delivery } })
    await until(() => upstream.answers === 1 && small.consumption.live.size === 1)
    small.consumption.live.tick(performance.now() + small.consumption.settings.totalMs + 1)
    const answer = await answering
    await small.settled()
    expect([200, 504]).toContain(answer.status)
    expect(answer.status === 200).toBe(isToldInTheMiddle(answer))
    expectNothingBilled(small, 'upstream_timeout')
    await small.settled()
    expect(upstream.abandoned).toBe(1)
  })
})

describe('usage', () => {
  test('of three times what was made is not believed: the reference is billed, the rest reported', async () => {
    const { small } = await market({ usage: 'wrong', output_tokens: 16 })
    await asked(small, ways[1]!)
    const [{ inputTokens, outputTokens, overReported }] = small.reports as [Small['reports'][0]]
    expect({ outputTokens, overReported }).toEqual({ outputTokens: 16, overReported: 32 })
    expect(small.tokens()).toMatchObject({ drawn: inputTokens + 16, held: 0 })
    expect(inputTokens).toBeLessThanOrEqual('Say something.'.length + 16)
  })

  test('that is missing is estimated by the reference', async () => {
    const { small } = await market({ usage: 'missing', output_tokens: 16 })
    await asked(small, ways[0]!)
    const [{ inputTokens }] = small.reports as [Small['reports'][0]]
    expect(small.reports).toMatchObject([{ outputTokens: 16, isEstimated: true, outcome: 'completed' }])
    expect(inputTokens).toBeGreaterThan(0)
    expect(small.tokens()).toMatchObject({ drawn: inputTokens + 16, held: 0 })
  })

  test('of zero is zero', async () => {
    const { small } = await market({ usage: 'zero' })
    await asked(small, ways[0]!)
    expect(small.tokens()).toMatchObject({ drawn: 0, held: 0 })
    expect(small.captures).toHaveLength(1)
    expect(small.reports).toMatchObject([{ outcome: 'completed', inputTokens: 0, outputTokens: 0, isEstimated: false }])
  })
})

test('what an upstream said of its failure is in no log, however much of the prompt it repeats', async () => {
  const { small } = await market({ fail: 'error', after: 0 })
  await asked(small, ways[0]!)
  expect(small.logged.join('')).toContain('upstream failed: reported')
  expect(small.logged.join('')).not.toContain('The simulated upstream failed.')
})

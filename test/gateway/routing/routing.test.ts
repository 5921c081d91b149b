import { describe, expect, test } from 'vitest'
import type { Asked, Result, Routing } from '../../../gateway/routing/routing.ts'
import type { SupplierEndpoint } from '../../../schemas/suppliers/records.ts'
import { microdollars } from '../../../schemas/units.ts'
import { asked, chances, endpointOf, routingOf, standingOf } from './places.ts'

const chosen = (routing: Routing, changes: Partial<Asked> = {}): string | null =>
  routing.choose(asked(changes))?.endpoint.endpointId ?? null

function serve (routing: Routing, id: string, { now, ...result }: Result & { readonly now: number }): void {
  routing.end(routing.begin(id, { inputTokens: 10, now })!, result, now)
}

const ok = (now: number, firstTokenMs = 100) => ({ kind: 'ok', firstTokenMs, durationMs: 1000, tokens: 10, now } as const)
const failed = (now: number) => ({ kind: 'failed', failure: 'status', now } as const)

/** How many of so many requests went to each endpoint, by its number. */
function shares (routing: Routing, requests: number, numbers: readonly number[]): number[] {
  const chance = chances(7)
  const counts = new Map<string, number>()
  for (let at = 0; at < requests; at++) {
    const id = chosen(routing, { draws: [chance(), chance()] })!
    counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  return numbers.map(number => (counts.get(`endpoint_${number}`) ?? 0) / requests)
}

describe('eligible', () => {
  const cases: ReadonlyArray<readonly [string, Partial<SupplierEndpoint>, Partial<Asked>]> = [
    ['inactive', { isActive: false }, {}],
    ['managed', { managedPrice: microdollars(750_000) }, {}],
    ['managed', {}, { isManaged: true }],
    ['no_public_url', {}, { needsPublicUrl: true }],
    ['tried', {}, { tried: new Set(['endpoint_1']) }]
  ]

  test.each(cases)('is not what is %s (%j, %j)', (why, endpoint, question) => {
    const routing = routingOf(endpointOf(1, endpoint))
    expect(chosen(routing, question)).toBeNull()
    expect([...routing.obstacles(asked(question))]).toEqual([['endpoint_1', why]])
  })

  test('is what has a public URL, or is managed, where that is asked for', () => {
    const routing = routingOf(endpointOf(1, { publicUrl: 'https://p', managedPrice: microdollars(1) }), endpointOf(2))
    expect(chosen(routing, { needsPublicUrl: true, isManaged: true })).toBe('endpoint_1')
    expect(chosen(routing)).toBe('endpoint_2')
  })

  test('is nothing for an instrument that nobody serves', () => {
    expect(chosen(routingOf())).toBeNull()
  })

  test('follows the standing, which may come before the endpoint', () => {
    const routing = routingOf()
    routing.setStanding(standingOf(1, 'suspended'))
    routing.setEndpoint(endpointOf(1))
    expect(chosen(routing)).toBeNull()
    routing.setStanding(standingOf(1, 'good', 0))
    expect(chosen(routing)).toBeNull()
    routing.removeStanding(standingOf(1, 'good'))
    expect(chosen(routing)).toBe('endpoint_1')
  })

  test('is what is below its own number of requests at once', () => {
    const routing = routingOf(endpointOf(1, { inFlightMax: 2 }))
    const [first] = [routing.begin('endpoint_1', asked())!, routing.begin('endpoint_1', asked())!]
    expect(chosen(routing)).toBeNull()
    routing.end(first, ok(1000), 1000)
    expect(chosen(routing)).toBe('endpoint_1')
  })

  test('is what has some of its minute left', () => {
    const routing = routingOf(endpointOf(1, { requestsPerMinute: 2 }), endpointOf(2, { requestsPerMinute: 60 }))
    for (let count = 0; count < 2; count++) serve(routing, 'endpoint_1', ok(1000))
    const tried = new Set(['endpoint_2'])
    expect(chosen(routing, { tried })).toBeNull()
    expect(chosen(routing, { tried, now: 30_999 })).toBeNull()
    expect(chosen(routing, { tried, now: 31_000 })).toBe('endpoint_1')
  })

  test('counts what was made, and lets one pass that is larger than the whole minute', () => {
    const routing = routingOf(endpointOf(1, { tokensPerMinute: 600 }))
    expect(chosen(routing, { inputTokens: 100_000 })).toBe('endpoint_1')
    routing.end(routing.begin('endpoint_1', asked())!, { ...ok(1000), tokens: 1210 }, 1000)
    expect(routing.viewOf('endpoint_1', 1000)!.tokensLeft).toBe(-610)
    expect(chosen(routing, { inputTokens: 1, now: 62_000 })).toBeNull()
    expect(chosen(routing, { inputTokens: 1, now: 62_200 })).toBe('endpoint_1')
  })
})

describe('two choices', () => {
  const [low, high] = [0, 0.99]

  test('take the one with less under way', () => {
    const routing = routingOf(endpointOf(1), endpointOf(2))
    routing.begin('endpoint_1', asked())
    expect(chosen(routing, { draws: [low, high] })).toBe('endpoint_2')
    expect(chosen(routing, { draws: [low, low] })).toBe('endpoint_1')
  })

  test('take the faster one, and one that has not answered yet for a middling one', () => {
    const routing = routingOf(endpointOf(1), endpointOf(2), endpointOf(3))
    serve(routing, 'endpoint_1', ok(1000, 400))
    serve(routing, 'endpoint_2', ok(1000, 200))
    expect(chosen(routing, { draws: [0, 0.5] })).toBe('endpoint_2')
    // The median of two is the lower: 200 ms.
    expect(chosen(routing, { draws: [0, high] })).toBe('endpoint_3')
    expect(chosen(routing, { draws: [0.5, high] })).toBe('endpoint_2')
  })

  test('follow the weights', () => {
    const routing = routingOf(endpointOf(1), endpointOf(2))
    routing.setStanding(standingOf(1, 'good', 300))
    // Two that are equal: the first drawn is taken.
    const [first, second] = shares(routing, 4000, [1, 2])
    expect(first).toBeCloseTo(0.75, 1)
    expect(second).toBeCloseTo(0.25, 1)
  })

  test('give one on probation a tenth of its weight', () => {
    const routing = routingOf(endpointOf(1), endpointOf(2))
    routing.setStanding(standingOf(2, 'probation'))
    expect(shares(routing, 4000, [2])[0]).toBeCloseTo(1 / 11, 1)
  })

  test('send little to what is slow, but something', () => {
    const routing = routingOf(...[1, 2, 3, 4].map(number => endpointOf(number)))
    for (const number of [1, 2, 3, 4]) serve(routing, `endpoint_${number}`, ok(1000, number === 1 ? 900 : 100))
    expect(shares(routing, 4000, [1])[0]).toBeCloseTo(1 / 16, 1)
  })

  test('forget that one was slow when it no longer is', () => {
    const routing = routingOf(endpointOf(1))
    serve(routing, 'endpoint_1', ok(1000, 5000))
    for (let at = 1; at <= 20; at++) serve(routing, 'endpoint_1', ok(1000 + at, 100))
    expect(routing.viewOf('endpoint_1', 1100)!.latencyMs).toBeLessThan(200)
    serve(routing, 'endpoint_1', ok(90_000, 300))
    expect(routing.viewOf('endpoint_1', 90_000)!.latencyMs).toBeCloseTo(300, 0)
  })

  test('count what a client waited in vain', () => {
    const routing = routingOf(endpointOf(1))
    serve(routing, 'endpoint_1', ok(1000, 100))
    const attempt = routing.begin('endpoint_1', asked())!
    routing.end(attempt, { kind: 'aborted', firstTokenMs: null, tokens: null }, 21_000)
    expect(routing.viewOf('endpoint_1', 21_000)!.latencyMs).toBeGreaterThan(10_000)
  })
})

describe('a conversation', () => {
  const keys = Array.from({ length: 2000 }, (_, at) => Math.imul(at, 0x9e3779b1) >>> 0)
  const placesOf = (routing: Routing): (string | null)[] => keys.map(stickyKey => chosen(routing, { stickyKey }))

  test('stays where it is, whatever is drawn', () => {
    const routing = routingOf(endpointOf(1), endpointOf(2), endpointOf(3))
    for (const stickyKey of keys.slice(0, 50)) {
      const places = [0, 0.4, 0.9].map(chance => chosen(routing, { stickyKey, draws: [chance, chance] }))
      expect(new Set(places).size).toBe(1)
    }
  })

  test('moves only when its own endpoint goes, and comes back with it', () => {
    const routing = routingOf(endpointOf(1), endpointOf(2), endpointOf(3))
    const before = placesOf(routing)
    routing.removeEndpoint('endpoint_2')
    const after = placesOf(routing)
    expect(after.every((place, at) => place === before[at] || before[at] === 'endpoint_2')).toBe(true)
    routing.setEndpoint(endpointOf(2))
    expect(placesOf(routing)).toEqual(before)
  })

  test('is spread by weight', () => {
    const routing = routingOf(endpointOf(1), endpointOf(2))
    routing.setStanding(standingOf(1, 'good', 300))
    expect(placesOf(routing).filter(place => place === 'endpoint_1').length / keys.length).toBeCloseTo(0.75, 1)
  })

  test('goes on to its next endpoint when its own has a quarter more than its share, or was tried', () => {
    const routing = routingOf(...[1, 2, 3, 4].map(number => endpointOf(number)))
    const stickyKey = 42
    const own = chosen(routing, { stickyKey })!
    expect(chosen(routing, { stickyKey, tried: new Set([own]) })).not.toBe(own)
    for (let count = 0; count < 40; count++) {
      const id = chosen(routing, { stickyKey })!
      routing.begin(id, asked())
    }
    const most = routing.viewOf(own, 1000)!.inFlight
    expect(most).toBe(Math.ceil(1.25 * 40 / 4))
  })
})

describe('an endpoint that fails', () => {
  test('is left alone after five failures in a row, and tried by one request after a second', () => {
    const routing = routingOf(endpointOf(1))
    for (let count = 0; count < 5; count++) serve(routing, 'endpoint_1', failed(1000))
    expect(chosen(routing, { now: 1999 })).toBeNull()
    expect(chosen(routing, { now: 2000 })).toBe('endpoint_1')
    const probe = routing.begin('endpoint_1', asked({ now: 2000 }))!
    expect([...routing.obstacles(asked({ now: 2000 })).values()]).toEqual(['breaker'])
    routing.end(probe, ok(2100), 2100)
    expect(chosen(routing, { now: 2100 })).toBe('endpoint_1')
    expect(routing.viewOf('endpoint_1', 2100)).toMatchObject({ breaker: 'closed', failuresInRow: 0 })
  })

  test('that asks to be left alone is, as long as it says, and nothing is held against it', () => {
    const routing = routingOf(endpointOf(1))
    serve(routing, 'endpoint_1', { kind: 'limited', retryAfterMs: 3000, now: 1000 })
    serve(routing, 'endpoint_1', { kind: 'limited', retryAfterMs: null, now: 1000 })
    expect([chosen(routing, { now: 3999 }), chosen(routing, { now: 4000 })]).toEqual([null, 'endpoint_1'])
    expect(routing.viewOf('endpoint_1', 4000)).toMatchObject({ failuresInRow: 0, counts: { limited: 2, failed: 0 } })
    serve(routing, 'endpoint_1', { kind: 'limited', retryAfterMs: 10 ** 12, now: 4000 })
    expect(chosen(routing, { now: 604_000 })).toBe('endpoint_1')
  })

  test('begins anew at another URL, with what is in flight', () => {
    const routing = routingOf(endpointOf(1))
    const old = routing.begin('endpoint_1', asked())!
    for (let count = 0; count < 5; count++) serve(routing, 'endpoint_1', failed(1000))
    routing.setEndpoint(endpointOf(1, { url: 'https://elsewhere.example' }))
    expect(routing.viewOf('endpoint_1', 1000)).toMatchObject({ breaker: 'closed', inFlight: 1 })
    for (let count = 0; count < 4; count++) serve(routing, 'endpoint_1', failed(1000))
    routing.end(old, { kind: 'failed', failure: 'cut' }, 1000)
    expect(routing.viewOf('endpoint_1', 1000)).toMatchObject({ breaker: 'closed', inFlight: 0, failuresInRow: 4 })
  })
})

describe('an attempt', () => {
  test('ends once', () => {
    const routing = routingOf(endpointOf(1))
    const attempt = routing.begin('endpoint_1', asked())!
    routing.end(attempt, ok(1000), 1000)
    routing.end(attempt, { kind: 'failed', failure: 'cut' }, 1000)
    expect(routing.viewOf('endpoint_1', 1000)!.counts).toEqual({ begun: 1, ok: 1, failed: 0, limited: 0, aborted: 0 })
    routing.validate()
  })

  test('at an endpoint that has gone is none, and ends without a trace', () => {
    const routing = routingOf(endpointOf(1))
    const attempt = routing.begin('endpoint_1', asked())!
    routing.removeEndpoint('endpoint_1')
    expect(routing.begin('endpoint_1', asked())).toBeNull()
    routing.setEndpoint(endpointOf(1))
    routing.end(attempt, ok(1000), 1000)
    expect(routing.viewOf('endpoint_1', 1000)!.counts.ok).toBe(0)
    routing.validate()
  })

  test('is not undone by a clock that goes back', () => {
    const routing = routingOf(endpointOf(1, { requestsPerMinute: 1 }))
    serve(routing, 'endpoint_1', ok(100_000))
    expect(chosen(routing, { now: 0 })).toBeNull()
    expect(chosen(routing, { now: 160_000 })).toBe('endpoint_1')
  })
})

// Routing against its naive twin: the same choice, the same standing of every endpoint, after every single step.

import { expect, test } from 'vitest'
import fc from 'fast-check'
import { obstacle, Routing, type Asked, type Attempt, type Result } from '../../gateway/routing/routing.ts'
import { standing, type SupplierEndpoint, type SupplierStanding } from '../../schemas/suppliers/records.ts'
import { holderId, instant, instrumentId, microdollars } from '../../schemas/units.ts'
import { RoutingNaive } from './routing-naive.ts'

const numRuns = Number(process.env['ROUTING_SEQUENCES'] ?? 300)
const seed = 20_261_122
const timeoutMs = 30_000 + numRuns * 20

const instruments = ['text-prime', 'code-max'].map(instrumentId)
const one = <T>(...all: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...all)
const rarely = <T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: one(...others) })

const endpoints: fc.Arbitrary<SupplierEndpoint> = fc.record({
  kind: fc.constant('supplier-endpoint' as const),
  endpointId: one('endpoint_a', 'endpoint_b', 'endpoint_c', 'endpoint_d'),
  supplier: one(1, 2, 3).map(holderId),
  instrumentId: rarely(instruments[0]!, instruments[1]!),
  url: rarely('https://one', 'https://two'),
  publicUrl: one('https://public', null),
  models: fc.constant(['m']),
  inFlightMax: one(null, 1, 3),
  requestsPerMinute: one(null, 2, 10),
  tokensPerMinute: one(null, 100, 5000),
  tlsPin: fc.constant(null),
  managedPrice: rarely(null, microdollars(750_000)),
  isActive: rarely(true, false),
  createdAt: fc.constant(instant(1)),
  updatedAt: fc.constant(instant(1))
})

/** `failures`: how many there are for one of each other kind. */
const results = (failures: number): fc.Arbitrary<Result> => fc.oneof(
  fc.record({
    kind: fc.constant('ok' as const),
    firstTokenMs: fc.integer({ min: 1, max: 4000 }),
    durationMs: fc.nat(9000),
    tokens: fc.nat(4000)
  }),
  { weight: failures, arbitrary: fc.constant({ kind: 'failed', failure: 'cut' } as const) },
  fc.record({ kind: fc.constant('limited' as const), retryAfterMs: one(null, 0, 3000, 10_000_000) }),
  fc.record({ kind: fc.constant('aborted' as const), firstTokenMs: one(null, 50), tokens: one(null, 700) })
)

const chance = fc.double({ min: 0, max: 0.999_999, noNaN: true })

const asks = fc.record({
  instrumentId: rarely(instruments[0]!, instruments[1]!),
  stickyKey: fc.option(fc.nat(2 ** 32 - 1)),
  tried: fc.subarray(['endpoint_a', 'endpoint_b'], { maxLength: 1 }).map(ids => new Set(ids)),
  needsPublicUrl: rarely(false, true),
  isManaged: rarely(false, true),
  inputTokens: one(1, 50, 400, 6000),
  draws: fc.tuple(chance, chance)
})

const steps = (failures: number) => fc.oneof(
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('ask' as const), asked: asks, begins: rarely(true, false) }) },
  {
    weight: 20,
    arbitrary: fc.record({ kind: fc.constant('end' as const), which: fc.nat(9), result: results(failures) })
  },
  fc.record({ kind: fc.constant('endpoint' as const), endpoint: endpoints }),
  fc.record({
    kind: fc.constant('standing' as const),
    supplier: one(1, 2, 3).map(holderId),
    standing: one(...standing, 'words of another release'),
    weight: one(0, 1, 100, 1000)
  }),
  fc.record({ kind: fc.constant('remove' as const), endpointId: one('endpoint_a', 'endpoint_b') })
)
type Step = ReturnType<typeof steps> extends fc.Arbitrary<infer Each> ? Each : never

const sequences = one(1, 2, 12).chain(failures => fc.tuple(
  fc.array(endpoints, { minLength: 2, maxLength: 5 }),
  fc.array(fc.tuple(one(0, 1, 30, 400, 2500, 31_000), steps(failures)), { minLength: 20, maxLength: 200, size: 'max' })
))

type Begun = { readonly attempt: Attempt, readonly number: number, readonly at: number }

class Pair {
  readonly routing = new Routing()
  readonly naive = new RoutingNaive()
  readonly begun: Begun[] = []
  now = 100_000

  take (step: Step): void {
    const { routing, naive } = this
    switch (step.kind) {
      case 'endpoint':
        for (const each of [routing, naive]) each.setEndpoint(step.endpoint)
        break
      case 'remove':
        for (const each of [routing, naive]) each.removeEndpoint(step.endpointId)
        break
      case 'standing': {
        const said: SupplierStanding =
          { ...step, kind: 'supplier-standing', instrumentId: instruments[0]!, updatedAt: instant(1) }
        routing.setStanding(said)
        naive.standings.push(said)
        break
      }
      case 'ask':
        this.#ask({ ...step.asked, now: this.now }, step.begins)
        break
      case 'end':
        if (this.begun.length > 0) this.#end(this.begun[step.which % this.begun.length]!, step.result)
    }
  }

  #ask (asked: Asked, begins: boolean): void {
    const { routing, naive } = this
    const chosen = routing.choose(asked)?.endpoint.endpointId ?? null
    expect(chosen).toBe(naive.choose(asked))
    const all = [...naive.known.values()].filter(({ endpoint }) => endpoint.instrumentId === asked.instrumentId)
    expect(routing.obstacles(asked).size).toBe(all.length - naive.eligible(asked).length)
    if (chosen === null || !begins) return
    const attempt = routing.begin(chosen, asked)!
    this.begun.push({ attempt, number: naive.begin(chosen, asked), at: this.now })
  }

  #end ({ attempt, number, at: began }: Begun, result: Result): void {
    this.routing.end(attempt, result, this.now)
    const { endpointId, inputTokens } = attempt
    this.naive.end(endpointId, { kind: 'end', attempt: number, at: this.now, began, result }, inputTokens)
  }

  view (): object[] {
    const seen = this.routing.view(this.now)
    return seen.sort((a, b) => a.endpointId < b.endpointId ? -1 : 1).map(view => {
      const { endpointId, inFlight, breaker, failuresInRow, latencyMs, pausedMs } = view
      return { endpointId, inFlight, breaker, failuresInRow, latencyMs, pausedMs }
    })
  }
}

test('routing agrees with a list of all that happened', () => {
  const said = new Set<string>()
  fc.assert(fc.property(sequences, ([first, later]) => {
    const pair = new Pair()
    for (const endpoint of first) pair.take({ kind: 'endpoint', endpoint })
    for (const [ms, step] of later) {
      pair.now += ms
      pair.take(step)
      pair.routing.validate()
      expect(pair.view()).toEqual(pair.naive.view(pair.now))
      if (step.kind !== 'ask') continue
      for (const why of pair.routing.obstacles({ ...step.asked, now: pair.now }).values()) said.add(why)
    }
    for (const { breaker } of pair.routing.view(pair.now)) said.add(breaker)
  }), { seed, numRuns })
  // A sequence that never came to something would judge nothing of it.
  expect([...said].sort()).toEqual([...obstacle, 'closed', 'half_open', 'open'].sort())
}, timeoutMs)

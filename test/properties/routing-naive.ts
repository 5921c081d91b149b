// The rules of routing a second time, from a list of all that happened to each endpoint: every question is answered by
// going through that list from its beginning.

import type { Asked, BreakerState, Result } from '../../gateway/routing/routing.ts'
import { chanceOf, textHash } from '../../gateway/routing/hash.ts'
import type { SupplierEndpoint, SupplierStanding } from '../../schemas/suppliers/records.ts'

type Happened =
  | { readonly kind: 'begin', readonly attempt: number, readonly at: number }
  | { readonly kind: 'end', readonly attempt: number, readonly at: number, readonly began: number, readonly result: Result }
type Taken = { readonly at: number, readonly amount: number }

type Known = {
  endpoint: SupplierEndpoint
  /** Of its present URL. */
  happened: Happened[]
  requests: Taken[]
  tokens: Taken[]
  open: Set<number>
  urlSince: number
}

type Broken = { state: BreakerState, mayPass: boolean, inRow: number }

/** The breaker as the events leave it at an instant. */
function breakerAfter (happened: readonly Happened[], now: number): Broken {
  let [openUntil, backOff, closedAt, inRow]: [number | null, number, number, number] = [null, 0, -60_000, 0]
  let probe: number | null = null
  let counting = new Set<number>()
  let results: { at: number, isFailure: boolean }[] = []
  const slot = (at: number): number => Math.floor(at / 3000)
  for (const event of happened) {
    if (event.kind === 'begin') {
      if (openUntil === null) {
        counting.add(event.attempt)
      } else if (event.at >= openUntil && probe === null) {
        probe = event.attempt
        counting = new Set([probe])
      }
      continue
    }
    if (!counting.has(event.attempt)) continue
    const { at, result: { kind } } = event
    if (kind === 'limited' || kind === 'aborted') {
      probe = null
      continue
    }
    results.push({ at, isFailure: kind === 'failed' })
    if (kind === 'ok' && openUntil !== null) {
      [openUntil, closedAt, inRow, probe, counting, results] = [null, at, 0, null, new Set(), []]
    } else if (kind === 'ok') {
      inRow = 0
    } else {
      inRow++
      const recent = results.filter(each => slot(each.at) > slot(at) - 10)
      const failures = recent.filter(({ isFailure }) => isFailure).length
      const isBad = inRow >= 5 || (recent.length >= 20 && failures > recent.length / 2)
      if (openUntil === null && !isBad) continue
      backOff = openUntil === null && at - closedAt >= 60_000 ? 1000 : Math.min(60_000, Math.max(1000, 2 * backOff))
      ;[openUntil, probe, counting] = [at + backOff, null, new Set()]
    }
  }
  const state = openUntil === null ? 'closed' : now < openUntil ? 'open' : 'half_open'
  return { state, mayPass: state === 'closed' || (state === 'half_open' && probe === null), inRow }
}

/** What it adds, given the average before; null: nothing. */
type Sample = { readonly at: number, readonly value: (before: number | null) => number | null }

/** An average in which each sample has its share, by how long it is since the last. */
function average (samples: readonly Sample[]): number | null {
  let value: number | null = null
  let last = 0
  for (const sample of samples) {
    const next = sample.value(value)
    if (next === null) continue
    value = value === null ? next : value + (next - value) * Math.max(0.2, 1 - Math.exp(-(sample.at - last) / 10_000))
    last = sample.at
  }
  return value
}

function latencyAfter (happened: readonly Happened[]): number | null {
  return average(happened.flatMap(event => {
    if (event.kind === 'begin') return []
    const { at, began, result } = event
    if (result.kind === 'ok') return [{ at, value: () => result.firstTokenMs }]
    if (result.kind !== 'aborted') return []
    if (result.firstTokenMs !== null) return [{ at, value: () => result.firstTokenMs }]
    return [{ at, value: (before: number | null) => at - began > (before ?? 0) ? at - began : null }]
  }))
}

const pausedUntil = (happened: readonly Happened[]): number => Math.max(0, ...happened.map(event =>
  event.kind === 'end' && event.result.kind === 'limited'
    ? event.at + Math.min(600_000, event.result.retryAfterMs ?? 1000)
    : 0))

/** In sixty-thousandths. */
function debt (taken: readonly Taken[], perMinute: number, now: number): number {
  let [sum, last] = [0, 0]
  for (const { at, amount } of [...taken, { at: now, amount: 0 }]) {
    sum = Math.max(0, Math.max(0, sum - perMinute * (at - last)) + amount * 60_000)
    last = at
  }
  return sum
}

type Limit = { readonly perMinute: number | null, readonly now: number }

const has = (amount: number, taken: readonly Taken[], { perMinute, now }: Limit): boolean =>
  perMinute === null || debt(taken, perMinute, now) + Math.min(amount, perMinute) * 60_000 <= perMinute * 60_000

type Eligible = { readonly known: Known, readonly weight: number, readonly inFlight: number, readonly id: string }

export class RoutingNaive {
  readonly known = new Map<string, Known>()
  readonly standings: SupplierStanding[] = []
  #attempts = 0

  setEndpoint (endpoint: SupplierEndpoint): void {
    const known = this.known.get(endpoint.endpointId)
    if (known?.endpoint.instrumentId !== endpoint.instrumentId) {
      this.known.set(endpoint.endpointId, {
        endpoint, happened: [], requests: [], tokens: [], open: new Set(), urlSince: this.#attempts
      })
      return
    }
    if (known.endpoint.url !== endpoint.url) Object.assign(known, { happened: [], urlSince: this.#attempts })
    if (known.endpoint.requestsPerMinute !== endpoint.requestsPerMinute) known.requests = []
    if (known.endpoint.tokensPerMinute !== endpoint.tokensPerMinute) known.tokens = []
    known.endpoint = endpoint
  }

  removeEndpoint (endpointId: string): void {
    this.known.delete(endpointId)
  }

  weight ({ endpoint }: Known): number {
    const { supplier, instrumentId } = endpoint
    const judged = this.standings.findLast(each => each.supplier === supplier && each.instrumentId === instrumentId)
    if (judged === undefined) return 1000
    if (judged.standing === 'suspended') return 0
    return judged.standing === 'good' || judged.standing === 'unrated' ? judged.weight * 10 : judged.weight
  }

  eligible (asked: Asked): Eligible[] {
    const { now, inputTokens } = asked
    return [...this.known].sort(([a], [b]) => a < b ? -1 : 1)
      .filter(([id, known]) => {
        const { endpoint } = known
        return endpoint.instrumentId === asked.instrumentId && endpoint.isActive && this.weight(known) > 0 &&
          !asked.tried.has(id) && (endpoint.publicUrl !== null || !asked.needsPublicUrl) &&
          (endpoint.managedPrice === null ? !asked.isManaged : asked.isManaged) &&
          known.open.size < (endpoint.inFlightMax ?? Infinity) && pausedUntil(known.happened) <= now &&
          breakerAfter(known.happened, now).mayPass &&
          has(1, known.requests, { perMinute: endpoint.requestsPerMinute, now }) &&
          has(inputTokens, known.tokens, { perMinute: endpoint.tokensPerMinute, now })
      })
      .map(([id, known]) => ({ id, known, weight: this.weight(known), inFlight: known.open.size }))
  }

  choose (asked: Asked): string | null {
    const eligible = this.eligible(asked)
    if (eligible.length === 0) return null
    const tickets = eligible.flatMap(each => Array.from({ length: each.weight }, () => each))
    if (asked.stickyKey !== null) return this.#preferred(eligible, tickets.length, asked.stickyKey)
    const times = [...this.known.values()].filter(({ endpoint }) => endpoint.instrumentId === asked.instrumentId)
      .flatMap(({ happened }) => latencyAfter(happened) ?? []).sort((a, b) => a - b)
    const unknown = times[Math.ceil(times.length / 2) - 1] ?? 500
    const burden = ({ known, inFlight }: Eligible): number => (inFlight + 1) * (latencyAfter(known.happened) ?? unknown)
    const draw = (chance: number): Eligible => tickets[Math.floor(chance * tickets.length)]!
    const [first, second] = [draw(asked.draws[0]), draw(asked.draws[1])]
    return burden(second) < burden(first) ? second.id : first.id
  }

  #preferred (eligible: readonly Eligible[], whole: number, key: number): string {
    const all = eligible.reduce((sum, { inFlight }) => sum + inFlight, 0)
    return eligible.map(each => ({ ...each, preference: -each.weight / Math.log(chanceOf(key, textHash(each.id))) }))
      .sort((a, b) => b.preference - a.preference)
      .find(({ inFlight, weight }) => inFlight < Math.ceil(1.25 * (all + 1) * weight / whole))!.id
  }

  /** Names the attempt. */
  begin (endpointId: string, { inputTokens, now }: Asked): number {
    const attempt = this.#attempts++
    const known = this.known.get(endpointId)!
    known.open.add(attempt)
    known.happened.push({ kind: 'begin', attempt, at: now })
    known.requests.push({ at: now, amount: 1 })
    known.tokens.push({ at: now, amount: inputTokens })
    return attempt
  }

  end (endpointId: string, ended: Extract<Happened, { kind: 'end' }>, inputTokens: number): void {
    const known = this.known.get(endpointId)
    const { attempt, at, result } = ended
    if (known === undefined || !known.open.delete(attempt)) return
    if (attempt >= known.urlSince) known.happened.push(ended)
    if ('tokens' in result && result.tokens !== null) known.tokens.push({ at, amount: result.tokens - inputTokens })
  }

  view (now: number): object[] {
    return [...this.known].sort(([a], [b]) => a < b ? -1 : 1).map(([endpointId, { happened, open }]) => {
      const { state, inRow } = breakerAfter(happened, now)
      const pausedMs = Math.max(0, pausedUntil(happened) - now)
      const latencyMs = latencyAfter(happened)
      return { endpointId, inFlight: open.size, breaker: state, failuresInRow: inRow, latencyMs, pausedMs }
    })
  }
}

// Which endpoint serves a request (README, R1 to R10). Fed with endpoints and standings as they are written down and
// with what became of each attempt; time and chance are given with each call.

import {
  weightDefault, weightMax, type SupplierEndpoint, type SupplierStanding
} from '../../schemas/suppliers/records.ts'
import type { HolderId, InstrumentId } from '../../schemas/units.ts'
import type { BreakerState } from './breaker.ts'
import type { Result } from './conduct.ts'
import { drawn, preferred } from './draw.ts'
import { Seat, type Attempt, type Obstacle, type SeatCounts } from './seat.ts'

export type { BreakerState } from './breaker.ts'
export { failure, type Failure, type Result } from './conduct.ts'
export { obstacle, type Attempt, type Obstacle } from './seat.ts'

export type Asked = {
  readonly instrumentId: InstrumentId
  /** A hash of what keeps a conversation at one endpoint; null: any will do. */
  readonly stickyKey: number | null
  /** Endpoints that this request has been to. */
  readonly tried: ReadonlySet<string>
  /** Whether the client is to be sent there. */
  readonly needsPublicUrl: boolean
  /** Whether a managed endpoint is to serve it; else none does. */
  readonly isManaged: boolean
  readonly inputTokens: number
  readonly now: number
  /** Two chances, from 0, below 1. */
  readonly draws: readonly [number, number]
}

export type Choice = { readonly endpoint: SupplierEndpoint, readonly isSticky: boolean }

/** An endpoint as this process sees it. */
export type EndpointView = {
  readonly endpointId: string
  readonly supplier: HolderId
  readonly instrumentId: InstrumentId
  readonly inFlight: number
  readonly breaker: BreakerState
  readonly failuresInRow: number
  /** How long it is left alone after a 429; 0: it is not. */
  readonly pausedMs: number
  /** Milliseconds to the first token, and to the last; null until it has answered. */
  readonly latencyMs: number | null
  readonly durationMs: number | null
  /** What is left of a minute's allowance; null where there is none. */
  readonly requestsLeft: number | null
  readonly tokensLeft: number | null
  readonly counts: SeatCounts
}

const latencyMsDefault = 500
const tenths = 10

const standingKey = (supplier: HolderId, instrumentId: InstrumentId): string => `${supplier}/${instrumentId}`
const byId = (a: Seat, b: Seat): number => a.endpoint.endpointId < b.endpoint.endpointId ? -1 : 1

/** In tenths of the weight that is written down (R2). */
function weightOf (judged: SupplierStanding | undefined): number {
  if (judged === undefined) return weightDefault * tenths
  const weight = Math.min(weightMax, Math.max(0, judged.weight))
  switch (judged.standing) {
    case 'suspended': return 0
    case 'good':
    case 'unrated': return weight * tenths
    default: return weight
  }
}

export class Routing {
  readonly #seats = new Map<string, Seat>()
  /** By id within an instrument. */
  readonly #byInstrument = new Map<InstrumentId, Seat[]>()
  readonly #standings = new Map<string, SupplierStanding>()
  #now = 0

  /** New, or changed. */
  setEndpoint (endpoint: SupplierEndpoint): void {
    const before = this.endpoint(endpoint.endpointId)
    if (before?.instrumentId !== endpoint.instrumentId) this.removeEndpoint(endpoint.endpointId)
    const known = this.#seats.get(endpoint.endpointId)
    const seat = known ?? new Seat(endpoint)
    seat.change(endpoint)
    seat.weight = weightOf(this.#standings.get(standingKey(endpoint.supplier, endpoint.instrumentId)))
    if (known !== undefined) return
    this.#seats.set(endpoint.endpointId, seat)
    const others = this.#byInstrument.get(endpoint.instrumentId) ?? []
    this.#byInstrument.set(endpoint.instrumentId, [...others, seat].sort(byId))
  }

  removeEndpoint (endpointId: string): void {
    const seat = this.#seats.get(endpointId)
    if (seat === undefined) return
    this.#seats.delete(endpointId)
    const { instrumentId } = seat.endpoint
    const others = this.#byInstrument.get(instrumentId)!.filter(other => other !== seat)
    if (others.length === 0) this.#byInstrument.delete(instrumentId)
    else this.#byInstrument.set(instrumentId, others)
  }

  setStanding (standing: SupplierStanding): void {
    this.#standings.set(standingKey(standing.supplier, standing.instrumentId), standing)
    this.#weigh(standing)
  }

  removeStanding (standing: Pick<SupplierStanding, 'supplier' | 'instrumentId'>): void {
    this.#standings.delete(standingKey(standing.supplier, standing.instrumentId))
    this.#weigh(standing)
  }

  #weigh ({ supplier, instrumentId }: Pick<SupplierStanding, 'supplier' | 'instrumentId'>): void {
    const weight = weightOf(this.#standings.get(standingKey(supplier, instrumentId)))
    for (const seat of this.#byInstrument.get(instrumentId) ?? []) {
      if (seat.endpoint.supplier === supplier) seat.weight = weight
    }
  }

  /** Time never goes back here (R9), and is whole. */
  #at (now: number): number {
    this.#now = Math.max(this.#now, Math.floor(now))
    return this.#now
  }

  #obstacle (seat: Seat, asked: Asked, now: number): Obstacle | null {
    const { endpoint } = seat
    if (!endpoint.isActive) return 'inactive'
    if (seat.weight === 0) return 'no_weight'
    if ((endpoint.managedPrice !== null) !== asked.isManaged) return 'managed'
    if (asked.needsPublicUrl && endpoint.publicUrl === null) return 'no_public_url'
    if (asked.tried.has(endpoint.endpointId)) return 'tried'
    return seat.obstacle(asked.inputTokens, now)
  }

  /** Null: nothing is eligible now; `obstacles` says why. */
  choose (asked: Asked): Choice | null {
    const now = this.#at(asked.now)
    const all = this.#byInstrument.get(asked.instrumentId) ?? []
    const eligible = all.filter(seat => this.#obstacle(seat, asked, now) === null)
    if (eligible.length === 0) return null
    const { stickyKey } = asked
    const seat = stickyKey === null ? this.#lessBusy(eligible, all, asked) : preferred(eligible, stickyKey)
    return { endpoint: seat.endpoint, isSticky: stickyKey !== null }
  }

  #lessBusy (eligible: readonly Seat[], all: readonly Seat[], { draws }: Asked): Seat {
    const [first, second] = [drawn(eligible, draws[0]), drawn(eligible, draws[1])]
    if (first === second) return first
    const unknown = this.#median(all)
    const burden = ({ inFlight, conduct }: Seat): number => (inFlight + 1) * (conduct.latency.value ?? unknown)
    return burden(second) < burden(first) ? second : first
  }

  /** The lower one where there are two. */
  #median (all: readonly Seat[]): number {
    const known = all.map(({ conduct }) => conduct.latency.value).filter(value => value !== null).sort((a, b) => a - b)
    return known[(known.length - 1) >> 1] ?? latencyMsDefault
  }

  /** What stands in the way of each endpoint of the instrument that is not eligible. */
  obstacles (asked: Asked): ReadonlyMap<string, Obstacle> {
    const now = this.#at(asked.now)
    const all = this.#byInstrument.get(asked.instrumentId) ?? []
    return new Map(all.flatMap(seat => {
      const obstacle = this.#obstacle(seat, asked, now)
      return obstacle === null ? [] : [[seat.endpoint.endpointId, obstacle] as const]
    }))
  }

  /** Null where the endpoint has gone. Whoever waits between choice and beginning may exceed a limit. */
  begin (endpointId: string, { inputTokens, now }: Pick<Asked, 'inputTokens' | 'now'>): Attempt | null {
    return this.#seats.get(endpointId)?.begin(inputTokens, this.#at(now)) ?? null
  }

  /** The first result counts (R8). */
  end (attempt: Attempt, result: Result, now: number): void {
    this.#seats.get(attempt.endpointId)?.end(attempt, result, this.#at(now))
  }

  endpoint (endpointId: string): SupplierEndpoint | undefined {
    return this.#seats.get(endpointId)?.endpoint
  }

  #view (seat: Seat, now: number): EndpointView {
    const { endpoint: { endpointId, supplier, instrumentId }, inFlight } = seat
    const { breaker, latency, duration } = seat.conduct
    const { requests, tokens } = seat.left(now)
    return {
      endpointId,
      supplier,
      instrumentId,
      inFlight,
      breaker: breaker.state(now),
      failuresInRow: breaker.failuresInRow,
      pausedMs: seat.conduct.pausedMs(now),
      latencyMs: latency.value,
      durationMs: duration.value,
      requestsLeft: requests,
      tokensLeft: tokens,
      counts: { ...seat.counts }
    }
  }

  view (now: number): EndpointView[] {
    const at = this.#at(now)
    return [...this.#seats.values()].map(seat => this.#view(seat, at))
  }

  viewOf (endpointId: string, now: number): EndpointView | undefined {
    const seat = this.#seats.get(endpointId)
    return seat === undefined ? undefined : this.#view(seat, this.#at(now))
  }

  /** For tests, after every step. */
  validate (): void {
    const listed = [...this.#byInstrument].flatMap(([instrumentId, seats]) => {
      if (seats.length === 0) throw new Error(`${instrumentId} has a list of nothing`)
      const isOther = ({ endpoint }: Seat): boolean => endpoint.instrumentId !== instrumentId
      if (seats.some(isOther)) throw new Error(`${instrumentId} lists another's`)
      const isBefore = (seat: Seat, at: number): boolean => at > 0 && byId(seats[at - 1]!, seat) >= 0
      if (seats.some(isBefore)) throw new Error(`${instrumentId} is out of order`)
      return seats
    })
    if (listed.length !== this.#seats.size) throw new Error('endpoints and instruments disagree')
    for (const [endpointId, seat] of this.#seats) {
      if (seat.endpoint.endpointId !== endpointId || !listed.includes(seat)) throw new Error(`${endpointId} is lost`)
      seat.validate()
    }
  }
}

// Plays one step of a trace after the other: consumers buy what they lack, requests are authorised and started,
// readings are written; and nothing goes on before each of them is answered.

import type { Instrument } from '../../schemas/instruments.ts'
import { periodOf, tokensPerUnit, units, type HolderId, type Instant, type Units } from '../../schemas/units.ts'
import { lotViews } from '../ledger/lots/views.ts'
import { holderView } from '../ledger/views.ts'
import { requestView, type RequestView } from '../ledger/usage/views.ts'
import { consumerOf, type Cast, type Consumer } from './usage-accounts.ts'
import type { UsageLedger } from './usage-ledger.ts'
import type { Purchase, UsageMarket } from './usage-market.ts'
import { UsageRequests, needsOf } from './usage-requests.ts'
import type { ScheduledReading, Step, Timing } from './usage-schedule.ts'
import type { UsageSender } from './usage-sender.ts'
import type { Trace, TracedRequest } from './usage-trace.ts'

export type DriverOptions = {
  readonly trace: Trace
  readonly timing: Timing
  readonly cast: Cast
  readonly instrument: Instrument
  readonly sender: UsageSender
  readonly ledger: UsageLedger
  readonly market: UsageMarket
}

const unitsFor = (tokens: number): Units => units(Math.ceil(tokens / tokensPerUnit))

export class UsageDriver {
  authorized = 0
  captured = 0
  readonly #options: DriverOptions
  readonly #requests: UsageRequests
  /** By consumer and sweep period, what its requests take. */
  readonly #demand: ReadonlyMap<string, number>
  #period = -1

  constructor (options: DriverOptions) {
    const { trace, timing, cast, instrument } = options
    this.#options = options
    this.#requests = new UsageRequests(trace.name, instrument.instrumentId, cast)
    this.#demand = demandOf(trace, timing, cast)
  }

  /** Until every account is there. */
  async opened (): Promise<void> {
    const { ledger, cast: { consumers, suppliers } } = this.#options
    const isOpen = ({ holder, kind }: Consumer): boolean =>
      holderView(ledger.of(holder), holder)?.mode === (kind === 'easy' ? 'easy' : 'advanced')
    await ledger.until(() => consumers.every(isOpen), () => 'accounts are not open')
    const isIssuer = (holder: HolderId): boolean => holderView(ledger.of(holder), holder)?.isIssuer === true
    await ledger.until(() => suppliers.every(isIssuer), () => 'suppliers are not open')
  }

  async play (step: Step): Promise<void> {
    const { sender, ledger, market } = this.#options
    const { at, arrivals, readings } = step
    await ledger.untilTime(at)
    await this.#buy(step)
    const asked = arrivals.map(request => this.#requests.authorize(request, market.dearest))
    await sender.send(asked.map(command => ({ command, at })))
    await this.#each(arrivals, ({ status }) => status === 'authorized')
    this.authorized += arrivals.length
    await sender.send(arrivals.map(request => ({ command: this.#requests.start(request), at })))
    await sender.send(readings.map(reading => ({ command: this.#requests.reading(reading), at })))
    await this.#each(arrivals, ({ nonce }) => nonce !== '')
    for (const reading of readings) await this.#each([reading.request], view => isTaken(reading, view))
    this.captured += readings.filter(({ isFinal }) => isFinal).length
  }

  /** Until the ledger says it of each. */
  async #each (requests: readonly TracedRequest[], isSo: (view: RequestView) => boolean): Promise<void> {
    const { ledger, cast } = this.#options
    for (const request of requests) {
      const { holder } = consumerOf(cast, request)
      const id = this.#requests.idOf(request)
      const view = (): RequestView | undefined => requestView(ledger.of(holder), holder, id)
      const isThere = (): boolean => {
        const found = view()
        return found !== undefined && isSo(found)
      }
      await ledger.until(isThere, () => `request ${id} of ${holder} is ${view()?.status ?? 'unknown or refused'}`)
    }
  }

  async #buy (step: Step): Promise<void> {
    const { market, cast } = this.#options
    const { at } = step
    const lacking = [...needsOf(step, cast)].map(([consumer, need]) =>
      ({ consumer, quantity: unitsFor(Math.max(0, need - this.#usable(consumer, at))) }))
      .filter(({ quantity }) => quantity > 0)
    const now = lacking.filter(({ consumer }) => consumer.kind !== 'easy')
      .map(({ consumer: { holder }, quantity }): Purchase => ({ holder, quantity, autoTransfer: true }))
    const purchases = [...now, ...this.#aheadOfSweep(at)]
    const easy = lacking.filter(({ consumer }) => consumer.kind === 'easy')
    const demand = [...purchases, ...easy].reduce((sum, { quantity }) => sum + quantity, 0)
    if (demand > 0) await market.supply(demand, at)
    await market.buy(purchases, at)
  }

  /** In the first step of a period, what the next one takes of those who let the sweep move it. */
  #aheadOfSweep (at: Instant): Purchase[] {
    const period = periodOf(at)
    if (period === this.#period) return []
    this.#period = period
    return this.#options.cast.consumers.filter(({ kind }) => kind === 'swept').flatMap(({ holder }): Purchase[] => {
      const quantity = unitsFor(this.#demand.get(`${holder} ${period + 1}`) ?? 0)
      return quantity === 0 ? [] : [{ holder, quantity, autoTransfer: false }]
    })
  }

  /** Tokens that nobody holds, of lots that have not expired then. */
  #usable ({ holder }: Consumer, at: Instant): number {
    const { ledger, instrument: { instrumentId } } = this.#options
    return lotViews(ledger.of(holder), holder)
      .filter(lot => lot.instrumentId === instrumentId && lot.expiresAt > at)
      .reduce((sum, { remaining }) => sum + remaining, 0)
  }
}

const isTaken = ({ isFinal, request, outputTokens }: ScheduledReading, { status, produced }: RequestView): boolean =>
  isFinal ? status === 'captured' : produced >= request.inputTokens + outputTokens

function demandOf ({ requests }: Trace, { startsAt, timeScale }: Timing, cast: Cast): Map<string, number> {
  const demand = new Map<string, number>()
  for (const request of requests) {
    const period = periodOf(startsAt + Math.floor(request.afterMs * timeScale) as Instant)
    const key = `${consumerOf(cast, request).holder} ${period}`
    demand.set(key, (demand.get(key) ?? 0) + request.inputTokens + request.outputTokens)
  }
  return demand
}

// By what requests of the ledger's naive twin are served: tokens, or cash for a managed supplier, within the budget of
// their key and the free tier. See ledger-naive.ts.

import type { AuthorizeUsage } from '../../schemas/ledger/usage-commands.ts'
import { type NaiveRequest, NaiveRequests, type Reason, isEnded } from './usage-naive-requests.ts'

const lifeMs = 15 * 60 * 1000

/** A date to the day, to the month, or to nothing at all. */
const lengths: Readonly<Record<string, number>> = { day: 'YYYY-MM-DD'.length, month: 'YYYY-MM'.length, total: 0 }
const periodOf = (at: number, period: string): string => new Date(at).toISOString().slice(0, lengths[period])

export const isPeriod = (word: string): boolean => word in lengths

/** Whole microdollars, rounded up. */
const costOf = (tokens: number, price: number): bigint => (BigInt(tokens) * BigInt(price) + 999_999n) / 1_000_000n

type Budget = { readonly budget: number | null, readonly period: string }

export abstract class NaiveMeans extends NaiveRequests {
  /** When each request came that held or waited. */
  asks: { holder: number, at: number }[] = []
  /** The newest of each key that has ever had one. */
  budgets = new Map<string, Budget>()
  draws: { key: string, at: number, tokens: number }[] = []

  /** Of orders, and of those that cash is held for. */
  override held (holder: number, name: 'cash' | 'grant' | 'units', instrumentId: string | null = null): number {
    const ofOrders = super.held(holder, name, instrumentId)
    if (name === 'units') return ofOrders
    const own = this.requests.filter(request => request.holder === holder)
    return own.reduce((sum, request) => sum + this.moneyHeld(request)[name], ofOrders)
  }

  moneyHeld ({ managed, ofGrant, asked }: NaiveRequest): { cash: number, grant: number } {
    return { cash: Number(costOf(managed, asked.managedPrice ?? 0)) - ofGrant, grant: ofGrant }
  }

  freeGrant (holder: number): number {
    return this.balance('grant', holder, 'usd') - this.held(holder, 'grant')
  }

  /** The most tokens, up to `most`, that cost no more than the money: looked for by halves. */
  payable (money: number, price: number, most: number): number {
    let [low, high] = [0, most]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (costOf(middle, price) <= BigInt(money)) low = middle
      else high = middle - 1
    }
    return low
  }

  canPay (holder: number, { managedPrice, min }: AuthorizeUsage): boolean {
    return managedPrice !== null && this.payable(this.cash(holder) + this.freeGrant(holder), managedPrice, min) === min
  }

  keyOf ({ holder, keyId }: AuthorizeUsage): string {
    return `${holder} ${keyId}`
  }

  setBudget (command: AuthorizeUsage): void {
    const key = this.keyOf(command)
    if (command.budget === null && !this.budgets.has(key)) return
    this.budgets.set(key, { budget: command.budget, period: command.budget === null ? 'day' : command.budgetPeriod })
  }

  drawnBy (key: string): number {
    const { period = 'total' } = this.budgets.get(key) ?? {}
    const now = periodOf(this.now, period)
    return this.draws.filter(draw => draw.key === key && periodOf(draw.at, period) === now)
      .reduce((sum, { tokens }) => sum + tokens, 0)
  }

  heldByKey (key: string): number {
    return this.requests.filter(request => !isEnded(request) && this.keyOf(request.asked) === key)
      .reduce((sum, request) => sum + this.heldBy(request), 0)
  }

  leftOf (asked: AuthorizeUsage): number {
    const key = this.keyOf(asked)
    const budget = this.budgets.get(key)?.budget ?? null
    return budget === null ? Infinity : budget - this.drawnBy(key) - this.heldByKey(key)
  }

  /** What it needs, or the part of that for which its budget has room. */
  wantedBy (asked: AuthorizeUsage): number {
    return Math.min(asked.need, Math.max(0, this.leftOf(asked)))
  }

  openOf (holder: number): number {
    return this.requests.filter(each => each.holder === holder && !isEnded(each)).length
  }

  asksToday (holder: number): number {
    return this.asks.filter(each => each.holder === holder && periodOf(each.at, 'day') === periodOf(this.now, 'day')).length
  }

  admit (request: NaiveRequest, isManaged: boolean): void {
    Object.assign(request, {
      status: 'authorized',
      isManaged,
      authorizedAt: this.now,
      place: ++this.places,
      endsAt: this.now + lifeMs
    })
    this.holdTokens(request, request.asked.need)
  }

  goOn (request: NaiveRequest, of: { sequence: number, produced: number, more: number }): void {
    const { sequence, produced, more } = of
    this.holdTokens(request, more)
    Object.assign(request, { sequence, produced, endsAt: this.now + lifeMs, startEndsAt: Infinity })
  }

  /** As many as there are; or as the money pays for, together with what it holds. */
  holdTokens (request: NaiveRequest, more: number): void {
    const { holder, instrumentId, asked, isManaged, managed } = request
    const wanted = Math.min(more, Math.max(0, this.leftOf(asked)))
    if (!isManaged) {
      request.live += Math.min(wanted, this.available(holder, instrumentId))
      return
    }
    const { cash, grant } = this.moneyHeld(request)
    const free = this.freeGrant(holder)
    const price = asked.managedPrice!
    const total = this.payable(this.cash(holder) + free + cash + grant, price, managed + wanted)
    const dearer = Number(costOf(total, price)) - cash - grant
    Object.assign(request, { managed: total, ofGrant: grant + Math.min(free, dearer) })
  }

  /** What it is billed counts for its key, if that has ever had a budget. */
  draw ({ asked }: NaiveRequest, tokens: number): void {
    const key = this.keyOf(asked)
    if (this.budgets.has(key)) this.draws.push({ key, at: this.now, tokens })
  }

  /** What so many tokens cost, by what it holds of grant money and of cash. */
  pricedFor (request: NaiveRequest, tokens: number): { cash: number, grant: number } {
    const cost = Number(costOf(tokens, request.asked.managedPrice!))
    const grant = Math.min(cost, request.ofGrant)
    return { grant, cash: cost - grant }
  }

  endWait (request: NaiveRequest, refusal: Reason): void {
    const { holder, instrumentId, asked } = request
    const hasEnough = this.available(holder, instrumentId) >= asked.min
    const isWithin = this.leftOf(asked) >= asked.min
    if (!isWithin || this.holder(holder)!.isSuspended || !(hasEnough || this.canPay(holder, asked))) {
      this.refuse(request, isWithin ? refusal : 'budget_exhausted')
      return
    }
    this.admit(request, !hasEnough)
    this.tell(request, 'market')
  }
}

// The naive twin of matching: the same rules, slow and obvious. Lists of plain orders, sorted anew whenever someone
// asks; prices in microdollars; the delta by comparing all levels before with all levels after. It judges the fast one.

import { hash } from 'node:crypto'
import {
  type AmendOrder, type CancelOrder, type ClosureReason, type Leg, type MatchingOutput, type OrderCommand,
  type PlaceOrder, type TradingStatus, type UpdateCause, closureReason
} from '../../schemas/matching/records.ts'
import { type InstrumentId, type Instant, type Microdollars, type Side } from '../../schemas/units.ts'
import { writeSnapshot } from '../../pipelines/matching/format.ts'
import type { LastTrade, Parameters, Position } from '../../pipelines/matching/matching.ts'
import { match, reasonToKill, remainder, trimGrant } from './naive-match.ts'
import { setParameters, setTradingStatus } from './naive-operators.ts'
import { type NaiveOrder, orderOf, secondLeg, withoutLedger } from './naive-order.ts'
import { isAboveBand, isBelowBand, levelsOf, referenceOf, sayDelta } from './naive-prices.ts'
import {
  type NewTerms, refusalOfAmendment, refusalOfKind, refusalOfNewTerms, refusalOfPlace
} from './naive-refusals.ts'
import { refuseAmend, refuseCancel, refusePlace, say } from './naive-said.ts'
import { snapshotOf } from './naive-snapshot.ts'
import { periodAfter, sweep } from './naive-sweep.ts'

type Closure = { status: 'cancelled' | 'expired' | 'filled', reason: ClosureReason | null }

const minuteMs = 60_000

export class BookNaive {
  version = 1
  parameters: Parameters | null = null
  status: TradingStatus = 'open'
  now = 0
  pausedUntil = 0
  fillSequence = 0
  deltaSequence = 0
  lastTrade: LastTrade | null = null
  trades: { second: number, price: number, quantity: number }[] = []
  resting: NaiveOrder[] = []
  waiting: NaiveOrder[] = []
  arrivals = 0
  referenceDueAt = 0
  referenceSaid = 0
  period = 0
  outputs: MatchingOutput[] = []
  touched: { side: Side, price: number }[] = []

  get knowsLedger (): boolean {
    return this.version >= 2
  }

  apply (command: OrderCommand | { kind: 'clock' }, position: Position): MatchingOutput[] {
    this.version = Math.max(this.version, position.version ?? 1)
    this.now = position.at
    this.outputs = []
    const before = this.period
    this.period = periodAfter(this, command)
    this.expire()
    if (before !== 0 && this.period > before) sweep(this)
    this.trigger()
    this.obey(command, position.isLate)
    this.trigger()
    this.sayReference()
    return this.outputs
  }

  hash (): string {
    return hash('sha256', writeSnapshot(snapshotOf(this)))
  }

  obey (command: OrderCommand | { kind: 'clock' }, isLate: boolean): void {
    switch (command.kind) {
      case 'place-order': this.place(this.knowsLedger ? command : withoutLedger(command), isLate); break
      case 'cancel-order': this.step(() => { this.cancel(command, isLate) }); break
      case 'amend-order': this.step(() => { this.amend(command, isLate) }); break
      case 'set-parameters': this.step(() => { setParameters(this, command, isLate) }); break
      case 'set-trading-status': setTradingStatus(this, command, isLate); break
      case 'clock': break
    }
  }

  step (act: () => void): void {
    const before = levelsOf(this)
    this.touched = []
    act()
    sayDelta(this, before, this.touched)
  }

  open (): NaiveOrder[] {
    return [...this.resting, ...this.waiting]
  }

  // Orders of a side in priority order.
  side (side: Side): NaiveOrder[] {
    const better = side === 'buy' ? -1 : 1
    return this.resting.filter(order => order.side === side)
      .sort((a, b) => better * (a.price - b.price) || a.arrival - b.arrival)
  }

  listed (instrumentId: InstrumentId): boolean {
    return this.parameters?.instrumentId === instrumentId
  }

  isOutsideBand (side: Side, price: number): boolean {
    return side === 'buy' ? isAboveBand(this, price) : isBelowBand(this, price)
  }

  wouldCross (side: Side, price: number): boolean {
    return this.resting.some(order => order.side !== side &&
      (side === 'buy' ? order.price <= price : order.price >= price))
  }

  isTrading (): boolean {
    return this.status === 'open' && this.now >= this.pausedUntil
  }

  expire (): void {
    for (;;) {
      const due = this.open().filter(order => order.expiresAt !== 0 && order.expiresAt <= this.now)
        .sort((a, b) => a.expiresAt - b.expiresAt || a.orderId - b.orderId)[0]
      if (due === undefined) return
      this.step(() => { this.close(due, 'market', { status: 'expired', reason: 'expired' }) })
    }
  }

  // Those that the last trade has reached, buys from the lowest stop up, sells from the highest down, then by age.
  trigger (): void {
    for (;;) {
      const last = this.lastTrade?.price
      if (last === undefined || !this.isTrading()) return
      const reached = (side: Side): NaiveOrder | undefined => this.waiting
        .filter(order => order.side === side && (side === 'buy' ? order.stop! <= last : order.stop! >= last))
        .sort((a, b) => (side === 'buy' ? a.stop! - b.stop! : b.stop! - a.stop!) || a.arrival - b.arrival)[0]
      const [next] = [reached('buy'), reached('sell')].filter(order => order !== undefined)
        .sort((a, b) => a.arrival - b.arrival)
      if (next === undefined) return
      this.step(() => {
        this.drop(next)
        next.stop = null
        if (!next.isMarket && this.isOutsideBand(next.side, next.price)) {
          this.finish(next, 'match', { status: 'cancelled', reason: 'no_fill_max_slippage' }, [])
        } else {
          this.enter(next, 'match')
        }
      })
    }
  }

  sayReference (): void {
    if (!this.knowsLedger || this.parameters === null || this.now < this.referenceDueAt) return
    this.referenceDueAt = (Math.floor(this.now / minuteMs) + 1) * minuteMs
    const price = Number(referenceOf(this))
    if (price === this.referenceSaid) return
    this.referenceSaid = price
    const { instrumentId } = this.parameters
    this.outputs.push({ kind: 'reference-price', instrumentId, price: price as Microdollars, at: this.now as Instant })
  }

  place (command: PlaceOrder, isLate: boolean): void {
    const refusal = refusalOfPlace(this, command, isLate)
    if (refusal !== null) {
      refusePlace(this, command, refusal)
      return
    }
    const order = orderOf(command)
    if (order.stop !== null) {
      this.wait(order)
      say(this, order, { cause: 'place', status: 'resting', reason: null })
      return
    }
    this.step(() => {
      const killed = command.timeInForce === 'fok' ? reasonToKill(this, order) : null
      if (killed === null) this.enter(order, 'place')
      else say(this, order, { cause: 'place', status: 'cancelled', reason: killed })
    })
    if (command.oco === null) return
    const leg = secondLeg(command)
    if (!this.resting.includes(order) || order.filled > 0) {
      say(this, leg, { cause: 'place', status: 'cancelled', reason: 'oco' })
      return
    }
    Object.assign(leg, { other: order })
    order.other = leg
    this.wait(leg)
    say(this, leg, { cause: 'place', status: 'resting', reason: null })
  }

  wait (order: NaiveOrder): void {
    order.arrival = this.arrivals++
    this.waiting.push(order)
  }

  enter (order: NaiveOrder, cause: UpdateCause): void {
    const legs: Leg[] = []
    const outcome = match(this, order, legs)
    if (outcome === 'self_trade') {
      this.finish(order, cause, { status: 'cancelled', reason: 'self_trade' }, legs)
    } else if (outcome === 'spent') {
      this.finish(order, cause, order.filled > 0
        ? { status: 'filled', reason: null }
        : { status: 'cancelled', reason: 'no_fill_max_slippage' }, legs)
    } else if (!order.rests) {
      this.finish(order, cause, { status: 'cancelled', reason: remainder(this, order) }, legs)
    } else {
      order.arrival = this.arrivals++
      this.resting.push(order)
      say(this, order, { cause, status: order.filled === 0 ? 'resting' : 'partly_filled', reason: null, legs })
      if (order.filled > 0) this.part(order, cause)
    }
  }

  // Out of the lists; nothing is said.
  drop (order: NaiveOrder): void {
    this.resting = this.resting.filter(other => other !== order)
    this.waiting = this.waiting.filter(other => other !== order)
  }

  close (order: NaiveOrder, cause: UpdateCause, closure: Closure): void {
    this.drop(order)
    this.finish(order, cause, closure, [])
  }

  // Of an order that is in no list any more.
  finish (order: NaiveOrder, cause: UpdateCause, { status, reason }: Closure, legs: Leg[]): void {
    if (order.money !== null) order.total = order.filled
    say(this, order, { cause, status, reason, legs })
    this.part(order, cause)
  }

  // Its other leg goes.
  part (order: NaiveOrder, cause: UpdateCause): void {
    const { other } = order
    if (other === null) return
    order.other = null
    other.other = null
    if (this.resting.includes(other)) this.touched.push({ side: other.side, price: other.price })
    this.drop(other)
    say(this, other, { cause, status: 'cancelled', reason: 'oco' })
  }

  own (command: CancelOrder | AmendOrder): NaiveOrder | undefined {
    return this.open().find(order => order.orderId === command.orderId && order.holder === command.holder)
  }

  cancel (command: CancelOrder, isLate: boolean): void {
    const order = this.own(command)
    if (!this.listed(command.instrumentId)) {
      refuseCancel(this, command, 'unknown_instrument')
    } else if (order === undefined) {
      refuseCancel(this, command, 'unknown_order')
    } else if (isLate) {
      say(this, order, { cause: 'cancel', status: null, reason: 'too_late' })
    } else {
      const given = closureReason.find(reason => reason === command.reason) ?? 'cancelled'
      this.close(order, 'cancel', { status: 'cancelled', reason: this.knowsLedger ? given : 'cancelled' })
    }
  }

  amend (command: AmendOrder, isLate: boolean): void {
    const isListed = this.listed(command.instrumentId)
    const order = isListed ? this.own(command) : undefined
    const malformed = isListed ? refusalOfAmendment(this, command) : 'unknown_instrument'
    if (order === undefined) {
      refuseAmend(this, command, malformed ?? 'unknown_order')
      return
    }
    const { price, quantity } = command
    const unsupported = refusalOfKind(this, order, command)
    if (unsupported === null && malformed !== null && !order.isHeld) {
      refuseAmend(this, command, malformed)
      return
    }
    const asTotal = command.quantityIs === 'total'
    const total = quantity === null ? order.total : quantity + (asTotal ? 0 : order.filled)
    const shrinks = quantity !== null && asTotal && total < order.total && (price ?? order.price) === order.price
    const renews = this.knowsLedger && quantity === null && price === null && command.expiresAt !== null
    const terms = { price: price ?? order.price, total, keepsPlace: shrinks || renews }
    const refusal = unsupported ?? malformed ?? refusalOfNewTerms(this, order, terms, command, isLate)
    if (refusal === null) this.change(order, terms, command)
    else say(this, order, { cause: 'amend', status: null, reason: refusal })
  }

  change (order: NaiveOrder, { price, total, keepsPlace }: NewTerms, command: AmendOrder): void {
    if (this.knowsLedger && command.expiresAt !== null) order.expiresAt = command.expiresAt
    if (total <= order.filled) {
      order.total = order.filled
      this.close(order, 'amend', { status: 'filled', reason: null })
      return
    }
    const grows = total > order.total
    Object.assign(order, { total, price })
    trimGrant(order)
    if (order.stop !== null) {
      const moves = command.stopPrice !== null && command.stopPrice !== order.stop
      order.stop = command.stopPrice ?? order.stop
      if (moves || grows) {
        this.drop(order)
        this.wait(order)
      }
      say(this, order, { cause: 'amend', status: 'resting', reason: null })
    } else if (keepsPlace) {
      say(this, order, { cause: 'amend', status: order.filled === 0 ? 'resting' : 'partly_filled', reason: null })
    } else {
      this.drop(order)
      this.enter(order, 'amend')
    }
  }
}

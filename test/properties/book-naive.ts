// The naive twin of matching: the same rules, slow and obvious. One list of plain orders, sorted anew whenever someone
// asks; prices in microdollars; the delta by comparing all levels before with all levels after. It judges the fast one.

import { hash } from 'node:crypto'
import type {
  AmendOrder, CancelOrder, ClosureReason, Fill, LevelChange, MatchingOutput, OrderCommand, OrderStatus, OrderUpdate,
  PlaceOrder, RefusalReason, SelfTradePrevention, SetParameters, SetTradingStatus, TradingStatus, UpdateCause
} from '../../schemas/matching/records.ts'
import {
  type HolderId, type InstrumentId, type Instant, type Microdollars, type OrderId, type OwnerId, type Side, type Units,
  notionalMax, priceTicksMax, quantityMax
} from '../../schemas/units.ts'
import type { LastTrade, Parameters, Position } from '../../pipelines/matching/matching.ts'
import { type MatchingSnapshot, writeSnapshot } from '../../pipelines/matching/snapshot.ts'

type Order = {
  orderId: OrderId
  holder: HolderId
  owner: OwnerId
  side: Side
  price: number
  total: number
  filled: number
  notional: number
  postOnly: boolean
  mode: SelfTradePrevention
  /** The smaller rested earlier. */
  arrival: number
}

type Level = { side: Side, price: number, quantity: number, orders: number }
type Taking = { order: Order, limit: number }

export class BookNaive {
  parameters: Parameters | null = null
  status: TradingStatus = 'open'
  now = 0
  pausedUntil = 0
  fillSequence = 0
  deltaSequence = 0
  lastTrade: LastTrade | null = null
  trades: { second: number, price: number, quantity: number }[] = []
  resting: Order[] = []
  arrivals = 0
  outputs: MatchingOutput[] = []

  apply (command: OrderCommand | { kind: 'clock' }, position: Position): MatchingOutput[] {
    this.now = position.at
    this.outputs = []
    const before = this.levels()
    switch (command.kind) {
      case 'place-order': this.place(command, position.isLate); break
      case 'cancel-order': this.cancel(command, position.isLate); break
      case 'amend-order': this.amend(command, position.isLate); break
      case 'set-parameters': this.setParameters(command, position.isLate); break
      case 'set-trading-status': this.setTradingStatus(command, position.isLate); break
      case 'clock': break
    }
    this.sayDelta(before)
    return this.outputs
  }

  hash (): string {
    return hash('sha256', writeSnapshot(this.snapshot()))
  }

  // Orders of a side in priority order.
  side (side: Side): Order[] {
    const better = side === 'buy' ? -1 : 1
    return this.resting.filter(order => order.side === side)
      .sort((a, b) => better * (a.price - b.price) || a.arrival - b.arrival)
  }

  levels (): Level[] {
    const levels: Level[] = []
    for (const order of [...this.side('buy'), ...this.side('sell')]) {
      const last = levels.at(-1)
      const leaves = order.total - order.filled
      if (last?.side === order.side && last.price === order.price) {
        last.quantity += leaves
        last.orders++
      } else {
        levels.push({ side: order.side, price: order.price, quantity: leaves, orders: 1 })
      }
    }
    return levels
  }

  sayDelta (before: Level[]): void {
    const after = this.levels()
    const find = (levels: Level[], level: Level) =>
      levels.find(({ side, price }) => side === level.side && price === level.price)
    const gone = before.filter(level => find(after, level) === undefined)
      .map(level => ({ ...level, quantity: 0, orders: 0 }))
    const changed = after.filter(level => {
      const old = find(before, level)
      return old?.quantity !== level.quantity || old.orders !== level.orders
    })
    const all = [...gone, ...changed]
    if (all.length === 0) return
    const buys = all.filter(level => level.side === 'buy').sort((a, b) => b.price - a.price)
    const sells = all.filter(level => level.side === 'sell').sort((a, b) => a.price - b.price)
    this.deltaSequence++
    this.outputs.push({
      kind: 'book-delta',
      instrumentId: this.parameters!.instrumentId,
      previous: this.deltaSequence - 1,
      sequence: this.deltaSequence,
      at: this.now as Instant,
      changes: [...buys, ...sells] as LevelChange[]
    })
  }

  // The reference price and the band around it, in exact fractions.
  reference (): bigint {
    const recent = this.recentTrades()
    if (recent.length > 0) {
      const notional = recent.reduce((sum, { price, quantity }) => sum + BigInt(price) * BigInt(quantity), 0n)
      return notional / recent.reduce((sum, { quantity }) => sum + BigInt(quantity), 0n)
    }
    return BigInt(this.lastTrade?.price ?? this.parameters!.referencePrice)
  }

  recentTrades () {
    const second = Math.floor(this.now / 1000)
    return this.trades.filter(trade => trade.second > second - 300)
  }

  isAboveBand (price: number): boolean {
    const band = BigInt(this.parameters!.bandBp)
    return band !== 0n && BigInt(price) * 10_000n > this.reference() * (10_000n + band)
  }

  isBelowBand (price: number): boolean {
    const band = BigInt(this.parameters!.bandBp)
    return band !== 0n && BigInt(price) * 10_000n < this.reference() * (10_000n - band)
  }

  isOutsideBand (side: Side, price: number): boolean {
    return side === 'buy' ? this.isAboveBand(price) : this.isBelowBand(price)
  }

  // No tick further out would still be inside.
  isAtBand (price: number): boolean {
    const tick = this.parameters!.tickSize
    return this.isAboveBand(price + tick) || this.isBelowBand(price - tick)
  }

  listed (instrumentId: InstrumentId): boolean {
    return this.parameters?.instrumentId === instrumentId
  }

  wouldCross (side: Side, price: number): boolean {
    return this.resting.some(order => order.side !== side &&
      (side === 'buy' ? order.price <= price : order.price >= price))
  }

  refusalOfPrice (price: number): RefusalReason | null {
    const tick = this.parameters!.tickSize
    if (price <= 0 || price > priceTicksMax * tick) return 'invalid_price'
    return price % tick === 0 ? null : 'off_tick'
  }

  refusalOfMoment (isLate: boolean): RefusalReason | null {
    if (isLate) return 'too_late'
    if (this.status === 'halted') return 'halted'
    return this.now < this.pausedUntil ? 'paused' : null
  }

  refusalOfPlace (command: PlaceOrder, isLate: boolean): RefusalReason | null {
    if (!this.listed(command.instrumentId)) return 'unknown_instrument'
    const { type, timeInForce, postOnly, quantity, price, side, orderId } = command
    if (!['limit', 'market'].includes(type) || !['gtc', 'ioc', 'fok'].includes(timeInForce)) return 'unsupported'
    if (postOnly && (type === 'market' || timeInForce !== 'gtc')) return 'unsupported'
    if (quantity < this.parameters!.quantityMin || quantity > this.parameters!.quantityMax) return 'invalid_quantity'
    const ofPrice = this.refusalOfPrice(price)
    if (ofPrice !== null) return ofPrice
    if (price * quantity > notionalMax) return 'notional_too_large'
    if (this.resting.some(order => order.orderId === orderId)) return 'duplicate_order'
    const ofMoment = this.refusalOfMoment(isLate)
    if (ofMoment !== null) return ofMoment
    if (type === 'limit' && this.isOutsideBand(side, price)) return 'price_band'
    return postOnly && this.wouldCross(side, price) ? 'post_only_would_cross' : null
  }

  place (command: PlaceOrder, isLate: boolean): void {
    const refusal = this.refusalOfPlace(command, isLate)
    if (refusal !== null) {
      this.refuse({ ...command, cause: 'place' }, refusal)
      return
    }
    const { orderId, holder, owner, side, price, quantity, postOnly, type, timeInForce } = command
    const mode = command.selfTradePrevention
    const total = quantity
    const terms = { orderId, holder, owner, side, price, total, postOnly, mode }
    const order: Order = { ...terms, filled: 0, notional: 0, arrival: 0 }
    const limit = type === 'market' ? this.withinBand(side, price) : price
    if (timeInForce === 'fok') {
      const reason = this.reasonToKill({ order, limit })
      if (reason !== null) {
        this.say(order, 'place', 'cancelled', reason)
        return
      }
    }
    this.enter({ order, limit }, 'place', type === 'limit' && timeInForce === 'gtc')
  }

  withinBand (side: Side, price: number): number {
    const back = (side === 'buy' ? -1 : 1) * this.parameters!.tickSize
    let limit = price
    while (this.isOutsideBand(side, limit)) limit += back
    return limit
  }

  // The makers the taker may trade with, best first.
  reachable ({ order, limit }: Taking): Order[] {
    return this.side(order.side === 'buy' ? 'sell' : 'buy')
      .filter(maker => order.side === 'buy' ? maker.price <= limit : maker.price >= limit)
  }

  reasonToKill (taking: Taking): ClosureReason | null {
    const { order } = taking
    const makers = this.reachable(taking)
    const sum = (orders: Order[]) => orders.reduce((total, maker) => total + maker.total - maker.filled, 0)
    if (sum(makers) < order.total) return this.closure(order)
    const firstOwn = makers.findIndex(maker => maker.owner === order.owner)
    if (order.mode === 'cancel_oldest') {
      return sum(makers.filter(maker => maker.owner !== order.owner)) < order.total ? this.closure(order) : null
    }
    return firstOwn >= 0 && sum(makers.slice(0, firstOwn)) < order.total ? 'self_trade' : null
  }

  closure (order: Order): ClosureReason {
    const isAlone = this.resting.every(other => other.side === order.side)
    if (order.filled > 0) return isAlone ? 'partially_filled_no_liquidity' : 'partially_filled_max_slippage'
    return isAlone ? 'no_fill_no_liquidity' : 'no_fill_max_slippage'
  }

  enter (taking: Taking, cause: UpdateCause, rests: boolean): void {
    const { order } = taking
    if (this.match(taking)) {
      this.say(order, cause, 'cancelled', 'self_trade')
      return
    }
    if (order.filled === order.total) {
      this.say(order, cause, 'filled', null)
      return
    }
    if (!rests) {
      this.say(order, cause, 'cancelled', this.closure(order))
      return
    }
    order.arrival = this.arrivals++
    this.resting.push(order)
    this.say(order, cause, order.filled === 0 ? 'resting' : 'partly_filled', null)
  }

  // True when the taker was stopped by an order of its own owner.
  match (taking: Taking): boolean {
    const { order } = taking
    const makers = this.reachable(taking)
    const atBand = new Set(makers.filter(maker => this.isAtBand(maker.price)))
    for (const maker of makers) {
      if (order.filled === order.total) return false
      if (maker.owner === order.owner) {
        if (this.preventSelfTrade(maker, order)) return true
      } else {
        this.trade(maker, order)
        if (atBand.has(maker)) this.pausedUntil = this.now + this.parameters!.pauseMs
      }
    }
    return false
  }

  trade (maker: Order, taker: Order): void {
    const { price } = maker
    const quantity = Math.min(maker.total - maker.filled, taker.total - taker.filled)
    for (const order of [maker, taker]) {
      order.filled += quantity
      order.notional += quantity * price
    }
    this.lastTrade = { price, quantity, takerSide: taker.side, at: this.now } as LastTrade
    this.trades.push({ second: Math.floor(this.now / 1000), price, quantity })
    this.outputs.push({
      kind: 'fill',
      instrumentId: this.parameters!.instrumentId,
      sequence: ++this.fillSequence,
      takerSide: taker.side,
      price,
      quantity,
      makerOrderId: maker.orderId,
      takerOrderId: taker.orderId,
      makerHolder: maker.holder,
      takerHolder: taker.holder,
      matchedAt: this.now
    } as Fill)
    const isFilled = maker.filled === maker.total
    if (isFilled) this.drop(maker)
    this.say(maker, 'match', isFilled ? 'filled' : 'partly_filled', null)
  }

  preventSelfTrade (maker: Order, taker: Order): boolean {
    const ofMaker = maker.total - maker.filled
    const ofTaker = taker.total - taker.filled
    if (taker.mode === 'cancel_newest') return true
    if (taker.mode === 'decrement_and_cancel' && ofMaker > ofTaker) {
      maker.total -= ofTaker
      this.say(maker, 'match', maker.filled === 0 ? 'resting' : 'partly_filled', null)
      return true
    }
    this.drop(maker)
    this.say(maker, 'match', 'cancelled', 'self_trade')
    if (taker.mode !== 'decrement_and_cancel') return taker.mode === 'cancel_both'
    if (ofMaker === ofTaker) return true
    taker.total -= ofMaker
    return false
  }

  drop (order: Order): void {
    this.resting = this.resting.filter(other => other !== order)
  }

  own (command: CancelOrder | AmendOrder): Order | undefined {
    return this.resting.find(order => order.orderId === command.orderId && order.holder === command.holder)
  }

  cancel (command: CancelOrder, isLate: boolean): void {
    const asked = { ...command, cause: 'cancel', side: 'buy', price: 0, quantity: 0 } as const
    if (!this.listed(command.instrumentId)) {
      this.refuse(asked, 'unknown_instrument')
      return
    }
    const order = this.own(command)
    if (order === undefined) {
      this.refuse(asked, 'unknown_order')
      return
    }
    if (isLate) {
      this.say(order, 'cancel', null, 'too_late')
      return
    }
    this.drop(order)
    this.say(order, 'cancel', 'cancelled', 'cancelled')
  }

  amend (command: AmendOrder, isLate: boolean): void {
    const { price, quantity } = command
    const asked = { ...command, cause: 'amend', side: 'buy', price: price ?? 0, quantity: quantity ?? 0 } as const
    if (!this.listed(command.instrumentId)) {
      this.refuse(asked, 'unknown_instrument')
      return
    }
    if (quantity !== null && (quantity < 1 || quantity > quantityMax)) {
      this.refuse(asked, 'invalid_quantity')
      return
    }
    const ofPrice = price === null ? null : this.refusalOfPrice(price)
    if (ofPrice !== null) {
      this.refuse(asked, ofPrice)
      return
    }
    const order = this.own(command)
    if (order === undefined) {
      this.refuse(asked, 'unknown_order')
      return
    }
    const newPrice = price ?? order.price
    const asTotal = command.quantityIs === 'total'
    const total = quantity === null ? order.total : quantity + (asTotal ? 0 : order.filled)
    const shrinks = asTotal && newPrice === order.price && total < order.total
    const refusal = this.refusalOfAmend(order, { price: newPrice, total, shrinks }, isLate)
    if (refusal !== null) {
      this.say(order, 'amend', null, refusal)
      return
    }
    if (total <= order.filled) {
      order.total = order.filled
      this.drop(order)
      this.say(order, 'amend', 'filled', null)
      return
    }
    order.total = total
    if (shrinks) {
      this.say(order, 'amend', order.filled === 0 ? 'resting' : 'partly_filled', null)
      return
    }
    order.price = newPrice
    this.drop(order)
    this.enter({ order, limit: newPrice }, 'amend', true)
  }

  refusalOfAmend (order: Order, terms: { price: number, total: number, shrinks: boolean }, isLate: boolean) {
    const { price, total, shrinks } = terms
    const closes = total <= order.filled
    const { quantityMin, quantityMax } = this.parameters!
    if (!closes && (total < quantityMin || total > quantityMax)) return 'invalid_quantity'
    if (!closes && order.notional + (total - order.filled) * price > notionalMax) return 'notional_too_large'
    const ofMoment = this.refusalOfMoment(isLate)
    if (ofMoment !== null || closes || shrinks) return ofMoment
    if (this.isOutsideBand(order.side, price)) return 'price_band'
    return order.postOnly && this.wouldCross(order.side, price) ? 'post_only_would_cross' : null
  }

  setParameters (command: SetParameters, isLate: boolean): void {
    const refusal = this.refusalOfParameters(command, isLate)
    if (refusal !== null) {
      this.refuseOperator(command.instrumentId, refusal)
      return
    }
    const { kind, ...parameters } = command
    const closing = [...this.side('buy'), ...this.side('sell')].filter(({ price }) =>
      price % command.tickSize !== 0 || price > priceTicksMax * command.tickSize)
    for (const order of closing) {
      this.drop(order)
      this.say(order, 'market', 'cancelled', 'tick_change')
    }
    this.parameters = parameters
  }

  refusalOfParameters (command: SetParameters, isLate: boolean): RefusalReason | null {
    const { instrumentId, tickSize, quantityMin, referencePrice, bandBp, pauseMs } = command
    if (this.parameters !== null && !this.listed(instrumentId)) return 'unknown_instrument'
    if (bandBp < 0 || bandBp > 10_000 || pauseMs < 0 || pauseMs > 86_400_000) return 'unsupported'
    if (quantityMin < 1 || quantityMin > command.quantityMax || command.quantityMax > quantityMax) return 'invalid_quantity'
    if (tickSize < 1 || tickSize > 1_000_000_000) return 'invalid_price'
    if (referencePrice < 1 || referencePrice > priceTicksMax * tickSize) return 'invalid_price'
    if (referencePrice % tickSize !== 0) return 'off_tick'
    if (isLate) return 'too_late'
    const changesTick = this.parameters !== null && this.parameters.tickSize !== tickSize
    return changesTick && this.status !== 'halted' ? 'not_halted' : null
  }

  setTradingStatus (command: SetTradingStatus, isLate: boolean): void {
    if (!this.listed(command.instrumentId)) {
      this.refuseOperator(command.instrumentId, 'unknown_instrument')
      return
    }
    if (isLate) {
      this.refuseOperator(command.instrumentId, 'too_late')
      return
    }
    this.status = command.status
  }

  refuseOperator (instrumentId: InstrumentId, reason: RefusalReason): void {
    this.refuse({ orderId: 0, holder: 0, instrumentId, cause: 'market', side: 'buy', price: 0, quantity: 0 }, reason)
  }

  refuse (asked: Record<'orderId' | 'holder' | 'price' | 'quantity', number> & {
    instrumentId: InstrumentId, cause: UpdateCause, side: Side
  }, reason: RefusalReason): void {
    const { orderId, holder, instrumentId, cause, side, price, quantity } = asked
    this.outputs.push({
      kind: 'order-update',
      orderId,
      holder,
      instrumentId,
      cause,
      refused: true,
      status: 'refused',
      reason,
      side,
      price,
      quantity,
      filledQuantity: 0,
      filledNotional: 0,
      at: this.now
    } as OrderUpdate)
  }

  // A status of null: the command is refused and the order stays as it was.
  say (order: Order, cause: UpdateCause, status: OrderStatus | null, reason: OrderUpdate['reason']): void {
    this.outputs.push({
      kind: 'order-update',
      orderId: order.orderId,
      holder: order.holder,
      instrumentId: this.parameters!.instrumentId,
      cause,
      refused: status === null,
      status: status ?? (order.filled === 0 ? 'resting' : 'partly_filled'),
      reason,
      side: order.side,
      price: order.price as Microdollars,
      quantity: order.total as Units,
      filledQuantity: order.filled as Units,
      filledNotional: order.notional as Microdollars,
      at: this.now as Instant
    })
  }

  snapshot (): MatchingSnapshot {
    const seconds = new Map<number, { quantity: number, notional: bigint }>()
    for (const { second, price, quantity } of this.recentTrades()) {
      const sum = seconds.get(second) ?? { quantity: 0, notional: 0n }
      const notional = sum.notional + BigInt(price) * BigInt(quantity)
      seconds.set(second, { quantity: sum.quantity + quantity, notional })
    }
    return {
      parameters: this.parameters,
      status: this.status,
      now: this.now as Instant,
      pausedUntil: this.pausedUntil as Instant,
      fillSequence: this.fillSequence,
      deltaSequence: this.deltaSequence,
      lastTrade: this.lastTrade,
      window: Array.from(seconds, ([second, { quantity, notional }]) => ({
        second, quantity, notionalHigh: Number(notional >> 32n), notionalLow: Number(notional & 0xffffffffn)
      })),
      orders: [...this.side('buy'), ...this.side('sell')].map(order => ({
        orderId: order.orderId,
        holder: order.holder,
        owner: order.owner,
        side: order.side,
        postOnly: order.postOnly,
        selfTradePrevention: order.mode,
        ticks: order.price / this.parameters!.tickSize,
        leaves: order.total - order.filled,
        filled: order.filled,
        notional: order.notional
      }))
    }
  }
}

// A matching that does what the dice say, and nothing that a real one could not: it answers what the ledger asks in
// order, fills what is open at prices within its limit, closes a leg when the other fills or closes, spends grant money
// first. It has no book: both sides of a fill need not be there.

import type { LedgerOutput } from '../../schemas/ledger/records.ts'
import type {
  AmendOrder, CancelOrder, ClosureReason, Leg, OrderOutcome, OrderStatus, PeriodClosed, PlaceOrder, RefusalReason,
  UpdateCause
} from '../../schemas/matching/records.ts'
import { type Instant, periodOf } from '../../schemas/units.ts'

type Scripted = {
  readonly asked: PlaceOrder
  readonly orderId: number
  readonly otherId: number
  price: number
  stopPrice: number | null
  quantity: number
  filled: number
  notional: number
  expiresAt: number | null
  claim: number
}

/** What is said of an order: some fills, and whether it is over. */
type Turn = {
  readonly cause: UpdateCause
  readonly legs?: Leg[]
  readonly end?: { readonly status: OrderStatus, readonly reason: ClosureReason | null }
  readonly refusal?: RefusalReason
}

const tick = 10

/** Small numbers, one after the other; zeros when they have run out. */
export class Dice {
  readonly #numbers: number[]

  constructor (numbers: readonly number[]) {
    this.#numbers = [...numbers]
  }

  /** From 0, below `sides`. */
  roll (sides: number): number {
    return sides === 0 ? 0 : (this.#numbers.shift() ?? 0) % sides
  }
}

export class ScriptedMatching {
  now = 0
  readonly #open = new Map<number, Scripted>()
  readonly #asked: (PlaceOrder | CancelOrder | AmendOrder)[] = []
  #fills = 0
  /** What the ledger is still to be told. */
  readonly said: (OrderOutcome | PeriodClosed)[] = []
  /** The sweep period in which it is. */
  #period = 0

  hear (outputs: readonly LedgerOutput[]): void {
    for (const output of outputs) {
      if (output.kind === 'place-order' || output.kind === 'cancel-order' || output.kind === 'amend-order') this.#asked.push(output)
    }
  }

  act (dice: Dice): void {
    this.#enter(periodOf(this.now as Instant))
    const what = dice.roll(10)
    const open = [...this.#open.values()]
    const order = open[dice.roll(open.length)]
    if (what < 6 || order === undefined) {
      const asked = this.#asked.shift()
      if (asked !== undefined) this.#answer(asked, dice)
    } else if (what < 8) {
      order.stopPrice = null
      this.#trade(order, 'match', 1 + dice.roll(this.#leaves(order)), dice)
    } else if (what === 8) {
      this.#decrement(order, dice)
    } else {
      const end = ([['expired', 'expired'], ['cancelled', 'swept'], ['cancelled', 'tick_change']] as const)[dice.roll(3)]!
      this.#close(order, { cause: 'market', end: { status: end[0], reason: end[1] } })
    }
  }

  /** Answers everything that is asked. */
  settle (dice: Dice): void {
    this.#enter(periodOf(this.now as Instant))
    for (let asked = this.#asked.shift(); asked !== undefined; asked = this.#asked.shift()) this.#answer(asked, dice)
  }

  /** What was to be sold in earlier periods is swept, but for what suppliers issued. */
  #enter (period: number): void {
    if (period <= this.#period) return
    this.#period = period
    for (const order of [...this.#open.values()]) {
      const { side, isIssuer, period: stamped } = order.asked
      if (side !== 'sell' || isIssuer || stamped >= period || !this.#open.has(order.orderId)) continue
      this.#close(order, { cause: 'market', end: { status: 'cancelled', reason: 'swept' } })
    }
    for (const instrumentId of ['text-prime', 'code-max'] as const) {
      this.said.push({ kind: 'period-closed', instrumentId, period, at: this.now } as unknown as PeriodClosed)
    }
  }

  #leaves (order: Scripted): number {
    return order.asked.notional === null ? order.quantity - order.filled : this.#affordable(order)
  }

  #affordable ({ asked, notional, price }: Scripted): number {
    const budget = BigInt(asked.notional!) * 10_000n / (10_000n + BigInt(asked.takerBp))
    return Math.floor((Number(budget) - notional) / price)
  }

  #answer (command: PlaceOrder | CancelOrder | AmendOrder, dice: Dice): void {
    if (command.kind === 'place-order') {
      this.#place(command, dice)
      return
    }
    const order = this.#open.get(command.orderId)
    // That it is no more is told to nobody: its end was.
    if (order === undefined) return
    const cause = command.kind === 'cancel-order' ? 'cancel' : 'amend'
    if (dice.roll(6) === 5) {
      this.#say(order, { cause, refusal: 'halted' })
    } else if (command.kind === 'cancel-order') {
      this.#close(order, { cause, end: { status: 'cancelled', reason: command.reason as ClosureReason } })
    } else {
      this.#amend(order, command, dice)
    }
  }

  #place (command: PlaceOrder, dice: Dice): void {
    const { orderId, oco, grantNotional, quantity, side } = command
    const scripted = (id: number, otherId: number, price: number, stopPrice: number | null): Scripted => ({
      asked: command,
      orderId: id,
      otherId,
      price,
      stopPrice,
      quantity,
      filled: 0,
      notional: 0,
      expiresAt: command.expiresAt,
      claim: side === 'buy' ? Math.min(grantNotional, command.notional ?? price * quantity) : 0
    })
    const order = scripted(orderId, oco?.orderId ?? 0, command.price, command.stopPrice)
    const second = oco === null ? undefined : scripted(oco.orderId, orderId, oco.price, oco.stopPrice)
    this.#enter(command.period)
    const isOld = side === 'sell' && !command.isIssuer && command.period < this.#period
    if (isOld || dice.roll(8) === 7) {
      const refusal = isOld ? 'period_closed' : (['price_band', 'off_tick', 'halted'] as const)[dice.roll(3)]!
      for (const leg of [order, second]) if (leg !== undefined) this.#say(leg, { cause: 'place', refusal, end: { status: 'refused', reason: null } })
      return
    }
    this.#open.set(orderId, order)
    const some = order.stopPrice === null ? dice.roll(this.#leaves(order) + 1) : 0
    const isDead = second !== undefined && some > 0
    if (second !== undefined && !isDead) this.#open.set(second.orderId, second)
    const rests = command.type !== 'market' && ['gtc', 'day', 'gtd'].includes(command.timeInForce)
    const remainder = { status: 'cancelled', reason: some > 0 ? 'partially_filled_no_liquidity' : 'no_fill_no_liquidity' } as const
    const isAll = command.notional === null ? some === quantity : some > 0
    this.#trade(order, 'place', some, dice, isAll || rests || order.stopPrice !== null ? undefined : remainder)
    if (second !== undefined && this.#open.has(second.orderId)) this.#say(second, { cause: 'place' })
    if (isDead) this.#say(second, { cause: 'place', end: { status: 'cancelled', reason: 'oco' } })
  }

  #amend (order: Scripted, { price, quantity, stopPrice, expiresAt, quantityBefore }: AmendOrder, dice: Dice): void {
    if (quantity !== null && quantityBefore !== order.quantity) {
      this.#say(order, { cause: 'amend', refusal: 'order_changed' })
      return
    }
    order.price = price ?? order.price
    if (order.stopPrice !== null) order.stopPrice = stopPrice ?? order.stopPrice
    if (expiresAt !== null) order.expiresAt = expiresAt === 0 ? null : expiresAt
    const total = quantity ?? order.quantity
    if (total <= order.filled) {
      order.quantity = order.filled
      this.#close(order, { cause: 'amend', end: { status: 'filled', reason: null } })
      return
    }
    order.quantity = total
    this.#trim(order)
    this.#trade(order, 'amend', order.stopPrice === null && dice.roll(2) === 1 ? dice.roll(total - order.filled + 1) : 0, dice)
  }

  /** Fills so many units, in some legs; then rests, or ends as said. */
  #trade (order: Scripted, cause: UpdateCause, units: number, dice: Dice, end?: NonNullable<Turn['end']>): void {
    const legs: Leg[] = []
    const isBuy = order.asked.side === 'buy'
    let left = Math.min(units, this.#leaves(order))
    while (left > 0) {
      const quantity = Math.min(left, 1 + dice.roll(left))
      const better = dice.roll(3) * tick
      const price = isBuy ? Math.max(1, order.price - better) : order.price + better
      legs.push(this.#fill(order, { price, quantity, isMaker: cause === 'match', dice }))
      left -= quantity
    }
    const isFull = order.asked.notional === null ? order.filled === order.quantity : legs.length > 0
    const finish = end ?? (isFull ? { status: 'filled' as const, reason: null } : undefined)
    if (finish === undefined) this.#say(order, { cause, legs })
    else this.#close(order, { cause, legs, end: finish })
    const other = this.#open.get(order.otherId)
    if (other !== undefined && order.filled > 0) this.#end(other, cause)
  }

  #fill (order: Scripted, of: { price: number, quantity: number, isMaker: boolean, dice: Dice }): Leg {
    const { price, quantity, isMaker, dice } = of
    const notional = price * quantity
    const ofBuyer = Math.floor(notional * dice.roll(3) / 2)
    const grant = order.asked.side === 'buy' ? Math.min(order.claim, notional) : ofBuyer
    order.filled += quantity
    order.notional += notional
    if (order.asked.side === 'buy') order.claim -= grant
    this.#trim(order)
    return { sequence: ++this.#fills, role: isMaker ? 'maker' : 'taker', price, quantity, grant } as Leg
  }

  #trim (order: Scripted): void {
    if (order.asked.notional !== null) return
    order.claim = Math.min(order.claim, order.price * (order.quantity - order.filled))
  }

  /** An own order met it: both lose some, and nothing is traded. */
  #decrement (order: Scripted, dice: Dice): void {
    const leaves = order.quantity - order.filled
    if (order.asked.notional !== null || leaves < 2) return
    order.quantity -= 1 + dice.roll(leaves - 1)
    this.#trim(order)
    this.#say(order, { cause: 'match' })
  }

  #close (order: Scripted, turn: Turn): void {
    this.#open.delete(order.orderId)
    this.#say(order, turn)
    const other = this.#open.get(order.otherId)
    if (other !== undefined) this.#end(other, turn.cause)
  }

  #end (other: Scripted, cause: UpdateCause): void {
    this.#open.delete(other.orderId)
    this.#say(other, { cause, end: { status: 'cancelled', reason: 'oco' } })
  }

  /** In several records where there are many legs. */
  #say (order: Scripted, { cause, legs = [], end, refusal }: Turn): void {
    const { holder, instrumentId, notional: budget } = order.asked
    const records = Math.max(1, Math.ceil(legs.length / 2))
    for (let record = 0; record < records; record++) {
      this.said.push({
        kind: 'order-outcome',
        orderId: order.orderId,
        holder,
        instrumentId,
        cause,
        refusal: refusal ?? null,
        status: end?.status ?? (order.filled === 0 ? 'resting' : 'partly_filled'),
        closureReason: end?.reason ?? null,
        price: order.price,
        stopPrice: order.stopPrice,
        quantity: budget === null ? order.quantity : order.filled,
        filledQuantity: order.filled,
        filledNotional: order.notional,
        expiresAt: order.expiresAt,
        legs: legs.slice(2 * record, 2 * record + 2),
        isLast: record === records - 1,
        period: this.#period,
        at: this.now
      } as unknown as OrderOutcome)
    }
  }
}

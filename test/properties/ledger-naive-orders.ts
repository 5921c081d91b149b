// Orders of the ledger's naive twin: how they come to be, and what is held for them. See ledger-naive.ts.

import type { SubmitOrder } from '../../schemas/ledger/commands.ts'
import type { LedgerOrderStatus, OrderState } from '../../schemas/ledger/records.ts'
import type { LedgerRefusal } from '../../schemas/ledger/refusals.ts'
import type { PlaceOrder, RefusalReason, TimeInForce, UpdateCause } from '../../schemas/matching/records.ts'
import { type Instant, periodOf } from '../../schemas/units.ts'
import { NaiveAccounts } from './ledger-naive-accounts.ts'
import { firstByPrecedence, isWhole, wrongWithOrder } from './ledger-naive-checks.ts'

const day = 24 * 60 * 60 * 1000
const openStatuses: readonly LedgerOrderStatus[] = ['held', 'resting', 'partly_filled']

export type NaiveOrder = {
  readonly asked: SubmitOrder
  readonly id: number
  readonly isSecond: boolean
  otherId: number
  timeInForce: TimeInForce
  price: number
  stopPrice: number | null
  quantity: number
  expiresAt: number | null
  makerBp: number
  takerBp: number
  /** With what each cost in fees, so far unrounded. */
  fills: { quantity: number, notional: number, bp: number }[]
  claim: number
  feeClaim: number
  status: LedgerOrderStatus
  closure: string | null
  refusal: LedgerRefusal | RefusalReason | null
  sequence: number
  clientOrderId: string | null
  isCancelling: boolean
  amend: { price: number, quantity: number | null, timeInForce: TimeInForce } | null
  readonly acceptedAt: number
  changedAt: number
  closedAt: number | null
  forgetAt: number | null
  first: Omit<OrderState, 'kind'> | null
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
const ceilBp = (bpSum: bigint): number => Number((bpSum + 9999n) / 10_000n)
const owed = ({ fills }: NaiveOrder): bigint =>
  fills.reduce((total, { notional, bp }) => total + BigInt(notional) * BigInt(bp), 0n)
export const filledOf = ({ fills }: NaiveOrder): number => sum(fills.map(({ quantity }) => quantity))
export const notionalOf = ({ fills }: NaiveOrder): number => sum(fills.map(({ notional }) => notional))
export const feeOf = (order: NaiveOrder): number => ceilBp(owed(order))
export const isOpen = ({ status }: NaiveOrder): boolean => openStatuses.includes(status)
const isBuy = ({ asked }: NaiveOrder): boolean => asked.side === 'buy'

/** What its fills may still come to. */
function notionalToCome (order: NaiveOrder, withAmend: boolean): number {
  const { asked: { notional }, amend, price, quantity, takerBp } = order
  if (notional !== null) {
    return Math.max(0, Number(BigInt(notional) * 10_000n / (10_000n + BigInt(takerBp))) - notionalOf(order))
  }
  const leaves = quantity - filledOf(order)
  if (amend === null || !withAmend) return leaves * price
  const total = amend.quantity ?? quantity
  const more = Math.max(0, total - quantity)
  return Math.max(Math.max(0, total - filledOf(order)) * amend.price, leaves * price + more * amend.price)
}

function feesToCome (order: NaiveOrder, withAmend: boolean): number {
  const { asked: { notional }, makerBp, takerBp } = order
  const toCome = notionalToCome(order, withAmend)
  if (notional !== null) return notional - notionalOf(order) - feeOf(order) - toCome
  return ceilBp(owed(order) + BigInt(toCome) * BigInt(Math.max(makerBp, takerBp))) - feeOf(order)
}

type Hold = { cash: number, grant: number, units: number }

export abstract class NaiveOrders extends NaiveAccounts {
  orders: NaiveOrder[] = []

  abstract close (order: NaiveOrder, status: LedgerOrderStatus, why: Pick<NaiveOrder, 'closure' | 'refusal'>): void
  abstract say (order: NaiveOrder, cause: UpdateCause, refusal: NaiveOrder['refusal'], as?: Partial<OrderState>): void

  order (id: number): NaiveOrder | undefined {
    return this.orders.find(order => order.id === id)
  }

  ofHolder (holder: number): NaiveOrder[] {
    return this.orders.filter(({ asked }) => asked.holder === holder)
  }

  // A pair holds once: the larger of both, money by money; a leg beside one that has filled can't fill.
  holdOf (order: NaiveOrder): Hold {
    const other = this.order(order.otherId)
    const pair = [order, ...other === undefined ? [] : [other]]
    const alive = pair.filter(leg => isOpen(leg) && pair.every(each => each === leg || filledOf(each) === 0))
    const holds = alive.map((leg): Hold => {
      if (!isBuy(leg)) {
        const more = leg.amend === null ? 0 : Math.max(0, (leg.amend.quantity ?? leg.quantity) - leg.quantity)
        return { cash: 0, grant: 0, units: leg.quantity - filledOf(leg) + more }
      }
      const [notional, fees] = [notionalToCome(leg, true), feesToCome(leg, true)]
      const grant = Math.min(notional, leg.claim) + Math.min(fees, leg.feeClaim)
      return { cash: notional + fees - grant, grant, units: 0 }
    })
    const largest = (name: keyof Hold): number => Math.max(0, ...holds.map(hold => hold[name]))
    return { cash: largest('cash'), grant: largest('grant'), units: largest('units') }
  }

  held (holder: number, name: keyof Hold, instrumentId: string | null = null): number {
    const heads = this.ofHolder(holder).filter(({ isSecond, asked }) =>
      !isSecond && (instrumentId === null || asked.instrumentId === instrumentId))
    return sum(heads.map(order => this.holdOf(order)[name]))
  }

  cash (holder: number): number {
    return this.balance('cash', holder, 'usd') - this.held(holder, 'cash')
  }

  unheld (holder: number, instrumentId: string): number {
    return this.balance('trading', holder, instrumentId) - this.held(holder, 'units', instrumentId)
  }

  tierOf (holder: number): { makerBp: number, takerBp: number } {
    return this.parameters.feeTiers.filter(({ volumeFrom }) => volumeFrom <= this.volume(holder)).at(-1)!
  }

  submit (command: SubmitOrder, isLate: boolean): void {
    const holder = this.holder(command.holder)
    const first = command.clientOrderId === null
      ? undefined
      : this.ofHolder(command.holder).find(order => order.clientOrderId === command.clientOrderId)
    if (holder !== undefined && first !== undefined && first.asked.content === command.content) {
      this.answer(command, null, { orderId: first.id })
      return
    }
    const wrong = wrongWithOrder(command, this.now, this.parameters.stopSlippageBp)
    if (holder === undefined) wrong.add('unknown_holder')
    if (!this.listed.has(command.instrumentId)) wrong.add('unknown_instrument')
    if (first !== undefined) wrong.add('client_order_id_conflict')
    if (isLate) wrong.add('too_late')
    if (holder?.isSuspended === true) wrong.add('account_suspended')
    if (holder?.mode === 'easy') wrong.add('auto_mode_trading_restricted')
    const open = this.ofHolder(command.holder).filter(order =>
      isOpen(order) && order.asked.instrumentId === command.instrumentId)
    if (open.length + (command.oco === null ? 1 : 2) > this.parameters.openOrdersMax) wrong.add('too_many_open_orders')
    let refusal = firstByPrecedence(wrong)
    if (refusal === 'client_order_id_conflict') {
      this.answer(command, refusal, { orderId: first!.id })
      return
    }
    const legs = this.legsOf(command, first === undefined)
    if (refusal === null) refusal = this.place(legs)
    if (refusal !== null) {
      const order = legs[0]!
      Object.assign(order, { otherId: 0, claim: 0, feeClaim: 0 })
      this.close(order, 'refused', { closure: null, refusal })
      this.say(order, 'place', refusal, { clientOrderId: command.clientOrderId })
      if (holder !== undefined) this.orders.push(order)
      return
    }
    this.sayPlace(legs, command)
  }

  legsOf (command: SubmitOrder, isFree: boolean): NaiveOrder[] {
    const id = (leg: number): number => (this.offset * 64 + this.partition) * 2 + leg
    const { makerBp, takerBp } = this.tierOf(command.holder)
    const whole = (value: number | null): number => isWhole(value, 1, Number.MAX_SAFE_INTEGER) ? value : 0
    const order = (asked: SubmitOrder, leg: number): NaiveOrder => ({
      asked,
      id: id(leg),
      isSecond: leg === 1,
      otherId: command.oco === null ? 0 : id(1 - leg),
      timeInForce: asked.timeInForce,
      price: whole(asked.price),
      stopPrice: whole(asked.stopPrice) || null,
      quantity: whole(asked.quantity),
      expiresAt: asked.timeInForce === 'day' ? (Math.floor(this.now / day) + 1) * day : whole(asked.expiresAt) || null,
      makerBp,
      takerBp,
      fills: [],
      claim: 0,
      feeClaim: 0,
      status: 'held',
      closure: null,
      refusal: null,
      sequence: 0,
      clientOrderId: isFree && leg === 0 ? command.clientOrderId : null,
      isCancelling: false,
      amend: null,
      acceptedAt: this.now,
      changedAt: this.now,
      closedAt: null,
      forgetAt: null,
      first: null
    })
    if (command.oco === null) return [order(command, 0)]
    const { isLimit, stopPrice, price } = command.oco
    return [order(command, 0), order({ ...command, type: isLimit ? 'stop_limit' : 'stop', stopPrice, price, postOnly: false }, 1)]
  }

  /** With grant money first, as far as it goes; refused when balances fall below what is then held. */
  place (legs: NaiveOrder[]): LedgerRefusal | null {
    const [{ asked: { holder, side, instrumentId } }] = legs as [NaiveOrder]
    if (side === 'buy') {
      const [dearest] = legs.toSorted((a, b) => notionalToCome(b, false) - notionalToCome(a, false)) as [NaiveOrder]
      const grant = this.balance('grant', holder, 'usd') - this.held(holder, 'grant')
      const claim = Math.min(grant, notionalToCome(dearest, false))
      const feeClaim = Math.min(grant - claim, feesToCome(dearest, false))
      for (const leg of legs) Object.assign(leg, { claim, feeClaim })
      for (const leg of legs) this.trim(leg)
    }
    this.orders.push(...legs)
    const isShort = side === 'buy' ? this.cash(holder) < 0 : this.unheld(holder, instrumentId) < 0
    if (!isShort) return null
    this.orders = this.orders.filter(order => !legs.includes(order))
    return side === 'buy' ? 'insufficient_balance' : 'insufficient_units'
  }

  trim (order: NaiveOrder): void {
    order.claim = Math.min(order.claim, notionalToCome(order, false))
    if (order.amend === null) order.feeClaim = Math.min(order.feeClaim, feesToCome(order, false))
  }

  /** All that its sells hold is covered by what it issued. */
  isOfIssued (holder: number, instrumentId: string): boolean {
    const issued = this.tranchesOf(holder, instrumentId).filter(({ isIssued }) => isIssued).map(({ units }) => units)
    return this.holder(holder)!.isIssuer && this.held(holder, 'units', instrumentId) <= sum(issued)
  }

  sayPlace ([order, second]: NaiveOrder[], command: SubmitOrder): void {
    const { owner } = this.holder(command.holder)!
    const { holder, instrumentId, side, type, timeInForce, postOnly, price, stopPrice, notional } = command
    this.touch(holder, instrumentId)
    this.outputs.push({
      kind: 'place-order',
      orderId: order!.id,
      holder,
      owner,
      instrumentId,
      side,
      type,
      timeInForce,
      postOnly,
      price,
      quantity: order!.quantity,
      selfTradePrevention: command.selfTradePrevention,
      stopPrice,
      expiresAt: order!.expiresAt,
      notional,
      takerBp: order!.takerBp,
      grantNotional: Math.max(order!.claim, second?.claim ?? 0),
      oco: second === undefined ? null : { orderId: second.id, ...command.oco },
      isHeld: true,
      isIssuer: side === 'sell' && this.isOfIssued(holder, instrumentId),
      period: periodOf(this.now as Instant)
    } as PlaceOrder)
  }
}

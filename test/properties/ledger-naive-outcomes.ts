// What becomes of orders in the ledger's naive twin, by their holders' wish and by matching's word. See
// ledger-naive.ts.

import type { SubmitAmend, SubmitCancel } from '../../schemas/ledger/commands.ts'
import type { LedgerOrderStatus, OrderState } from '../../schemas/ledger/records.ts'
import type { LedgerRefusal } from '../../schemas/ledger/refusals.ts'
import type { AmendOrder, CancelOrder, Leg, OrderOutcome, UpdateCause } from '../../schemas/matching/records.ts'
import type { HolderId, Instant } from '../../schemas/units.ts'
import { costOf, posting } from './ledger-naive-books.ts'
import { firstByPrecedence, wrongWithAmend } from './ledger-naive-checks.ts'
import { type NaiveOrder, NaiveOrders, feeOf, filledOf, isOpen, notionalOf } from './ledger-naive-orders.ts'

const day = 24 * 60 * 60 * 1000
const keptMs = 2 * 60 * 1000

/** A leg without brands. */
type PlainLeg = Pick<Leg, 'role'> & Record<'sequence' | 'price' | 'quantity' | 'grant', number>

export abstract class NaiveOutcomes extends NaiveOrders {
  cancelOpen (holder: number, reason: string, instrumentId: string | null): number {
    const asked = this.ofHolder(holder).filter(order => isOpen(order) && !order.isCancelling &&
      (instrumentId === null || order.asked.instrumentId === instrumentId))
    for (const order of asked) {
      const isTaken = this.order(order.otherId)?.isCancelling === true
      order.isCancelling = true
      if (!isTaken) this.sayCancel(order, reason)
    }
    return asked.length
  }

  sayCancel (order: NaiveOrder, reason: string): void {
    const { holder, instrumentId } = order.asked
    this.outputs.push({ kind: 'cancel-order', orderId: order.id, holder, instrumentId, reason } as CancelOrder)
  }

  /** Why nothing can be asked of it. */
  wrongWith (holder: HolderId, order: NaiveOrder | undefined, isLate: boolean): Set<LedgerRefusal> {
    const wrong = new Set<LedgerRefusal>()
    if (this.holder(holder) === undefined) wrong.add('unknown_holder')
    if (isLate) wrong.add('too_late')
    if (order?.asked.holder !== holder) wrong.add('unknown_order')
    else if (order.status === 'cancelled') wrong.add('order_already_cancelled')
    else if (order.status === 'filled') wrong.add('order_already_filled')
    else if (!isOpen(order)) wrong.add('order_closed')
    return wrong
  }

  cancel (command: SubmitCancel, isLate: boolean): void {
    const order = this.order(command.orderId)
    const refusal = firstByPrecedence(this.wrongWith(command.holder, order, isLate))
    if (refusal !== null) {
      this.answer(command, refusal, { orderId: command.orderId })
    } else if (!order!.isCancelling) {
      order!.isCancelling = true
      this.sayCancel(order!, 'cancelled')
    }
  }

  amend (command: SubmitAmend, isLate: boolean): void {
    const { holder, orderId, price, quantity, stopPrice, timeInForce, expiresAt } = command
    const order = this.order(orderId)
    const wrong = this.wrongWith(holder, order, isLate)
    if (order?.asked.holder === holder) {
      const { asked: { side, type }, otherId } = order
      const known = this.holder(holder)!
      if (order.amend !== null) wrong.add('amend_pending')
      if (known.isSuspended) wrong.add('account_suspended')
      if (known.mode === 'easy') wrong.add('auto_mode_trading_restricted')
      const fills = { filled: filledOf(order), filledNotional: notionalOf(order) }
      const found = { ...order, ...fills, side, type, isPair: otherId !== 0 }
      for (const reason of wrongWithAmend(command, found, this.now, this.parameters.stopSlippageBp)) wrong.add(reason)
    }
    let refusal = firstByPrecedence(wrong)
    if (refusal === null) {
      refusal = this.holdFor(order!, {
        price: price ?? order!.price,
        quantity,
        timeInForce: timeInForce ?? order!.timeInForce
      })
    }
    if (refusal !== null) {
      this.answer(command, refusal, { orderId })
      return
    }
    const midnight = (Math.floor(this.now / day) + 1) * day
    const expiry = timeInForce === 'gtc' ? 0 : timeInForce === 'day' ? midnight : expiresAt
    const { instrumentId } = order!.asked
    this.outputs.push({ kind: 'amend-order', orderId, holder, instrumentId, price, quantity, quantityIs: 'total', stopPrice, expiresAt: expiry, quantityBefore: quantity === null ? null : order!.quantity } as AmendOrder)
  }

  holdFor (order: NaiveOrder, amend: NonNullable<NaiveOrder['amend']>): LedgerRefusal | null {
    const { holder, side, instrumentId } = order.asked
    order.amend = amend
    if (side === 'buy' ? this.cash(holder) >= 0 : this.unheld(holder, instrumentId) >= 0) return null
    order.amend = null
    return side === 'buy' ? 'insufficient_balance' : 'insufficient_units'
  }

  outcome (outcome: OrderOutcome): void {
    const { orderId, cause, refusal, status, closureReason, isLast } = outcome
    const order = this.order(orderId)
    if (order === undefined) return
    if (!isOpen(order)) {
      if (cause !== 'amend') return
      order.changedAt = this.now
      this.say(order, cause, refusal)
      return
    }
    if (cause === 'amend' && refusal === null && order.amend !== null) order.timeInForce = order.amend.timeInForce
    if (cause === 'amend') order.amend = null
    if (cause === 'cancel') order.isCancelling = false
    if (refusal === null) {
      order.price = outcome.price
      order.stopPrice = outcome.stopPrice ?? order.stopPrice
      order.expiresAt = outcome.expiresAt
      if (order.asked.notional === null) {
        // Of what an own order took, a total that was asked for before knows nothing: it will be refused.
        const isLost = outcome.quantity !== order.quantity && order.amend !== null && order.amend.quantity !== null
        if (isLost) order.amend = { ...order.amend!, price: order.price, quantity: null }
        order.quantity = outcome.quantity
      }
    }
    for (const leg of outcome.legs) this.bookLeg(order, leg, outcome.period)
    this.trim(order)
    if (!isLast) return
    order.changedAt = this.now
    if (['filled', 'cancelled', 'refused', 'expired'].includes(status)) this.close(order, status, { closure: closureReason, refusal: status === 'refused' ? refusal : null })
    else order.status = status
    this.say(order, cause, refusal)
  }

  bookLeg (order: NaiveOrder, leg: PlainLeg, period: number): void {
    const { holder, instrumentId, side, autoTransfer } = order.asked
    const { role, sequence, price, quantity, grant } = leg
    const notional = price * quantity
    const before = feeOf(order)
    order.fills.push({ quantity, notional, bp: role === 'maker' ? order.makerBp : order.takerBp })
    const fee = feeOf(order) - before
    this.trades.push({ holder, day: Math.floor(this.now / day), notional })
    const reference = `${instrumentId}:${sequence}`
    const trade = { orderId: order.id, sequence, side, role, price, quantity, fee, grant, period } as never
    const usd = (account: 'cash' | 'grant' | 'pending' | 'in_transit' | 'fees', amount: number) =>
      posting(account, account === 'in_transit' || account === 'fees' ? 0 : holder, 'usd', amount)
    const ours = posting('trading', holder, instrumentId, side === 'buy' ? quantity : -quantity)
    const theirs = posting('in_transit', 0, instrumentId, side === 'buy' ? -quantity : quantity)
    if (side === 'buy') {
      const feeGrant = Math.min(fee, order.feeClaim)
      order.claim -= grant
      order.feeClaim -= feeGrant
      const ofHolder = [usd('cash', grant + feeGrant - notional - fee), usd('grant', -grant - feeGrant)]
      const paid = [...ofHolder, usd('in_transit', notional), usd('fees', fee)]
      this.book(holder, { type: 'fill', reference, instrumentId, postings: [...paid, ours, theirs], cost: notional, trade })
      const tranche = { sequence, period, price, units: quantity, grant, isIssued: false }
      if (autoTransfer && this.hasRoom(holder, instrumentId, quantity)) {
        this.consume(holder, { type: 'consumption_transfer', instrumentId, reference, pieces: [tranche], openedAt: this.now })
      } else {
        this.tranches.push({ holder, instrumentId, ...tranche })
      }
      return
    }
    const taken = this.take(this.tranchesOf(holder, instrumentId), quantity)
    const issued = taken.reduce((total, { isIssued, units }) => total + (isIssued ? units : 0), 0)
    const granted = taken.reduce((total, each) => total + each.grant, 0)
    const ordinary = Math.max(0, notional - issued * price - fee)
    const back = Math.min(ordinary, Math.max(granted, grant))
    const proceeds = [usd('cash', ordinary - back), usd('grant', back), usd('pending', notional - fee - ordinary)]
    const got = [usd('in_transit', -notional), usd('fees', fee), ...proceeds]
    this.book(holder, { type: 'fill', reference, instrumentId, postings: [ours, theirs, ...got], cost: costOf(taken), trade })
  }

  close (order: NaiveOrder, status: LedgerOrderStatus, why: Pick<NaiveOrder, 'closure' | 'refusal'>): void {
    Object.assign(order, { status, ...why, closedAt: this.now, isCancelling: false, amend: null })
    const other = this.order(order.otherId)
    if (other !== undefined && isOpen(other)) return
    for (const leg of [order, ...other === undefined ? [] : [other]]) {
      leg.forgetAt = this.now + (leg.clientOrderId === null ? keptMs : day)
    }
  }

  view (order: NaiveOrder): Omit<OrderState, 'kind' | 'cause'> {
    const { asked } = order
    const { holder, instrumentId, side, type, postOnly, reduceOnly, autoTransfer } = asked
    // A pair's hold is told once.
    const other = this.order(order.otherId)
    const isTold = isOpen(order) && !(order.isSecond && other !== undefined && isOpen(other))
    const { cash, grant, units } = isTold ? this.holdOf(order) : { cash: 0, grant: 0, units: 0 }
    return {
      orderId: order.id,
      sequence: order.sequence,
      holder,
      instrumentId,
      refusal: order.refusal,
      status: order.status,
      closureReason: order.closure,
      clientOrderId: order.clientOrderId,
      side,
      type,
      timeInForce: order.timeInForce,
      postOnly,
      reduceOnly,
      autoTransfer,
      price: type === 'market' || order.price === 0 ? null : order.price,
      stopPrice: order.stopPrice,
      quantity: order.quantity,
      notional: asked.notional,
      filledQuantity: filledOf(order),
      filledNotional: notionalOf(order),
      fee: feeOf(order),
      heldAmount: cash + grant + units,
      otherLeg: order.otherId,
      expiresAt: order.expiresAt,
      submittedAt: asked.submittedAt,
      acceptedAt: order.acceptedAt,
      at: order.changedAt as Instant,
      closedAt: order.closedAt
    } as Omit<OrderState, 'kind' | 'cause'>
  }

  say (order: NaiveOrder, cause: UpdateCause, refusal: NaiveOrder['refusal'], as: Partial<OrderState> = {}): void {
    order.sequence++
    const view = this.view(order)
    order.first ??= view as Omit<OrderState, 'kind'>
    this.outputs.push({ kind: 'order-state', ...view, cause, refusal, ...as })
  }
}

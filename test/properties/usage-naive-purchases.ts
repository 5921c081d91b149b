// Purchases of the ledger's naive twin: what Auto Mode buys for those who wait. See ledger-naive.ts.

import type { SubmitOrder } from '../../schemas/ledger/commands.ts'
import { type NaiveOrder, isOpen } from './ledger-naive-orders.ts'
import { NaiveMeans } from './usage-naive-means.ts'
import type { NaiveRequest, Reason } from './usage-naive-requests.ts'

const notionalMost = 10 ** 13
const unitsMost = 999_999_999
const tokensOfUnit = 1_000_000

/** The most units at a price that a budget pays for, with so many basis points on top. */
function affordable (budget: number, price: number, bp: number): number {
  const cost = (units: number): bigint => {
    const notional = BigInt(units) * BigInt(price)
    return notional + (notional * BigInt(bp) + 9999n) / 10_000n
  }
  let units = Math.min(unitsMost, Math.floor(notionalMost / price), Math.floor(budget / price))
  // Some steps down where the fee is small; so many as there are units at most.
  units = Math.min(units, Math.ceil(budget * 10_000 / (10_000 + bp) / price) + 1)
  while (units > 0 && cost(units) > BigInt(budget)) units--
  return Math.max(0, units)
}

export abstract class NaivePurchases extends NaiveMeans {
  /** How many there were so far, of each position. */
  purchases: { holder: number, instrumentId: string, orderId: number, waited: NaiveRequest[] }[] = []

  /** Who waits, in order of arrival. */
  waiting (holder: number, instrumentId: string): NaiveRequest[] {
    return this.requestsOf(holder, instrumentId).filter(({ status }) => status === 'parked')
      .toSorted((a, b) => a.arrival - b.arrival)
  }

  purchasesOf (holder: number, instrumentId: string) {
    return this.purchases.filter(each => each.holder === holder && each.instrumentId === instrumentId)
  }

  isBuying (holder: number, instrumentId: string): boolean {
    return this.purchasesOf(holder, instrumentId).some(({ orderId }) => {
      const order = this.order(orderId)
      return order !== undefined && isOpen(order)
    })
  }

  endWaits (requests: NaiveRequest[], refusal: Reason): void {
    for (const request of requests) this.endWait(request, refusal)
  }

  buy (holder: number, instrumentId: string): void {
    const waiting = this.waiting(holder, instrumentId)
    if (waiting.length === 0 || this.isBuying(holder, instrumentId)) return
    if (this.holder(holder)!.isSuspended) {
      this.endWaits(waiting, 'purchase_failed')
      return
    }
    const wanted = waiting.reduce((sum, { asked }) => sum + this.wantedBy(asked), 0)
    const { price, quantity } = this.purchaseFor(waiting, wanted - this.available(holder, instrumentId))
    if (quantity < 1) this.endWaits(waiting, 'insufficient_tokens')
    else this.placePurchase(holder, { instrumentId, price, quantity })
  }

  /** What an extension did not get, bought for whoever asks next. */
  buyForMore (request: NaiveRequest, missing: number): void {
    const { holder, instrumentId, isManaged, asked: { limitPrice } } = request
    const { mode, isSuspended } = this.holder(holder)!
    if (missing <= 0 || mode !== 'easy' || isSuspended || isManaged || limitPrice === null) return
    if (this.isBuying(holder, instrumentId)) return
    const { price, quantity } = this.purchaseFor([request], missing)
    if (quantity > 0) this.placePurchase(holder, { instrumentId, price, quantity })
  }

  /** As many units as make up so many tokens, or as all of them allow for. */
  purchaseFor (requests: NaiveRequest[], missing: number): { price: number, quantity: number } {
    const { holder } = requests[0]!
    const price = Math.max(...requests.map(({ asked }) => asked.limitPrice!))
    const ceilings = requests.flatMap(({ asked }) => asked.spendMax ?? [])
    const budget = Math.min(this.cash(holder) + this.freeGrant(holder), ...ceilings)
    const { makerBp, takerBp } = this.tierOf(holder)
    const quantity = Math.min(Math.ceil(missing / tokensOfUnit), affordable(budget, price, Math.max(makerBp, takerBp)))
    return { price, quantity }
  }

  placePurchase (holder: number, of: { instrumentId: string, price: number, quantity: number }): void {
    const { instrumentId, price, quantity } = of
    const count = this.purchasesOf(holder, instrumentId).length + 1
    const command = {
      kind: 'submit-order',
      holder,
      instrumentId,
      side: 'buy',
      type: 'limit',
      timeInForce: 'ioc',
      postOnly: false,
      reduceOnly: false,
      price,
      stopPrice: null,
      quantity,
      notional: null,
      expiresAt: null,
      oco: null,
      clientOrderId: `autobuy:${holder}:${instrumentId}:${count}`,
      content: '',
      selfTradePrevention: 'cancel_newest',
      autoTransfer: true,
      bookSequence: null,
      submittedAt: this.now,
      commandId: ''
    } as unknown as SubmitOrder
    const isFree = !this.ofHolder(holder).some(({ clientOrderId }) => clientOrderId === command.clientOrderId)
    const legs = this.legsOf(command, isFree)
    if (this.place(legs) !== null) throw new Error('a purchase costs more than there is')
    this.purchases.push({ holder, instrumentId, orderId: legs[0]!.id, waited: this.waiting(holder, instrumentId) })
    this.sayPlace(legs, command)
  }

  /**
   * Whatever there is goes to those who wait, until one can't be served: all that it wants, or once the purchase has
   * ended its least, if it was bought for, too. At a purchase's end there is another.
   */
  serve (purchase: NaiveOrder): void {
    const { holder, instrumentId } = purchase.asked
    const { waited } = this.purchases.find(({ orderId }) => orderId === purchase.id)!
    for (const request of this.waiting(holder, instrumentId)) {
      if (this.leftOf(request.asked) < request.asked.min) {
        this.refuse(request, 'budget_exhausted')
        continue
      }
      const takesLess = !isOpen(purchase) && waited.includes(request)
      if (this.available(holder, instrumentId) < (takesLess ? request.asked.min : this.wantedBy(request.asked))) break
      this.admit(request, false)
      this.tell(request, 'market')
    }
    if (isOpen(purchase)) return
    if (purchase.fills.length === 0) this.endWaits(this.waiting(holder, instrumentId), 'purchase_failed')
    else this.buy(holder, instrumentId)
  }
}

// The live book of a usage replay: suppliers rest sells of what they issue, consumers buy of them. All of it is sent as
// commands of accounts, and waited for.

import type { Instrument } from '../../schemas/instruments.ts'
import type { SubmitOrder } from '../../schemas/ledger/commands.ts'
import { microdollars, units, type HolderId, type Instant, type Microdollars, type Units } from '../../schemas/units.ts'
import { openOrders, orderByCommand, type OrderView } from '../ledger/views.ts'
import type { UsageLedger } from './usage-ledger.ts'
import type { UsageSender } from './usage-sender.ts'

export type Purchase = {
  readonly holder: HolderId
  readonly quantity: Units
  /** Straight into Consumption; else it waits in Trading for the sweep. */
  readonly autoTransfer: boolean
}

export type MarketOptions = {
  readonly sender: UsageSender
  readonly ledger: UsageLedger
  readonly instrument: Instrument
  readonly suppliers: readonly HolderId[]
}

/** Units of one resting sell, unless so many would not do: what is bought takes several, at several prices. */
const unitsASell = 3
/** All of the suppliers together; each may have two hundred open. */
const sellsAtOnce = 100
/** What rests beyond what is asked for at the moment. */
const spareUnits = 24
/** Around the reference, in ticks: no two sells in a row at one price. */
const [priceStrides, strideTicks, stridesASell] = [21, 5, 8]

type Terms = Pick<SubmitOrder, 'holder' | 'side' | 'quantity' | 'autoTransfer' | 'timeInForce'> & { readonly price: Microdollars }

export class UsageMarket {
  readonly #options: MarketOptions
  #orders = 0
  #sells = 0

  constructor (options: MarketOptions) {
    this.#options = options
  }

  /** The highest price at which anything rests: who pays it gets what there is. */
  get dearest (): Microdollars {
    return this.#priceOf(priceStrides - 1)
  }

  /** Rests so much that `demand` units find it. */
  async supply (demand: number, at: Instant): Promise<void> {
    const { suppliers } = this.#options
    const resting = this.#resting()
    if (resting >= demand) return
    const lacking = demand + spareUnits - resting
    const each = Math.max(unitsASell, Math.ceil(lacking / sellsAtOnce))
    const orders = Array.from({ length: Math.ceil(lacking / each) }, () => {
      const sell = this.#sells++
      return this.#order({
        holder: suppliers[sell % suppliers.length]!,
        side: 'sell',
        price: this.#priceOf(sell * stridesASell % priceStrides),
        quantity: units(each),
        autoTransfer: false,
        timeInForce: 'gtc'
      }, at)
    })
    await this.#placed(orders, at, ({ status }) => status === 'resting')
  }

  /** All of it, at once. */
  async buy (purchases: readonly Purchase[], at: Instant): Promise<void> {
    const orders = purchases.map(purchase =>
      this.#order({ ...purchase, side: 'buy', price: this.dearest, timeInForce: 'ioc' }, at))
    await this.#placed(orders, at, ({ status }) => status === 'filled')
  }

  #resting (): number {
    const { suppliers, ledger } = this.#options
    return suppliers.flatMap(holder => openOrders(ledger.of(holder), holder))
      .reduce((sum, { quantity, filledQuantity }) => sum + quantity - filledQuantity, 0)
  }

  async #placed (orders: readonly SubmitOrder[], at: Instant, isAsMeant: (order: OrderView) => boolean): Promise<void> {
    if (orders.length === 0) return
    const { sender, ledger } = this.#options
    await sender.send(orders.map(command => ({ command, at })))
    for (const { holder, commandId } of orders) {
      const view = (): OrderView | undefined => orderByCommand(ledger.of(holder), commandId)
      // Until matching has answered.
      const isAnswered = (): boolean => view()?.firstAnswer != null
      await ledger.until(isAnswered, () => `order ${commandId} of ${holder} is not answered`)
      const { side, quantity, status, refusal, closureReason } = view()!
      if (isAsMeant(view()!)) continue
      throw new Error(`a ${side} of ${quantity} units by ${holder} is ${status}: ${refusal ?? closureReason ?? 'no reason given'}`)
    }
  }

  #priceOf (stride: number): Microdollars {
    const { referencePrice, tickSize } = this.#options.instrument.trading
    return microdollars(referencePrice + (stride - Math.floor(priceStrides / 2)) * strideTicks * tickSize)
  }

  #order (terms: Terms, submittedAt: Instant): SubmitOrder {
    return {
      kind: 'submit-order',
      instrumentId: this.#options.instrument.instrumentId,
      type: 'limit',
      postOnly: false,
      reduceOnly: false,
      stopPrice: null,
      notional: null,
      expiresAt: null,
      oco: null,
      clientOrderId: null,
      content: '',
      selfTradePrevention: 'cancel_newest',
      bookSequence: null,
      submittedAt,
      commandId: `replay-${++this.#orders}`,
      ...terms
    }
  }
}

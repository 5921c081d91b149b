// One account's program: asks for one thing at a time and follows it up until it is decided. Where there is no answer,
// or none that says what became of it, the same is asked again, at another gateway: a place is known by its client
// order id, a cancel and a change say how the order is to be.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Ask, GatewayClient, Reply, Trader } from '../../support/trader.ts'
import type { Intention, Intentions, KnownOrder } from './intentions.ts'

/** Of an order in a reply, what is held against the log. */
export type ToldOrder = {
  readonly orderId: string
  readonly status: string
  readonly price: string | null
  readonly quantity: number
  readonly filledQuantity: number
  readonly filledValue: string
  readonly fee: string
}

/** Something that was asked for, and what the market said in the end. */
export type Told = {
  readonly holder: number
  readonly intention: Intention
  readonly status: number
  /** Why not, in the API's words. */
  readonly reason: string | null
  readonly order: ToldOrder | null
  /** How often it was asked. */
  readonly asks: number
  /** By the clock of this process, of the ask that was answered. */
  readonly sentAt: number
  readonly toldAt: number
  readonly gateway: number
}

type OrderBody = Record<'order_id' | 'status' | 'filled_value' | 'fee', string> &
  { readonly price: string | null, readonly quantity: number, readonly filled_quantity: number }

type Body = {
  readonly data?: OrderBody
  readonly error?: { readonly code: string, readonly details?: { readonly reason?: string } }
}

const againMs = 25
const againMsMax = 400
const patienceMs = 90_000
const prefix = '/v1/orders'
const wasOver = new Set(['order_already_cancelled', 'order_already_filled', 'order_closed', 'unknown_order'])
const isOver = new Set(['filled', 'cancelled', 'closed', 'rejected', 'expired'])

function askFor (intention: Intention): Ask {
  switch (intention.kind) {
    case 'place': return { method: 'POST', path: prefix, body: intention.body }
    case 'cancel': return { method: 'DELETE', path: `${prefix}/${intention.orderId}` }
    case 'amend': return { method: 'PUT', path: `${prefix}/${intention.orderId}`, body: intention.body }
  }
}

/** Whether the market has said what became of it. */
const isDecided = ({ status }: Reply): boolean => status >= 200 && status < 500 && status !== 429

/** What became of it can be told no more: the account asks for nothing else. */
export class Undecided extends Error {}

export class Desk {
  readonly trader: Trader
  readonly #gateways: readonly GatewayClient[]
  readonly #intentions: Intentions
  readonly #open = new Map<string, KnownOrder>()
  /** The one it asks first: an account stays where it is answered. */
  #gateway: number

  constructor (trader: Trader, gateways: readonly GatewayClient[], intentions: Intentions) {
    this.trader = trader
    this.#gateways = gateways
    this.#intentions = intentions
    this.#gateway = trader.holder % gateways.length
  }

  async next (): Promise<Told> {
    const intention = this.#intentions.next([...this.#open.values()])
    const ask = askFor(intention)
    const began = performance.now()
    for (let asks = 1, waitMs = againMs; ; asks++) {
      const sentAt = performance.now()
      const gateway = this.#gateway
      const reply = await this.#gateways[gateway]!.ask(this.trader, ask).catch(() => null)
      if (reply !== null && isDecided(reply)) {
        const told = this.#told(intention, reply, { asks, sentAt, gateway })
        this.#learn(told)
        return told
      }
      if (performance.now() - began > patienceMs) {
        throw new Undecided(`${JSON.stringify(intention)} was asked ${asks} times; the last reply: ${JSON.stringify(reply)}`)
      }
      this.#gateway = (gateway + 1) % this.#gateways.length
      await sleep(waitMs)
      waitMs = Math.min(2 * waitMs, againMsMax)
    }
  }

  #told (intention: Intention, { status, body }: Reply, at: Pick<Told, 'asks' | 'sentAt' | 'gateway'>): Told {
    const { data, error } = (body ?? {}) as Body
    const order = data === undefined
      ? null
      : {
          orderId: data.order_id,
          status: data.status,
          price: data.price,
          quantity: data.quantity,
          filledQuantity: data.filled_quantity,
          filledValue: data.filled_value,
          fee: data.fee
        }
    const reason = error === undefined ? null : error.details?.reason ?? error.code
    return { holder: this.trader.holder, intention, status, reason, order, ...at, toldAt: performance.now() }
  }

  /** Fills of resting orders are not told here; the next command about such an order finds out. */
  #learn ({ intention, order, reason }: Told): void {
    if (order !== null && isOver.has(order.status)) this.#open.delete(order.orderId)
    else if (order !== null) this.#know(intention, order)
    else if (intention.kind === 'cancel') this.#open.delete(intention.orderId)
    else if (intention.kind === 'amend' && wasOver.has(reason ?? '')) this.#open.delete(intention.orderId)
  }

  #know (intention: Intention, { orderId, price, quantity }: ToldOrder): void {
    const known = this.#open.get(orderId)
    const tick = known?.tick ?? (intention.kind === 'place' ? intention.tick : 0)
    const limit = price === null ? null : Math.round(Number(price) * 1_000_000)
    this.#open.set(orderId, { orderId, tick, price: limit, quantity })
  }
}

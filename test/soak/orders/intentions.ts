// What an account does next: drawn from its own numbers and from what it knows of its orders, in whatever order others
// are answered.

import type { Instrument } from '../../../schemas/instruments.ts'
import type { Random } from '../random.ts'

/** An order as its owner knows it from the answers so far. */
export type KnownOrder = {
  readonly orderId: string
  readonly tick: number
  /** Null where it has no limit: then it is not changed. */
  readonly price: number | null
  readonly quantity: number
}

export type Intention =
  | { readonly kind: 'place', readonly clientOrderId: string, readonly tick: number, readonly body: NewOrderBody }
  | { readonly kind: 'cancel', readonly orderId: string }
  | { readonly kind: 'amend', readonly orderId: string, readonly body: { readonly price?: string, readonly quantity?: number } }

export type NewOrderBody = Readonly<Record<string, unknown>> & { readonly client_order_id: string }

const openMost = 20
const reachTicks = 8
const quantityMost = 9

const oneOf = <Item>(items: readonly Item[], random: Random): Item => items[Math.floor(random.next() * items.length)]!

/** From 1. */
const upTo = (most: number, random: Random): number => 1 + Math.floor(random.next() * most)

/** Microdollars as the API takes them. */
export const dollarsText = (microdollars: number): string => (microdollars / 1_000_000).toFixed(6)

export class Intentions {
  readonly #instruments: readonly Instrument[]
  readonly #random: Random
  readonly #name: string
  #placed = 0

  /** `name` goes before the client order ids. */
  constructor (name: string, instruments: readonly Instrument[], random: Random) {
    this.#name = name
    this.#instruments = instruments
    this.#random = random
  }

  next (open: readonly KnownOrder[]): Intention {
    const random = this.#random
    const chance = open.length >= openMost ? 0 : random.next()
    if (open.length > 0 && chance < 0.14) return { kind: 'cancel', orderId: oneOf(open, random).orderId }
    if (open.length > 0 && chance < 0.24) return this.#amend(oneOf(open, random))
    return this.#place()
  }

  #amend ({ orderId, tick, price, quantity }: KnownOrder): Intention {
    const random = this.#random
    if (price === null) return { kind: 'cancel', orderId }
    const moved = price + tick * (upTo(5, random) - 3)
    const body = oneOf([
      { quantity: Math.max(1, quantity - upTo(3, random)) },
      { quantity: quantity + upTo(3, random) },
      { price: dollarsText(moved) },
      { price: dollarsText(moved), quantity: upTo(quantityMost, random) }
    ], random)
    return { kind: 'amend', orderId, body }
  }

  #place (): Intention {
    const random = this.#random
    const { marketId, trading: { tickSize: tick, referencePrice } } = oneOf(this.#instruments, random)
    const clientOrderId = `${this.#name}-${++this.#placed}`
    const side = oneOf(['buy', 'sell'] as const, random)
    // Rather on its own side of the middle, and often enough beyond it.
    const distance = Math.floor(random.next() * (reachTicks + 4)) - 4
    const price = referencePrice - (side === 'buy' ? distance : -distance) * tick
    const order = { market_id: marketId, client_order_id: clientOrderId, side, quantity: upTo(quantityMost, random) }
    return { kind: 'place', clientOrderId, tick, body: { ...order, ...this.#terms({ side, price, tick }) } }
  }

  #terms ({ side, price, tick }: { side: 'buy' | 'sell', price: number, tick: number }): Record<string, unknown> {
    const random = this.#random
    const limit = { type: 'limit', price: dollarsText(price) }
    const chance = random.next()
    if (chance < 0.62) return limit
    if (chance < 0.72) return { ...limit, time_in_force: 'ioc' }
    if (chance < 0.76) return { ...limit, time_in_force: 'fok' }
    if (chance < 0.80) return { ...limit, post_only: true }
    if (chance < 0.84) return { ...limit, time_in_force: 'day' }
    if (chance < 0.90) return { type: 'market' }
    if (chance < 0.92 && side === 'buy') return { type: 'market', quantity: null, notional: dollarsText(price * 3) }
    if (chance < 0.94 && side === 'buy') return { ...limit, auto_transfer: true }
    const away = (side === 'buy' ? 1 : -1) * upTo(6, random) * tick
    if (chance < 0.98) return { type: 'stop', stop_price: dollarsText(price + away) }
    return { ...limit, oco: { stop_price: dollarsText(price + (side === 'buy' ? 1 : -1) * (reachTicks + upTo(6, random)) * tick) } }
  }
}

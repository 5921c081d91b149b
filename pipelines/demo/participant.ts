// A person at work: takes its turns, and does what its habit asks for through the API.

import { randomUUID } from 'node:crypto'
import type { Instrument } from '../../schemas/instruments.ts'
import { instant, type Microdollars } from '../../schemas/units.ts'
import type { Chance } from './chance.ts'
import type { Asked, Client, Reply } from './client.ts'
import type { Act, Habit, NewOrder, OpenOrder } from './habits/habit.ts'
import { impatient } from './habits/impatient.ts'
import { maker } from './habits/maker.ts'
import { patient } from './habits/patient.ts'
import { reseller } from './habits/reseller.ts'
import { sibling } from './habits/sibling.ts'
import { supplier } from './habits/supplier.ts'
import type { HabitName, Person } from './people.ts'
import { dollarsOf, readBest, readOpen, readUnits, timeText } from './sight.ts'

const habits: Readonly<Record<HabitName, Habit>> = { supplier, maker, impatient, patient, reseller, sibling }

/** Balances are looked at so often, and whenever there turned out to be too little. */
const unitsMs = 30_000
const deadManMs = 60_000

export type ParticipantOptions = {
  readonly person: Person
  readonly client: Client
  readonly chance: Chance
  /** Asks for money, in the name of whoever ran out of it. */
  readonly topUp: (person: Person) => Promise<void>
  /** What became of a command: `done`, or the code of an error. */
  readonly count: (habit: HabitName, outcome: string, commands: number) => void
}

export class Participant {
  readonly person: Person
  readonly #options: ParticipantOptions
  /** Of this run: its ids are nobody else's. */
  readonly #run = randomUUID().slice(0, 8)
  #ids = 0
  #units = new Map<string, number>()
  #unitsAt = -Infinity

  constructor (options: ParticipantOptions) {
    this.#options = options
    this.person = options.person
  }

  /** Looks, and does what the habit asks for. Returns how many commands that took. */
  async takeTurn (instrument: Instrument, fair: Microdollars): Promise<number> {
    const { client, chance } = this.#options
    const { instrumentId: symbol, trading: { tickSize } } = instrument
    const [best, open] = await Promise.all([readBest(client, symbol), this.#open(symbol), this.#lookAtUnits()])
    if (best === null || open === null) return 0
    const units = this.#units.get(symbol) ?? 0
    const sight = { ...best, tickSize, fair, open, units, at: instant(Date.now()), chance }
    let commands = 0
    for (const act of habits[this.person.habit](sight)) commands += await this.#do(act, symbol)
    return commands
  }

  // Nothing of the impatient ever rests.
  async #open (symbol: string): Promise<OpenOrder[] | null> {
    return this.person.habit === 'impatient' ? [] : await readOpen(this.#options.client, symbol)
  }

  async #lookAtUnits (): Promise<void> {
    const { habit } = this.person
    if (habit === 'impatient' || habit === 'patient' || performance.now() - this.#unitsAt < unitsMs) return
    const units = await readUnits(this.#options.client)
    if (units === null) return
    this.#units = units
    this.#unitsAt = performance.now()
  }

  async #do (act: Act, symbol: string): Promise<number> {
    switch (act.kind) {
      case 'place': return await this.#place(act.order, symbol)
      case 'quote': return await this.#quote(act, symbol)
      case 'supply': return await this.#supply(symbol, act.quantity)
      case 'cancel': return await this.#send({ method: 'DELETE', path: `/v1/orders/${act.orderId}` })
      case 'amend': {
        const body = { price: dollarsOf(act.price) }
        return await this.#send({ method: 'PUT', path: `/v1/orders/${act.orderId}`, body })
      }
    }
  }

  async #place (order: NewOrder, symbol: string): Promise<number> {
    const body = { ...orderJson(order, symbol), client_order_id: this.#id() }
    const { client } = this.#options
    const reply = await client.ask({ method: 'POST', path: '/v1/orders', body })
    await this.#hear(reply, order.side === 'buy')
    const filled = reply.status === 201 ? Number((reply.data as { filled_quantity?: unknown }).filled_quantity ?? 0) : 0
    this.#add(symbol, order.side === 'sell' ? -(order.quantity ?? 0) : order.autoTransfer === true ? 0 : filled)
    return 1
  }

  async #quote ({ cancels, orders }: Extract<Act, { kind: 'quote' }>, symbol: string): Promise<number> {
    const items = [
      ...cancels.map(orderId => ({ action: 'cancel', order_id: orderId })),
      ...orders.map(order => ({ action: 'place', ...orderJson(order, symbol) }))
    ]
    const reply = await this.#options.client.ask({ method: 'POST', path: '/v1/orders/batch', body: { items } })
    if (reply.status === 0 || reply.status >= 500) { // D4
      await this.#send({ method: 'DELETE', path: `/v1/markets/${symbol}/orders` })
      return items.length + 1
    }
    const results = Array.isArray(reply.data) ? reply.data as ItemResult[] : []
    for (const { status, error } of results) {
      const code = error === undefined ? null : String(error.code)
      await this.#hear({ status: Number(status), code }, this.person.habit === 'maker')
    }
    for (const { side, quantity = 0 } of orders) if (side === 'sell') this.#add(symbol, -quantity)
    return items.length
  }

  async #supply (symbol: string, quantity: number): Promise<number> {
    const body = { instrument_id: symbol, quantity }
    for (const path of ['/v1/supply-issuances', '/v1/issuance-accounts/transfer']) {
      const reply = await this.#options.client.ask({ method: 'POST', path, body, idempotencyKey: this.#id() })
      await this.#hear(reply, false)
      if (reply.status >= 300 || reply.status === 0) return 1
    }
    this.#add(symbol, quantity)
    return 2
  }

  /** Winds the dead-man switch up. */
  async stayAlive (): Promise<void> {
    await this.#send({ method: 'POST', path: '/v1/orders/cancel-all-after', body: { timeout_ms: deadManMs } })
  }

  /** False where nobody could say so: then the switch does it, or time. */
  async cancelAll (): Promise<boolean> {
    const reply = await this.#options.client.ask({ method: 'DELETE', path: '/v1/orders' })
    await this.#hear(reply, false)
    return reply.status === 200
  }

  async #send (asked: Asked): Promise<number> {
    await this.#hear(await this.#options.client.ask(asked), false)
    return 1
  }

  /** Counts what became of a command, and sees to it that there is enough the next time. */
  async #hear ({ status, code }: Pick<Reply, 'status' | 'code'>, isBuy: boolean): Promise<void> {
    const { count, topUp } = this.#options
    const outcome = status >= 200 && status < 300 ? 'done' : status === 0 ? 'unanswered' : code ?? String(status)
    count(this.person.habit, outcome, 1)
    if (outcome !== 'INSUFFICIENT_BALANCE') return
    this.#unitsAt = -Infinity
    if (isBuy) await topUp(this.person)
  }

  #add (symbol: string, units: number): void {
    this.#units.set(symbol, Math.max(0, (this.#units.get(symbol) ?? 0) + units))
  }

  #id (): string {
    return `demo-${this.#run}-${++this.#ids}`
  }
}

type ItemResult = { readonly status?: unknown, readonly error?: { readonly code?: unknown } }

/** An order as the API has it. */
function orderJson (order: NewOrder, symbol: string): object {
  const { notional, price, stopPrice, ocoStopPrice, expiresAt } = order
  return {
    market_id: symbol,
    side: order.side,
    type: order.type,
    quantity: order.quantity,
    notional: notional === undefined ? undefined : dollarsOf(notional),
    price: price === undefined ? undefined : dollarsOf(price),
    stop_price: stopPrice === undefined ? undefined : dollarsOf(stopPrice),
    time_in_force: order.timeInForce,
    expires_at: expiresAt === undefined ? undefined : timeText(expiresAt),
    post_only: order.postOnly,
    auto_transfer: order.autoTransfer,
    oco: ocoStopPrice === undefined ? undefined : { stop_price: dollarsOf(ocoStopPrice) }
  }
}

// Matching alone, played by scenarios: a step in plain words in, what matching said in plain words out.
//
//   instrument tick 0.01, band 20, pause 30, quantity 2 to 100, reference 0.10      what of it is to change
//   ada sells 5 at 0.10 held                an order, cancel or amend (language.ts); `late` before it: past its time
//   ada and abe are one                     they share an owner
//   at 00:00:30                             a clock record; `now`: time passes, and the next record shows it
//   ada sells 5 at 0.10 stamped 00:00       held in the sweep period of that time; `issuer`: of units that ada issued
//   halt · open · version 1 · book
//
// What is said: a fill as `maker quantity at price`, an order's state by its name, or without it where it is the
// command's own. `held` orders are told to the ledger: in brackets, with their fills.

import { apply, type Command } from '../../pipelines/matching/apply.ts'
import { Matching } from '../../pipelines/matching/matching.ts'
import { Tape } from '../../pipelines/matching/tape.ts'
import { validate } from '../../pipelines/matching/validate.ts'
import { depth } from '../../pipelines/matching/views.ts'
import {
  type AmendOrder, type MatchingOutput, type OrderOutcome, type PlaceOrder, type SetParameters, amendDefaults,
  orderDefaults
} from '../../schemas/matching/records.ts'
import {
  type HolderId, type Instant, type OrderId, type OwnerId, type Units, basisPoints, instant, instrumentId, periodMs,
  periodOf, quantityMax, units
} from '../../schemas/units.ts'
import { type OrderWords, type Until, Names, amendIn, cancelIn, money, moneyText, orderIn, timeMs } from './language.ts'

const midnight = Date.UTC(2026, 0, 5)
const symbol = instrumentId('text-prime')
/** No order's: of commands that are about none. */
const nobody = 0

const listing: SetParameters = {
  kind: 'set-parameters',
  instrumentId: symbol,
  tickSize: money('0.01'),
  quantityMin: units(1),
  quantityMax,
  referencePrice: money('0.10'),
  bandBp: basisPoints(0),
  pauseMs: 0
}

/** The time of day at which a sweep period begins. */
const timeOfPeriod = (period: number): string => new Date(period * periodMs).toISOString().slice(11, 16)

export class MatchingMarket {
  readonly #state = new Matching()
  readonly #tape = new Tape()
  readonly #holders = new Names()
  readonly #orders = new Names()
  readonly #owners = new Map<string, string>()
  #parameters = listing
  #at = midnight
  #version = 2
  #isLate = false
  #isListed = false

  /** What matching said of a step. Throws where the step says nothing. */
  step (words: string): string {
    this.#isLate = words.startsWith('late ')
    const step = this.#isLate ? words.slice('late '.length) : words
    const order = orderIn(step)
    if (order !== null) return this.#place(order)
    const cancel = cancelIn(step)
    if (cancel !== null) return this.#cancel(cancel.who, cancel.name, cancel.others.join('_') || 'cancelled')
    if (amendIn(step) !== null) return this.#amend(step)
    const [verb = '', ...rest] = step.split(' ')
    switch (verb) {
      case 'book': return this.#book()
      case 'halt': return this.#obey({ kind: 'set-trading-status', instrumentId: symbol, status: 'halted' }, nobody)
      case 'open': return this.#obey({ kind: 'set-trading-status', instrumentId: symbol, status: 'open' }, nobody)
      case 'at':
        this.#at = midnight + timeMs(rest[0]!)
        return this.#obey({ kind: 'clock' }, nobody)
      case 'now':
        this.#at = midnight + timeMs(rest[0]!)
        return ''
      case 'version':
        this.#version = Number(rest[0])
        return ''
      case 'instrument': return this.#list(rest.join(' '))
      default: return this.#join(step)
    }
  }

  #join (step: string): string {
    const match = /^(\w+) and (\w+) are one$/.exec(step)
    if (match === null) throw new Error(`"${step}" says nothing`)
    this.#owners.set(match[2]!, match[1]!)
    return ''
  }

  #list (words: string): string {
    const changes: Partial<Record<keyof SetParameters, number>> = {}
    for (const part of words.split(', ')) {
      const [name, value = '', , last = value] = part.split(' ')
      if (name === 'tick') changes.tickSize = money(value)
      else if (name === 'band') changes.bandBp = Number(value) * 100
      else if (name === 'pause') changes.pauseMs = Number(value) * 1000
      else if (name === 'reference') changes.referencePrice = money(value)
      else if (name === 'quantity') Object.assign(changes, { quantityMin: Number(value), quantityMax: Number(last) })
      else throw new Error(`no parameter is called ${name}`)
    }
    this.#parameters = { ...this.#parameters, ...changes } as SetParameters
    return this.#obey(this.#parameters, nobody)
  }

  #place (words: OrderWords): string {
    const { who, price, stop, worth, or } = words
    const extra = (name: string): string | undefined => {
      const place = words.others.indexOf(name)
      return place === -1 ? undefined : words.others[place + 1]
    }
    const orderId = this.#orders.number(words.name) as OrderId
    const command: PlaceOrder = {
      ...orderDefaults,
      kind: 'place-order',
      orderId,
      holder: this.#holders.number(who) as HolderId,
      owner: this.#holders.number(this.#owners.get(who) ?? who) as OwnerId,
      instrumentId: words.others.includes('elsewhere') ? instrumentId('code-prime') : symbol,
      side: words.side,
      type: stop !== null ? (words.isMarket ? 'stop' : 'stop_limit') : words.isMarket ? 'market' : 'limit',
      timeInForce: words.timeInForce,
      postOnly: words.postOnly,
      price: price!,
      quantity: (words.quantity ?? 0) as Units,
      selfTradePrevention: words.mode,
      stopPrice: stop,
      expiresAt: this.#instantOf(words.until),
      notional: worth,
      takerBp: basisPoints(Number(extra('fee') ?? 0)),
      grantNotional: money(extra('grant') ?? '0'),
      oco: or === null
        ? null
        : { orderId: this.#orders.number(`${words.name}_stop`) as OrderId, isLimit: true, stopPrice: or.stop, price: or.price! },
      isHeld: words.others.includes('held'),
      isIssuer: words.others.includes('issuer'),
      period: this.#periodOf(extra('stamped'))
    }
    return this.#obey(command, orderId)
  }

  #periodOf (stamp: string | undefined): number {
    return stamp === undefined ? 0 : periodOf(instant(midnight + timeMs(stamp)))
  }

  #instantOf (until: Until | null): Instant | null {
    return until === null ? null : instant(midnight + until.timeMs)
  }

  #cancel (who: string, name: string, reason: string): string {
    const orderId = this.#orders.number(name) as OrderId
    const holder = this.#holders.number(who) as HolderId
    return this.#obey({ kind: 'cancel-order', orderId, holder, instrumentId: symbol, reason }, orderId)
  }

  #amend (step: string): string {
    const { who, name, quantity, price, stop, until } = amendIn(step)!
    const orderId = this.#orders.number(name) as OrderId
    const command: AmendOrder = {
      ...amendDefaults,
      kind: 'amend-order',
      orderId,
      holder: this.#holders.number(who) as HolderId,
      instrumentId: symbol,
      price,
      quantity: quantity as Units | null,
      quantityIs: 'total',
      stopPrice: stop,
      expiresAt: until === 'forever' ? instant(0) : this.#instantOf(until)
    }
    return this.#obey(command, orderId)
  }

  #obey (command: Command, own: number): string {
    if (!this.#isListed) {
      this.#isListed = true
      this.#obey(listing, nobody)
    }
    apply(this.#state, command, { at: instant(this.#at), isLate: this.#isLate, version: this.#version }, this.#tape)
    validate(this.#state)
    const outputs = this.#tape.outputs()
    return outputs.map((output, index) => this.#words(output, outputs[index - 1], own)).filter(words => words !== '').join(', ')
  }

  #words (output: MatchingOutput, before: MatchingOutput | undefined, own: number): string {
    switch (output.kind) {
      case 'fill': return `${this.#orders.name(output.makerOrderId)} ${output.quantity} at ${moneyText(output.price)}`
      case 'book-delta': return ''
      case 'reference-price': return `reference ${moneyText(output.price)}`
      case 'period-closed': return `period of ${timeOfPeriod(output.period)}`
      case 'order-update': {
        // The fill before it has said as much.
        if (before?.kind === 'fill' && before.makerOrderId === output.orderId) return ''
        const { orderId, status, reason, refused } = output
        return this.#stateWords(orderId, own, refused ? `refused ${reason}` : [status, reason ?? ''].join(' ').trim())
      }
      case 'order-outcome': return this.#outcomeWords(output, own)
    }
  }

  #outcomeWords (outcome: OrderOutcome, own: number): string {
    const { orderId, status, refusal, closureReason, legs, period, at } = outcome
    const fills = legs.map(({ role, quantity, price, grant }) =>
      `${role} ${quantity} at ${moneyText(price)}${grant === 0 ? '' : ` grant ${moneyText(grant)}`}`)
    const state = refusal === null ? [status, closureReason ?? ''].join(' ').trim() : `refused ${refusal}`
    // Said where it is not what the clock says.
    const ahead = period === periodOf(at) ? [] : [`of ${timeOfPeriod(period)}`]
    return this.#stateWords(orderId, own, `${state} (${['ledger', ...fills, ...ahead].join('; ')})`)
  }

  #stateWords (orderId: OrderId, own: number, words: string): string {
    return orderId === own || orderId === nobody ? words : `${this.#orders.name(orderId)} ${words}`
  }

  #book (): string {
    const side = (side: 'buy' | 'sell'): string[] =>
      depth(this.#state, side, 100).map(({ price, quantity }) => `${side} ${quantity} at ${moneyText(price)}`)
    return [...side('buy'), ...side('sell')].join(', ') || 'empty'
  }
}

// The language of the scenarios: the market in plain words, a step a line, its outcome at the line's end.
//
//   shows 1, 5                                 the rules of the stage's README that the file is about
//   shows lots 2                               those of the README of a folder in it
//
//   earlier order at the same price trades first
//     ada  sells 5 at 0.10                     resting
//     ben  sells 5 at 0.10 ioc as b2           cancelled no_fill_no_liquidity
//     cyd  buys  7 at 0.11                     ada 5 at 0.10, partly_filled
//
// A line that is not indented begins a scenario. Three spaces or more part a step from its outcome; fewer only align.
// What a step may say is for the runner; what every runner needs (orders, cancels, amends, times, money) is here.

import { timeInForce, type SelfTradePrevention, type TimeInForce } from '../../schemas/matching/records.ts'
import { microdollars, type Microdollars, type Side } from '../../schemas/units.ts'

export type Line = {
  /** In the file, from 1. */
  readonly number: number
  /** With single spaces. */
  readonly step: string
  /** Empty where nothing is said. */
  readonly outcome: string
}

export type Scenario = { readonly title: string, readonly lines: readonly Line[] }

export type ScenarioFile = {
  readonly shows: readonly number[]
  /** By folder. */
  readonly showsOf: ReadonlyMap<string, readonly number[]>
  readonly scenarios: readonly Scenario[]
}

const single = (text: string): string => text.trim().replaceAll(/ +/g, ' ')

/** Throws where a line belongs to nothing. Lines that begin with # are for readers. */
export function readScenarios (text: string): ScenarioFile {
  const shows: number[] = []
  const showsOf = new Map<string, number[]>()
  const scenarios: { title: string, lines: Line[] }[] = []
  text.split('\n').forEach((raw, index) => {
    if (raw.trim() === '' || raw.startsWith('#')) return
    if (raw.startsWith('shows ')) {
      const [, folder, rules = ''] = /^shows (?:([a-z]+) )?(.*)$/.exec(raw)!
      const numbers = rules.split(',').map(Number)
      if (folder === undefined) shows.push(...numbers)
      else showsOf.set(folder, [...showsOf.get(folder) ?? [], ...numbers])
    } else if (!raw.startsWith(' ')) {
      scenarios.push({ title: raw.trim(), lines: [] })
    } else {
      const scenario = scenarios.at(-1)
      if (scenario === undefined) throw new Error(`line ${index + 1}: a step before any scenario`)
      const [step = '', ...outcome] = raw.trim().split(/ {3,}/)
      scenario.lines.push({ number: index + 1, step: single(step), outcome: single(outcome.join(' ')) })
    }
  })
  return { shows, showsOf, scenarios }
}

/** `0.10`, `$0.10` or `10`, in dollars, at most six decimals. */
export function money (text: string): Microdollars {
  const match = /^\$?(\d+)(?:\.(\d{1,6}))?$/.exec(text)
  if (match === null) throw new Error(`${text} is no amount of dollars`)
  return microdollars(Number(match[1]) * 1_000_000 + Number((match[2] ?? '').padEnd(6, '0')))
}

/** As `money` reads it, with at least two decimals. */
export function moneyText (amount: number): string {
  return (amount / 1_000_000).toFixed(6).replace(/0{1,4}$/, '')
}

/** `12:30:05` or `12:30`, since midnight. */
export function timeMs (text: string): number {
  const match = /^(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{3}))?)?$/.exec(text)
  if (match === null) throw new Error(`${text} is no time of day`)
  const [hours, minutes, seconds, thousandths] = [match[1], match[2], match[3] ?? 0, match[4] ?? 0].map(Number)
  return ((hours! * 60 + minutes!) * 60 + seconds!) * 1000 + thousandths!
}

/** What stands behind "until": a time of the scenario's day. */
export type Until = { readonly timeMs: number }

export type OrderWords = {
  readonly who: string
  readonly side: Side
  /** Null where the order is by notional: `buys worth 5.00`. */
  readonly quantity: number | null
  readonly worth: Microdollars | null
  /** Null where it is said nowhere: a market order whose protection is the runner's. */
  readonly price: Microdollars | null
  readonly stop: Microdollars | null
  readonly isMarket: boolean
  readonly timeInForce: TimeInForce
  readonly until: Until | null
  readonly postOnly: boolean
  readonly reduceOnly: boolean
  readonly mode: SelfTradePrevention
  /** The second leg of an OCO: `or stop 0.08 at 0.07`; without a price it is a market order's. */
  readonly or: { readonly stop: Microdollars, readonly price: Microdollars | null } | null
  /** The order's name; its holder's where it says none. */
  readonly name: string
  /** Words that are for one runner only, such as `auto-transfer`. */
  readonly others: readonly string[]
}

const modes: Readonly<Record<string, SelfTradePrevention>> = {
  'cancel-newest': 'cancel_newest',
  'cancel-oldest': 'cancel_oldest',
  'cancel-both': 'cancel_both',
  decrement: 'decrement_and_cancel'
}

const isTimeInForce = (word: string): word is TimeInForce => (timeInForce as readonly string[]).includes(word)

/** `ada sells 5 at 0.10 …`, or null where a line says something else. */
export function orderIn (step: string): OrderWords | null {
  const match = /^(\w+) (buys|sells) (?:worth (\S+)|(-?\d+))(.*)$/.exec(step)
  if (match === null) return null
  const [, who = '', verb, worth, quantity, rest = ''] = match
  const order = {
    who,
    side: verb === 'buys' ? 'buy' as const : 'sell' as const,
    quantity: quantity === undefined ? null : Number(quantity),
    worth: worth === undefined ? null : money(worth),
    price: null as Microdollars | null,
    stop: null as Microdollars | null,
    isMarket: false,
    timeInForce: 'gtc' as TimeInForce,
    until: null as Until | null,
    postOnly: false,
    reduceOnly: false,
    mode: 'cancel_newest' as SelfTradePrevention,
    or: null as OrderWords['or'],
    name: who,
    others: [] as string[]
  }
  const words = rest.trim().split(' ').filter(word => word !== '')
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const mode = modes[word]
    if (isTimeInForce(word)) order.timeInForce = word
    else if (mode !== undefined) order.mode = mode
    else if (word === 'market') order.isMarket = true
    else if (word === 'post-only') order.postOnly = true
    else if (word === 'reduce-only') order.reduceOnly = true
    else if (word === 'as') order.name = words.shift()!
    else if (word === 'at') order.price = money(words.shift()!)
    else if (word === 'stop') order.stop = money(words.shift()!)
    else if (word === 'until') Object.assign(order, { timeInForce: 'gtd', until: { timeMs: timeMs(words.shift()!) } })
    else if (word === 'or') order.or = secondLeg(words)
    else order.others.push(word)
  }
  return order
}

function secondLeg (words: string[]): NonNullable<OrderWords['or']> {
  if (words.shift() !== 'stop') throw new Error('an order is one thing "or stop" another')
  const stop = money(words.shift()!)
  if (words[0] !== 'at') return { stop, price: null }
  words.shift()
  return { stop, price: money(words.shift()!) }
}

export type CancelWords = { readonly who: string, readonly name: string, readonly others: readonly string[] }

/** `ada cancels a2`: who, and the order's name. */
export function cancelIn (step: string): CancelWords | null {
  const match = /^(\w+) cancels (\w+)(.*)$/.exec(step)
  if (match === null) return null
  return { who: match[1]!, name: match[2]!, others: match[3]!.trim().split(' ').filter(word => word !== '') }
}

export type AmendWords = {
  readonly who: string
  readonly name: string
  readonly quantity: number | null
  readonly price: Microdollars | null
  readonly stop: Microdollars | null
  /** `forever`: never expires. */
  readonly until: Until | 'forever' | null
}

/** `ada amends a2 to 3 at 0.11 stop 0.12 until 12:30`; each part may be left out. */
export function amendIn (step: string): AmendWords | null {
  const match = /^(\w+) amends (\w+)(.*)$/.exec(step)
  if (match === null) return null
  const amend = {
    who: match[1]!,
    name: match[2]!,
    quantity: null as number | null,
    price: null as Microdollars | null,
    stop: null as Microdollars | null,
    until: null as Until | 'forever' | null
  }
  const words = match[3]!.trim().split(' ').filter(word => word !== '')
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const value = words.shift()
    if (value === undefined) throw new Error(`"${word}" of what?`)
    if (word === 'to') amend.quantity = Number(value)
    else if (word === 'at') amend.price = money(value)
    else if (word === 'stop') amend.stop = money(value)
    else if (word === 'until') amend.until = value === 'forever' ? value : { timeMs: timeMs(value) }
    else throw new Error(`an amend can't say "${word}"`)
  }
  return amend
}

/** Names in the order in which they are first heard, from 1: holders, or orders. */
export class Names {
  readonly #numbers = new Map<string, number>()

  number (name: string): number {
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    this.#numbers.set(name, this.#numbers.size + 1)
    return this.#numbers.size
  }

  name (number: number): string {
    const entry = this.#numbers.entries().find(([, known]) => known === number)
    if (entry === undefined) throw new Error(`nobody is number ${number}`)
    return entry[0]
  }
}

// Random commands for matching. Few prices, few owners, few ids, a clock that stumbles forward: so that orders meet,
// tie, repeat, come late, hit the band and find the instrument halted.

import fc from 'fast-check'
import type { Command } from '../../pipelines/matching/apply.ts'
import type { Position } from '../../pipelines/matching/matching.ts'
import {
  type PlaceOrder, amendQuantity, orderDefaults, orderType, selfTradePrevention, timeInForce, tradingStatus
} from '../../schemas/matching/records.ts'
import {
  type OrderId, basisPoints, holderId, instant, instrumentId, microdollars, orderId, ownerId, periodMs, periodOf,
  quantityMax, side, units
} from '../../schemas/units.ts'

/** An order before it is known when: its stamp is counted from the period of the moment. */
type Stampable<Of> = Of extends PlaceOrder ? Of & { readonly stamp?: number | null } : Of

export type Step = { readonly command: Command, readonly position: Position }

/** In the middle of a sweep period, and shortly before the end of one. */
const start = 1_700_000_000_000
const beforeSweep = nextSweep(start) - 20_000

function nextSweep (at: number): number {
  return (periodOf(instant(at)) + 1) * periodMs
}

export const listedInstrument = instrumentId('text-prime')
const instrument = fc.oneof(
  { weight: 60, arbitrary: fc.constant(listedInstrument) },
  { weight: 1, arbitrary: fc.constant(instrumentId('code-prime')) }
)
const often = <T>(usual: fc.Arbitrary<T>, seldom: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 25, arbitrary: usual }, { weight: 1, arbitrary: seldom })

// An id names its holder, and a holder its owner, nearly always: so that cancels and amends find what they are about.
const named = fc.record({ id: fc.integer({ min: 1, max: 20 }), stranger: fc.integer({ min: 0, max: 15 }) })
  .map(({ id, stranger }) => ({
    orderId: orderId(id),
    holder: holderId(stranger === 0 ? 9 : 1 + id % 5),
    owner: ownerId(1 + id % 5 % 4)
  }))
// Ticks of 100 around a reference of 2,000; seldom off the tick, off the ladder, or far away.
const price = often(
  fc.integer({ min: 15, max: 25 }).map(ticks => ticks * 100),
  fc.constantFrom(-100, 0, 150, 100, 50_000, 104_857_500, 104_857_600)
).map(microdollars)
const quantity = often(
  fc.integer({ min: 1, max: 9 }),
  fc.constantFrom(-1, 0, 40, 41, quantityMax, quantityMax, quantityMax + 1)
).map(units)

// Buys lie lower and sells higher, with room to cross: a book that is a few levels deep on both sides.
const sided = fc.record({ price, side: fc.constantFrom(...side), crosses: fc.integer({ min: 0, max: 2 }) })
  .map(({ price, side, crosses }) => {
    const shift = crosses === 0 || price < 1500 || price > 2500 ? 0 : side === 'buy' ? -300 : 300
    return { side, price: microdollars(price + shift) }
  })

const grant = often(fc.constantFrom(0, 0, 1000, 9000, 100_000), fc.constant(-5)).map(microdollars)
/** What the ledger stamps, counted from the period of the moment; null: no stamp. */
const stamp = fc.oneof(
  { weight: 15, arbitrary: fc.constant(null) },
  { weight: 30, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.constant(-1) },
  { weight: 1, arbitrary: fc.constant(1) }
)
/** An expiry at the sweep that comes next, to the millisecond. */
const atSweep = -100
/** From the moment of the command on; 0 and below are past. */
const expiresIn = often(fc.constantFrom(1, 300, 1000, 2500, 30_000, 300_000, atSweep), fc.constantFrom(0, -1))

const terms = fc.record({
  type: fc.oneof(
    { weight: 16, arbitrary: fc.constant('limit' as const) },
    { weight: 3, arbitrary: fc.constant('market' as const) },
    { weight: 1, arbitrary: fc.constantFrom(...orderType) }
  ),
  timeInForce: fc.oneof(
    { weight: 20, arbitrary: fc.constant('gtc' as const) },
    { weight: 6, arbitrary: fc.constantFrom('ioc' as const, 'fok' as const) },
    { weight: 2, arbitrary: fc.constantFrom(...timeInForce) }
  ),
  postOnly: fc.integer({ min: 0, max: 9 }).map(number => number === 0),
  quantity,
  selfTradePrevention: fc.constantFrom(...selfTradePrevention),
  isHeld: fc.boolean(),
  isIssuer: fc.boolean(),
  grantNotional: grant,
  stamp,
  expiresAt: fc.option(expiresIn.map(instant))
})

/** Now and then what one order may be worth comes into sight. */
const huge = fc.integer({ min: 0, max: 60 }).map(number => number === 0
  ? { price: microdollars(2500), quantity: quantityMax }
  : number === 1 ? { price: microdollars(50_000), quantity: quantityMax } : {})

const plain = fc.constant({})

// A stop waits on the side of the market that its order moves with, at times where it is reached at once.
const stop = fc.record({
  type: fc.constantFrom('stop' as const, 'stop_limit' as const),
  timeInForce: often(fc.constantFrom('gtc' as const, 'day' as const, 'gtd' as const), fc.constant('ioc' as const)),
  postOnly: often(fc.constant(false), fc.constant(true)),
  stopPrice: often(price, fc.constant(null))
})

const byNotional = fc.record({
  type: often(fc.constant('market' as const), fc.constant('limit' as const)),
  side: often(fc.constant('buy' as const), fc.constant('sell' as const)),
  timeInForce: often(fc.constantFrom('gtc' as const, 'ioc' as const), fc.constant('fok' as const)),
  postOnly: fc.constant(false),
  price: fc.integer({ min: 20, max: 26 }).map(ticks => microdollars(ticks * 100)),
  quantity: often(fc.constant(units(0)), fc.constant(units(3))),
  notional: often(
    fc.constantFrom(1900, 4100, 9999, 14_000, 30_000), fc.constantFrom(0, 1, -3, 10 ** 13, 10 ** 13 + 1)
  ).map(microdollars),
  takerBp: often(fc.constantFrom(0, 10, 250), fc.constantFrom(500, 501, -1)).map(basisPoints)
})

const oco = fc.record({
  type: often(fc.constant('limit' as const), fc.constant('market' as const)),
  timeInForce: often(fc.constantFrom('gtc' as const, 'day' as const), fc.constant('ioc' as const)),
  oco: fc.record({ isLimit: fc.boolean(), stopPrice: price, price })
})

const kindOfOrder = fc.oneof(
  { weight: 12, arbitrary: plain },
  { weight: 4, arbitrary: stop },
  { weight: 1, arbitrary: byNotional },
  { weight: 2, arbitrary: oco }
)

/** The id of a second leg: one of its holder's, and seldom the first's own. */
const legId = (id: number): OrderId => orderId(id === 20 ? id : 1 + (id + 4) % 20)

const place = fc.tuple(named, sided, terms, huge, instrument, kindOfOrder)
  .map(([name, priced, rest, worth, instrumentId, special]): Stampable<PlaceOrder> => {
    const leg = 'oco' in special ? { ...special.oco, orderId: legId(name.orderId) } : null
    const kind = 'place-order' as const
    return { ...orderDefaults, kind, ...name, ...priced, ...rest, ...worth, instrumentId, ...special, oco: leg }
  })

const reason = often(fc.constantFrom('cancelled', 'cancelled', 'dead_man', 'mode_change'), fc.constant('no such reason'))

const cancel = fc.tuple(named, instrument, reason).map(([{ orderId, holder }, instrumentId, reason]) =>
  ({ kind: 'cancel-order' as const, orderId, holder, instrumentId, reason }))

const newExpiry = fc.oneof(expiresIn, fc.constant(0)).map(instant)

const newTerms = fc.record({
  price: fc.option(price),
  quantity: fc.option(quantity),
  quantityIs: fc.constantFrom(...amendQuantity),
  stopPrice: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: price }),
  expiresAt: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: newExpiry }),
  quantityBefore: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: quantity })
})

const amend = fc.tuple(named, newTerms, huge, instrument).map(([{ orderId, holder }, rest, worth, instrumentId]) =>
  ({ kind: 'amend-order' as const, orderId, holder, instrumentId, ...rest, ...worth }))

const parameters = fc.record({
  kind: fc.constant('set-parameters' as const),
  instrumentId: instrument,
  tickSize: fc.constantFrom(100, 100, 100, 200, 200, 50, 0).map(microdollars),
  quantityMin: often(fc.constantFrom(1, 1, 2), fc.constant(0)).map(units),
  quantityMax: often(fc.constantFrom(40, quantityMax), fc.constant(quantityMax + 1)).map(units),
  referencePrice: often(fc.constant(2000), fc.constantFrom(1800, 0, 1950, 2 ** 40)).map(microdollars),
  bandBp: often(fc.constantFrom(0, 1000, 2000, 3000, 10_000), fc.constant(10_001)).map(basisPoints),
  pauseMs: often(fc.constantFrom(0, 1500, 30_000), fc.constant(-1))
})

const status = fc.record({
  kind: fc.constant('set-trading-status' as const),
  instrumentId: instrument,
  status: fc.oneof(
    { weight: 3, arbitrary: fc.constant('open' as const) },
    { weight: 2, arbitrary: fc.constantFrom(...tradingStatus) }
  )
})

const command: fc.Arbitrary<Stampable<Command>> = fc.oneof(
  { weight: 55, arbitrary: place },
  { weight: 12, arbitrary: cancel },
  { weight: 22, arbitrary: amend },
  { weight: 2, arbitrary: parameters },
  { weight: 4, arbitrary: status },
  { weight: 3, arbitrary: fc.constant({ kind: 'clock' as const }) }
)

// Mostly within a second or a few, at times past the window's end, or to the next sweep.
const pause = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(0, 1, 300, 1000) },
  { weight: 2, arbitrary: fc.constantFrom(29_999, 30_000, 90_000) },
  { weight: 1, arbitrary: fc.constantFrom(299_000, 300_000, 300_001) }
)
/** How many milliseconds after the next sweep; null: not there. */
const toSweep = fc.oneof(
  { weight: 80, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constantFrom(-1, 0, 1) }
)

const listing: Command = {
  kind: 'set-parameters',
  instrumentId: listedInstrument,
  tickSize: microdollars(100),
  quantityMin: units(1),
  quantityMax,
  referencePrice: microdollars(2000),
  bandBp: basisPoints(2000),
  pauseMs: 1500
}

type Stride = {
  readonly command: Stampable<Command>
  readonly pauseMs: number
  readonly toSweep: number | null
  readonly isLate: boolean
}

// An expiry is said from the command on. 0 in an amend stays 0: never.
function timed (command: Command, at: number): Command {
  if (command.kind !== 'place-order' && command.kind !== 'amend-order') return command
  const { expiresAt } = command
  if (expiresAt === null || (command.kind === 'amend-order' && expiresAt === 0)) return command
  return { ...command, expiresAt: instant(expiresAt === atSweep ? nextSweep(at) : at + expiresAt) }
}

function stamped (command: Stampable<Command>, at: number): Command {
  if (command.kind !== 'place-order') return command
  const { stamp = null, ...order } = command
  return { ...order, period: stamp === null ? 0 : periodOf(instant(at)) + stamp }
}

/** A moment so long after another, or, if it is given, so long after the sweep that comes next. Never before it. */
function momentAfter (at: number, { pauseMs, toSweep }: Stride): number {
  if (toSweep === null) return at + pauseMs
  return Math.max(at, nextSweep(at) + toSweep)
}

type Story = { readonly from: number, readonly switchAt: number }

/** Strides into steps: time adds up, and from one of them on the log has switched to the next version. */
function steps (strides: readonly Stride[], { from, switchAt }: Story): Step[] {
  let at = from
  return strides.map((stride, index) => {
    at = momentAfter(at, stride)
    const position = { at: instant(at), isLate: stride.isLate, version: index < switchAt ? 1 : 2 }
    return { command: timed(stamped(stride.command, at), at), position }
  })
}

const stride: fc.Arbitrary<Stride> = fc.record({
  command,
  pauseMs: pause,
  toSweep,
  isLate: fc.integer({ min: 0, max: 30 }).map(number => number === 0)
})

/** Most sequences begin by listing the instrument; a few leave the partition spare at first. */
export function sequences (lengthMax: number): fc.Arbitrary<Step[]> {
  const lengths = { minLength: Math.floor(lengthMax / 2), maxLength: lengthMax, size: 'max' as const }
  const switchAt = fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.nat(lengthMax) },
    { weight: 1, arbitrary: fc.constant(Infinity) }
  )
  const story = fc.record({ from: fc.constantFrom(start, beforeSweep), switchAt })
  const opening: Stride = { command: listing, pauseMs: 0, toSweep: null, isLate: false }
  return fc.tuple(fc.integer({ min: 0, max: 15 }), fc.array(stride, lengths), story)
    .map(([first, strides, story]) => steps(first === 0 ? strides : [opening, ...strides], story))
}

// Random commands for matching. Few prices, few owners, few ids, a clock that stumbles forward: so that orders meet,
// tie, repeat, come late, hit the band and find the instrument halted.

import fc from 'fast-check'
import type { Command } from '../../pipelines/matching/apply.ts'
import type { Position } from '../../pipelines/matching/matching.ts'
import { amendQuantity, orderType, selfTradePrevention, timeInForce, tradingStatus } from '../../schemas/matching/records.ts'
import {
  basisPoints, holderId, instant, instrumentId, microdollars, orderId, ownerId, quantityMax, side, units
} from '../../schemas/units.ts'

export type Step = { readonly command: Command, readonly position: Position }

const start = 1_700_000_000_000

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

const terms = fc.record({
  type: fc.oneof(
    { weight: 16, arbitrary: fc.constant('limit' as const) },
    { weight: 3, arbitrary: fc.constant('market' as const) },
    { weight: 1, arbitrary: fc.constantFrom(...orderType) }
  ),
  timeInForce: fc.oneof(
    { weight: 20, arbitrary: fc.constant('gtc' as const) },
    { weight: 6, arbitrary: fc.constantFrom('ioc' as const, 'fok' as const) },
    { weight: 1, arbitrary: fc.constantFrom(...timeInForce) }
  ),
  postOnly: fc.integer({ min: 0, max: 9 }).map(number => number === 0),
  quantity,
  selfTradePrevention: fc.constantFrom(...selfTradePrevention)
})

/** Now and then what one order may be worth comes into sight. */
const huge = fc.integer({ min: 0, max: 60 }).map(number => number === 0
  ? { price: microdollars(2500), quantity: quantityMax }
  : number === 1 ? { price: microdollars(50_000), quantity: quantityMax } : {})

const place = fc.tuple(named, sided, terms, huge, instrument).map(([name, priced, rest, worth, instrumentId]) =>
  ({ kind: 'place-order' as const, ...name, ...priced, ...rest, ...worth, instrumentId }))

const cancel = fc.tuple(named, instrument).map(([{ orderId, holder }, instrumentId]) =>
  ({ kind: 'cancel-order' as const, orderId, holder, instrumentId }))

const newTerms = fc.record({
  price: fc.option(price),
  quantity: fc.option(quantity),
  quantityIs: fc.constantFrom(...amendQuantity)
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

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 55, arbitrary: place },
  { weight: 12, arbitrary: cancel },
  { weight: 22, arbitrary: amend },
  { weight: 2, arbitrary: parameters },
  { weight: 4, arbitrary: status },
  { weight: 3, arbitrary: fc.constant({ kind: 'clock' as const }) }
)

// Mostly within a second or a few, at times past the window's end.
const pause = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(0, 1, 300, 1000) },
  { weight: 2, arbitrary: fc.constantFrom(29_999, 30_000, 90_000) },
  { weight: 1, arbitrary: fc.constantFrom(299_000, 300_000, 300_001) }
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

export type Stride = { readonly command: Command, readonly pauseMs: number, readonly isLate: boolean }

/** Strides into steps: time adds up. */
export function steps (strides: readonly Stride[]): Step[] {
  let at = start
  return strides.map(({ command, pauseMs, isLate }) => {
    at += pauseMs
    return { command, position: { at: instant(at), isLate } }
  })
}

const stride: fc.Arbitrary<Stride> = fc.record({
  command,
  pauseMs: pause,
  isLate: fc.integer({ min: 0, max: 30 }).map(number => number === 0)
})

/** Most sequences begin by listing the instrument; a few leave the partition spare at first. */
export function sequences (lengthMax: number): fc.Arbitrary<Step[]> {
  const lengths = { minLength: Math.floor(lengthMax / 2), maxLength: lengthMax, size: 'max' as const }
  return fc.tuple(fc.integer({ min: 0, max: 15 }), fc.array(stride, lengths)).map(([first, strides]) =>
    steps(first === 0 ? strides : [{ command: listing, pauseMs: 0, isLate: false }, ...strides]))
}

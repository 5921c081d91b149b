// Sequences of what a ledger may be told about lots and usage, beside those of ledger-commands.ts. Few requests, few
// nonces, amounts that one lot or two make up: so that lots run out and expire in the middle of requests.

import fc from 'fast-check'
import { consumer, guest, holders, instruments } from './ledger-cast.ts'

/** Right: what the request has now, or one more than its last sequence. */
export type Aim = 'right' | 'stale' | 'empty'

/** Again: as the last one was, but for one field. */
export type UsageStride =
  { readonly does: 'authorize', readonly terms: Readonly<Record<string, unknown>>, readonly ofSome: number | null, readonly again: string | null } |
  { readonly does: 'start', readonly of: Whose, readonly nonce: string, readonly aim: Aim, readonly supplier: number } |
  { readonly does: 'unstart', readonly of: Whose, readonly nonce: string, readonly aim: Aim } |
  { readonly does: 'extend', readonly of: Whose, readonly reading: Reading, readonly produced: number, readonly more: number } |
  { readonly does: 'capture', readonly of: Whose, readonly reading: Reading, readonly input: number, readonly output: number } |
  { readonly does: 'void', readonly of: Whose, readonly reading: Reading, readonly fault: string, readonly tokens: number } |
  { readonly does: 'expire', readonly pick: number, readonly isForeign: boolean } |
  { readonly does: 'stock', readonly holder: number, readonly quantity: number, readonly autoTransfer: boolean } |
  { readonly does: 'sweep', readonly holder: number, readonly instrumentId: string } |
  { readonly does: 'clock', readonly isStop: boolean, readonly instrumentId: string, readonly effectiveIn: number }

/** One of the requests that are not over, counted from the last; else the named one. */
export type Whose = { readonly holder: number, readonly requestId: string, readonly back: number | null }
export type Reading = { readonly step: number, readonly aim: Aim, readonly source: string }

const rarely = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: odd })

const holder = rarely(fc.constantFrom<number>(...holders, ...holders, consumer, consumer, guest), fc.constant(32))
const instrumentId = rarely(fc.constant<string>(instruments[0]), fc.constantFrom(instruments[1], 'unknown'))
const named = fc.record({ holder, requestId: fc.constantFrom('r1', 'r2', 'r3', 'r4', 'r5') })
const whose = fc.tuple(named, fc.constantFrom(0, 0, 0, 1, 1, 2, 3, null)).map(([of, back]) => ({ ...of, back }))
const nonce = fc.constantFrom('n1', 'n2', 'n3')
const aim = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Aim>('right') }, { weight: 1, arbitrary: fc.constantFrom<Aim>('stale', 'empty') }
)
const source = rarely(fc.constant('gateway'), fc.constant('supplier:8'))
const tokens = rarely(
  fc.constantFrom(0, 1, 999, 1500, 400_000, 1_000_000, 1_000_001, 2_500_000, 7_000_000),
  fc.constantFrom(-1, 10 ** 12 + 1)
)
const needed = rarely(fc.constantFrom(1, 999, 1500, 400_000, 1_000_000, 1_000_001, 2_500_000, 7_000_000), tokens)
const reading = fc.record({ step: rarely(fc.constant(1), fc.constantFrom(0, -1, 3)), aim, source })

/** Mostly one that is not bounded by much. */
const key = fc.record({
  keyId: fc.constantFrom('', 'k1', 'k1', 'k2'),
  budget: rarely(
    fc.constantFrom(null, null, null, 1_000_000, 2_500_000, 4_000_000, 10 ** 15),
    fc.constantFrom(0, -1, 1.5, 10 ** 15 + 1)
  ),
  budgetPeriod: rarely(fc.constantFrom('day', 'month', 'total'), fc.constant('week'))
}).map(({ budget, keyId, ...rest }) => ({ ...rest, keyId, budget: keyId === '' && budget !== 0 ? null : budget }))

const authorize: fc.Arbitrary<UsageStride> = fc.record({
  named,
  ofSome: fc.constantFrom(0, 0, 1, 2, null),
  again: rarely(fc.constant(null), fc.constantFrom('need', 'limitPrice', 'managedPrice', 'keyId', 'budget', 'budgetPeriod')),
  isGuest: fc.nat({ max: 5 }).map(number => number === 0),
  instrumentId,
  need: needed,
  least: rarely(fc.constantFrom(1, 1, 1000, 400_000, 2_500_000), fc.constantFrom(0, Infinity)),
  recorder: fc.constantFrom('gateway', 'gateway', 'gateway', 'gateway', 'supplier:8'),
  limitPrice: fc.constantFrom(null, 90, 110, 120, 120),
  spendMax: fc.constantFrom(null, null, 50, 130, 400, 1000),
  managedPrice: fc.constantFrom(null, null, null, 1, 90, 110, 1333, 10 ** 13),
  key
}).map(({ named: of, ofSome, again, isGuest, least, need, key, ...rest }) => {
  const who = isGuest ? { ...of, holder: guest } : of
  const min = least === Infinity ? need + 1 : Math.min(least, need)
  return { does: 'authorize', ofSome: isGuest ? null : ofSome, again, terms: { ...who, need, min, ...key, ...rest } }
})

/** Of who buys nothing himself: many of them wait for one purchase, with more or less of what they need there. */
const eager: fc.Arbitrary<UsageStride> = fc.record({
  requestId: fc.constantFrom('e1', 'e2', 'e3', 'e4', 'e5', 'e6', 'e7', 'e8', 'e9'),
  need: fc.constantFrom(300_000, 400_000, 900_000, 1_000_001, 1_500_000, 2_500_000),
  least: fc.constantFrom(1, 1000, 400_000, 1_000_000),
  limitPrice: fc.constantFrom(110, 120, 120, null),
  spendMax: fc.constantFrom(null, null, null, 130, 260),
  managedPrice: fc.constantFrom(null, null, null, null, 110),
  key
}).map(({ least, need, key, ...rest }) => {
  const who = { holder: consumer, instrumentId: instruments[0], recorder: 'gateway' }
  return { does: 'authorize', ofSome: null, again: null, terms: { ...who, need, min: Math.min(least, need), ...key, ...rest } }
})

export const usage: fc.Arbitrary<UsageStride> = fc.oneof(
  { weight: 26, arbitrary: authorize },
  { weight: 12, arbitrary: eager },
  { weight: 14, arbitrary: fc.record({ does: fc.constant('start' as const), of: whose, nonce, aim: fc.constant<Aim>('stale'), supplier: fc.constantFrom(0, 8) }) },
  { weight: 10, arbitrary: fc.record({ does: fc.constant('stock' as const), holder: fc.constantFrom(...holders), quantity: fc.integer({ min: 1, max: 4 }), autoTransfer: fc.constantFrom(true, true, false) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('unstart' as const), of: whose, nonce, aim }) },
  { weight: 10, arbitrary: fc.record({ does: fc.constant('extend' as const), of: whose, reading, produced: tokens, more: tokens }) },
  { weight: 14, arbitrary: fc.record({ does: fc.constant('capture' as const), of: whose, reading, input: tokens, output: tokens }) },
  { weight: 8, arbitrary: fc.record({ does: fc.constant('void' as const), of: whose, reading, fault: fc.constantFrom('supplier', 'house', 'client', 'moon'), tokens }) },
  { weight: 10, arbitrary: fc.record({ does: fc.constant('expire' as const), pick: fc.nat({ max: 30 }), isForeign: fc.nat({ max: 20 }).map(number => number === 0) }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('sweep' as const), holder, instrumentId }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('clock' as const), isStop: fc.boolean(), instrumentId, effectiveIn: fc.constantFrom(0, 1, 60_000, 1_800_000, -1000, -(10 ** 15), 0.5, 86_400_001) }) }
)

// Sequences of what a ledger may be told. Few holders, few instruments, few prices, little money: so that balances run
// out, references and client order ids collide, and orders fill in the middle of everything else.

import fc from 'fast-check'
import type { LedgerCommand, SubmitOrder } from '../../schemas/ledger/commands.ts'
import {
  type OrderType, type TimeInForce, orderType, selfTradePrevention, timeInForce
} from '../../schemas/matching/records.ts'
import { side } from '../../schemas/units.ts'
import { consumer, guest, holders, instruments } from './ledger-cast.ts'
import { type UsageStride, usage } from './usage-commands.ts'

/** Which order is meant: one of those that were asked for so far, counted from the last. */
export type Picked = { readonly back: number }

export type Stride =
  { readonly does: 'say', readonly command: LedgerCommand | { readonly kind: 'clock' } } |
  { readonly does: 'cancel', readonly order: Picked, readonly isForeign: boolean } |
  { readonly does: 'amend', readonly order: Picked, readonly isForeign: boolean, readonly terms: Readonly<Record<'price' | 'quantity' | 'stopPrice', number | null>> & { readonly timeInForce: typeof timeInForce[number] | null, readonly expiresIn: number | null } } |
  { readonly does: 'submit', readonly terms: Omit<SubmitOrder, 'expiresAt'>, readonly expiresIn: number | null } |
  { readonly does: 'match', readonly dice: readonly number[] } |
  { readonly does: 'deliver', readonly count: number } |
  { readonly does: 'use', readonly usage: UsageStride } |
  { readonly does: 'settle', readonly dice: readonly number[] } |
  { readonly does: 'restart' }

/** So long, or until about the next of what time brings. */
export type Pause = number | { readonly until: 'sweep' | 'expiry' | 'deadline', readonly by: number }

export type Step = { readonly stride: Stride, readonly pause: Pause, readonly isLate: boolean }

const often = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 30, arbitrary: usual }, { weight: 1, arbitrary: odd })
const option = <T>(arbitrary: fc.Arbitrary<T>, some: number): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: some, arbitrary }, { weight: 10 - some, arbitrary: fc.constant(null) })
/** What only a cast can say: the brands are for those who write code. */
const as = <T>(arbitrary: fc.Arbitrary<unknown>): fc.Arbitrary<T> => arbitrary as fc.Arbitrary<T>

const holder = often(fc.constantFrom<number>(...holders), fc.constantFrom(32, 40, consumer, guest))
const instrument = often(fc.constantFrom<string>(...instruments), fc.constantFrom('unknown', 'late-one'))
const price = often(fc.constantFrom(90, 100, 100, 110, 120), fc.constantFrom(0, -5, 10 ** 13, 1.5))
const quantity = often(fc.integer({ min: 1, max: 6 }), fc.constantFrom(0, 999_999_999, 1_000_000_000))
const amount = often(fc.constantFrom(1, 50, 300, 1000, 2500), fc.constantFrom(0, -1, 10 ** 15, 10 ** 15 + 1))
const reference = often(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), fc.constantFrom('', 'x'.repeat(201)))
const expiresIn = option(fc.constantFrom(1, 1000, 600_000, 0, -1), 6)

const oco = fc.record({
  isLimit: fc.boolean(),
  stopPrice: fc.constantFrom(80, 90, 110, 120),
  price: fc.constantFrom(80, 84, 90, 94, 112, 120, 126)
})

const terms = fc.record({
  kind: fc.constant('submit-order' as const),
  holder,
  instrumentId: instrument,
  side: fc.constantFrom(...side, 'buy' as const),
  type: fc.oneof({ weight: 6, arbitrary: fc.constant('limit' as const) }, { weight: 4, arbitrary: fc.constantFrom(...orderType) }),
  timeInForce: fc.oneof({ weight: 3, arbitrary: fc.constant('gtc' as const) }, { weight: 3, arbitrary: fc.constantFrom(...timeInForce) }),
  postOnly: often(fc.constant(false), fc.constant(true)),
  reduceOnly: often(fc.constant(false), fc.constant(true)),
  price: as<number | null>(often(price, fc.constant(null as never))),
  stopPrice: fc.constant(null as number | null),
  quantity,
  notional: fc.constant(null as number | null),
  oco: option(oco, 2),
  clientOrderId: option(fc.constantFrom('x', 'y', 'z'), 3),
  content: fc.constantFrom('p', 'p', 'p', 'q'),
  selfTradePrevention: fc.constantFrom(...selfTradePrevention),
  autoTransfer: fc.integer({ min: 0, max: 3 }).map(number => number === 0),
  bookSequence: fc.constant(null),
  submittedAt: fc.constantFrom(5, 6),
  commandId: fc.constant('')
})

const fits = (type: OrderType, inForce: TimeInForce): boolean =>
  type === 'limit' || ['ioc', 'fok'].includes(inForce) === (type === 'market')

const timeInForceOf = ({ order, odd }: { order: Pick<SubmitOrder, 'type' | 'timeInForce'>, odd: number }): TimeInForce =>
  odd > 6 && !fits(order.type, order.timeInForce) ? 'gtc' : order.timeInForce

/** Most orders make sense: a stop has a stop price, a market order may be by notional. */
const submit: fc.Arbitrary<Stride> = fc.record({
  order: terms,
  stop: fc.constantFrom(90, 96, 100, 110),
  byNotional: option(fc.constantFrom(50, 500, 1001), 4),
  expiresIn,
  odd: fc.integer({ min: 0, max: 40 })
}).map(({ order, stop, byNotional, expiresIn, odd }) => {
  const isStop = order.type === 'stop' || order.type === 'stop_limit'
  const stopPrice = isStop !== (odd === 1) ? stop : null
  const isByNotional = (order.type === 'market' && order.side === 'buy') || odd === 2
  const notional = isByNotional ? byNotional : null
  return {
    does: 'submit',
    expiresIn: (timeInForceOf({ order, odd }) === 'gtd') !== (odd === 3) ? expiresIn ?? 1000 : null,
    terms: {
      ...order,
      stopPrice,
      notional,
      quantity: notional === null || odd === 4 ? order.quantity : null,
      oco: order.type === 'limit' || odd === 5 ? order.oco : null,
      timeInForce: timeInForceOf({ order, odd })
    }
  } as unknown as Stride
})

const order = fc.integer({ min: 0, max: 7 }).map(back => ({ back }))
const isForeign = fc.integer({ min: 0, max: 20 }).map(number => number === 0)

const amend: fc.Arbitrary<Stride> = fc.record({
  does: fc.constant('amend' as const),
  order,
  isForeign,
  terms: fc.record({
    price: option(price, 5),
    quantity: option(quantity, 5),
    stopPrice: option(price, 1),
    timeInForce: option(fc.constantFrom(...timeInForce), 1),
    expiresIn: option(fc.constantFrom(1000, 0), 1)
  })
})

const money = fc.record({ holder, amount, reference })
const owner = (of: number): number => of === 24 ? 8 : of
const say = (arbitrary: fc.Arbitrary<unknown>): fc.Arbitrary<Stride> => arbitrary.map(command => ({ does: 'say', command }) as Stride)

const funds = say(fc.oneof(
  { weight: 5, arbitrary: fc.tuple(money, fc.boolean()).map(([terms, isGrant]) => ({ kind: 'deposit', ...terms, isGrant })) },
  { weight: 3, arbitrary: money.map(terms => ({ kind: 'withdraw', ...terms })) },
  { weight: 3, arbitrary: money.map(terms => ({ kind: 'finalize-proceeds', ...terms })) },
  { weight: 3, arbitrary: fc.tuple(money, holder, isForeign).map(([terms, to, odd]) => ({ kind: 'transfer-funds', ...terms, to, owner: owner(terms.holder) + (odd ? 1 : 0) })) },
  { weight: 1, arbitrary: fc.tuple(money, holder, isForeign).map(([terms, from, odd]) => ({ kind: 'receive-funds', ...terms, from, owner: owner(terms.holder) + (odd ? 1 : 0) })) }
))

const supply = say(fc.record({ kind: fc.constantFrom('issue-supply', 'transfer-issued', 'transfer-issued', 'transfer-to-consumption'), holder, instrumentId: instrument, quantity, reference }))

const rare = say(fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('cancel-all'), holder, instrumentId: option(instrument, 5), reason: fc.constant('cancelled') }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('set-dead-man'), holder, timeoutMs: often(fc.constantFrom(0, 1, 1000, 2000), fc.constantFrom(-1, 10 ** 9)) }) },
  { weight: 3, arbitrary: fc.tuple(holder, fc.boolean(), fc.nat({ max: 3 }), isForeign).map(([of, isIssuer, suspends, odd]) => ({ kind: 'set-holder', holder: of, owner: owner(of) + (odd ? 1 : 0), isIssuer, isSuspended: suspends === 0 })) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('set-account-mode'), holder, mode: fc.constantFrom('advanced', 'advanced', 'advanced', 'easy') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('list-instrument'), instrumentId: instrument, index: fc.constantFrom(0, 1, 2, 3, 32), referencePrice: price }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reference-price'), instrumentId: instrument, price, at: fc.constant(1) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('set-ledger-parameters'),
      feeTiers: fc.tuple(
        fc.constantFrom(0, 10, 100, 500, 501), fc.constantFrom(0, 10, 333, 500), fc.constantFrom(1000, 2000, 0)
      ).map(([makerBp, takerBp, volumeFrom]) => [
        { volumeFrom: 0, makerBp, takerBp }, { volumeFrom, makerBp: 0, takerBp: 1 }
      ]),
      openOrdersMax: fc.constantFrom(2, 2, 2, 3, 200, 0),
      stopSlippageBp: fc.constantFrom(500, 500, 1000, 5001),
      freeRequestsPerDay: often(fc.constantFrom(2, 3, 5), fc.constantFrom(100, -1)),
      freeOpenMax: often(fc.constantFrom(1, 2, 3), fc.constantFrom(0, 10 ** 6 + 1))
    })
  },
  { weight: 6, arbitrary: fc.constant({ kind: 'clock' }) }
))

const trading: { readonly weight: number, readonly arbitrary: fc.Arbitrary<Stride> }[] = [
  { weight: 30, arbitrary: submit },
  { weight: 40, arbitrary: fc.array(fc.nat({ max: 999 }), { minLength: 8, maxLength: 16 }).map(dice => ({ does: 'match' as const, dice })) },
  { weight: 25, arbitrary: fc.integer({ min: 1, max: 4 }).map(count => ({ does: 'deliver' as const, count })) },
  { weight: 8, arbitrary: fc.record({ does: fc.constant('cancel' as const), order, isForeign }) },
  { weight: 16, arbitrary: amend },
  { weight: 8, arbitrary: funds },
  { weight: 6, arbitrary: supply },
  { weight: 8, arbitrary: rare },
  { weight: 12, arbitrary: fc.array(fc.nat({ max: 999 }), { minLength: 4, maxLength: 16 }).map(dice => ({ does: 'settle' as const, dice })) }
]
const restart = { weight: 4, arbitrary: fc.constant<Stride>({ does: 'restart' }) }

const stride: fc.Arbitrary<Stride> = fc.oneof(
  ...trading,
  { weight: 146, arbitrary: usage.map(each => ({ does: 'use' as const, usage: each })) },
  restart
)

/** The same of who has nothing but what was given him: to the microdollar, with nothing beside to fall back upon. */
function ofGuest (stride: Stride, isPair: boolean): Stride {
  if (stride.does === 'submit') {
    const pair = isPair ? { type: 'limit', timeInForce: 'gtc', notional: null, quantity: 2, oco: dearer } : {}
    const terms = { ...stride.terms, holder: guest, side: 'buy', ...pair } as typeof stride.terms
    return { ...stride, terms }
  }
  const isDeposit = stride.does === 'say' && stride.command.kind === 'deposit'
  if (!isDeposit) return stride
  return { ...stride, command: { ...stride.command, holder: guest, isGrant: true } as LedgerCommand }
}

const dearer = { isLimit: true, stopPrice: 120, price: 126 }
const given = fc.tuple(fc.oneof(...trading, restart), fc.nat({ max: 9 }))
  .map(([stride, of]) => of < 6 ? ofGuest(stride, of < 2) : stride)

const pause: fc.Arbitrary<Pause> = fc.oneof(
  { weight: 120, arbitrary: fc.constantFrom(0, 0, 0, 0, 1, 1, 300, 1000) },
  { weight: 2, arbitrary: fc.constantFrom(60_000, 119_000, 120_000, 3_600_000) },
  { weight: 6, arbitrary: fc.record({ until: fc.constantFrom('sweep', 'expiry', 'deadline', 'deadline'), by: fc.constantFrom(-1, 0, 0, 1) }) },
  { weight: 1, arbitrary: fc.constantFrom(24 * 3_600_000, 31 * 24 * 3_600_000) }
)

const sequencesOf = (stride: fc.Arbitrary<Stride>) => (lengthMax: number): fc.Arbitrary<Step[]> => {
  const isLate = fc.integer({ min: 0, max: 40 }).map(number => number === 0)
  const step = fc.record({ stride, pause, isLate })
  return fc.array(step, { minLength: 1, maxLength: lengthMax, size: 'max' })
}

export const sequences = sequencesOf(stride)
/** Orders alone, most of them of somebody who has grant money and no other. */
export const sequencesOfGrants = sequencesOf(given)

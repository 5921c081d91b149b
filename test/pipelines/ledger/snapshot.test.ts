import { describe, expect, test } from 'vitest'
import { conservation } from '../../../pipelines/ledger/conservation.ts'
import { readSnapshot, writeSnapshot } from '../../../pipelines/ledger/snapshot.ts'
import { ledger } from '../../../pipelines/ledger/stage.ts'
import {
  openOrders, orderByClientId, orderByCommand, positionViews, recentOrders, referencePrice
} from '../../../pipelines/ledger/views.ts'
import { freeTierView, keyView, requestView } from '../../../pipelines/ledger/usage/views.ts'
import { holderId, instant, instrumentId, microdollars, orderIdAt, tokens, units } from '../../../schemas/units.ts'
import { Accounts, ada, ben, buyOrder, dollar, textPrime } from './support.ts'
import { stateHash } from '../../../pipelines/runtime/stage.ts'

/** One of everything. */
function busy (): Accounts {
  const accounts = new Accounts()
  accounts.deposit(ada, 3 * dollar, { isGrant: true })
  accounts.supply(ben, 50)
  const bought = accounts.rest({ clientOrderId: 'first' })
  accounts.matched(bought, { cause: 'match', legs: [{ price: 100_000, quantity: 3, grant: 300_000 }] })
  accounts.at += 86_400_000
  accounts.matched(bought, { cause: 'match', legs: [{ price: 100_000, quantity: 7, grant: 700_000 }] })
  const pair = accounts.rest({ oco: { isLimit: true, stopPrice: microdollars(120_000), price: microdollars(130_000) } })
  accounts.matched(pair, { cause: 'cancel', status: 'cancelled', closureReason: 'cancelled' })
  const open = accounts.rest({ holder: ben, side: 'sell', quantity: units(5) })
  accounts.amend(open, { holder: ben, quantity: units(6) })
  accounts.submit({ instrumentId: instrumentId('unlisted'), clientOrderId: 'second' })
  accounts.submit({ quantity: units(900_000) })
  accounts.say({ kind: 'reference-price', instrumentId: instrumentId('unlisted'), price: microdollars(7), at: buyOrder.submittedAt })
  accounts.say({ kind: 'set-dead-man', holder: ada, timeoutMs: 60_000 })
  accounts.say({ kind: 'transfer-funds', holder: ben, owner: accounts.holder(ben).owner, to: ada, amount: microdollars(5), reference: 't' })
  return accounts
}

describe('a snapshot', () => {
  test('has all there is', () => {
    const accounts = busy()
    const seen = (): unknown => [ada, ben].map(holder => [
      accounts.holder(holder), positionViews(accounts.state, holder), recentOrders(accounts.state, holder)
    ])
    const before = seen()
    accounts.restart()
    expect(seen()).toEqual(before)
    expect(orderByClientId(accounts.state, ada, 'second')).toMatchObject({ refusal: 'unknown_instrument', instrumentId: 'unlisted' })
    expect(openOrders(accounts.state, ben)[0]).toMatchObject({ isAmendPending: true, isCancelPending: false })
    expect(referencePrice(accounts.state, instrumentId('unlisted'))).toBe(7)
  })

  test('goes on as if nothing had been', () => {
    const [one, other] = [busy(), busy()]
    other.restart()
    for (const accounts of [one, other]) {
      accounts.at += 60_000
      accounts.say({ kind: 'clock' })
      accounts.at += 60_000
      accounts.say({ kind: 'clock' })
      accounts.submit({ clientOrderId: 'third' })
    }
    expect(Buffer.from(writeSnapshot(one.state)).equals(Buffer.from(writeSnapshot(other.state)))).toBe(true)
  })

  test('has the keys, what they have drawn and hold, and who may ask for free', () => {
    const accounts = busy()
    const guest = holderId(24)
    const of = { kind: 'authorize-usage', instrumentId: textPrime, need: tokens(1000), min: tokens(1), recorder: 'gateway' } as const
    const by = { limitPrice: null, spendMax: null, keyId: 'key_1', budget: tokens(5000), budgetPeriod: 'month', managedPrice: microdollars(3) } as const
    accounts.open(guest)
    accounts.deposit(guest, dollar, { isGrant: true })
    for (const holder of [ada, guest]) for (const requestId of ['r1', 'r2']) accounts.say({ ...of, ...by, holder, requestId })
    accounts.say({ kind: 'start-usage', holder: ada, requestId: 'r1', nonce: 'n1', supplier: holderId(0) })
    accounts.say({
      kind: 'capture-usage',
      holder: ada,
      instrumentId: textPrime,
      requestId: 'r1',
      sequence: 1,
      nonce: 'n1',
      source: 'gateway',
      eventId: 'e1',
      supplier: holderId(0),
      inputTokens: tokens(700),
      outputTokens: tokens(0),
      occurredAt: instant(accounts.at)
    })
    const seen = (): unknown => [ada, guest].map(holder => [
      keyView(accounts.state, holder, 'key_1'), freeTierView(accounts.state, holder), requestView(accounts.state, holder, 'r2'),
      accounts.holder(holder)
    ])
    const before = seen()
    expect(before).toMatchObject([
      [{ drawn: 700, held: 1000, left: 3300 }, null, { held: 1000, isManaged: false }, {}],
      [
        { drawn: 0, held: 2000, left: 3000 }, { requestsLeft: 98, openLeft: 1 }, { held: 1000, isManaged: true },
        { grant: { held: 2 } }
      ]
    ])
    accounts.restart()
    expect(seen()).toEqual(before)
  })

  test('has who waits for a purchase, and for whom it was made', () => {
    const accounts = new Accounts()
    accounts.say({ kind: 'set-account-mode', holder: ada, mode: 'easy' })
    const of = { kind: 'authorize-usage', holder: ada, instrumentId: textPrime, min: tokens(1), recorder: 'gateway' } as const
    const by = { limitPrice: microdollars(100_000), spendMax: null, keyId: '', budget: null, budgetPeriod: '', managedPrice: null } as const
    const purchase = orderIdAt(0, accounts.offset)
    accounts.say({ ...of, ...by, requestId: 'r1', need: tokens(900_000) })
    accounts.say({ ...of, ...by, requestId: 'r2', need: tokens(500_000) })
    accounts.restart()
    const said = accounts.matched(purchase, { legs: [{ price: 100_000, quantity: 1, role: 'taker' }] })
    expect(said).toMatchObject([
      {}, {}, { kind: 'order-state' }, { requestId: 'r1', held: 900_000 }, { kind: 'place-order', quantity: 1 }
    ])
  })

  test('does not show how it was come by', () => {
    const accounts = busy()
    const stage = ledger()
    const before = stateHash(stage.snapshot(accounts.state))
    accounts.restart()
    expect(stateHash(stage.snapshot(accounts.state))).toBe(before)
    accounts.deposit(ada, 1)
    expect(stateHash(stage.snapshot(accounts.state))).not.toBe(before)
  })

  test('of another format is refused', () => {
    const bytes = writeSnapshot(busy().state)
    expect(() => readSnapshot(Uint8Array.of(99, ...bytes.slice(1)))).toThrow('unknown format')
    expect(() => readSnapshot(bytes.slice(0, -1))).toThrow()
    expect(() => readSnapshot(Uint8Array.of(...bytes, 0))).toThrow('left over')
  })
})

describe('views', () => {
  test('find an order by its command, with its first answer, for as long as it is remembered', () => {
    const accounts = new Accounts()
    const { orderId } = accounts.submit({ commandId: 'the-command' })
    expect(orderByCommand(accounts.state, 'the-command')).toMatchObject({ orderId, status: 'held', firstAnswer: null })
    accounts.matched(orderId, { legs: [{ price: 99_000, quantity: 4, role: 'taker' }] })
    const first = { status: 'partly_filled', filledQuantity: 4, filledNotional: 396_000, fee: 396, at: accounts.at }
    accounts.at += 1000
    accounts.matched(orderId, { cause: 'match', legs: [{ price: 100_000, quantity: 6 }] })
    expect(orderByCommand(accounts.state, 'the-command')).toMatchObject({ status: 'filled', firstAnswer: first })
    accounts.at += 119_999
    accounts.say({ kind: 'clock' })
    expect(accounts.order(orderId).status).toBe('filled')
    accounts.at += 1
    accounts.say({ kind: 'clock' })
    expect(orderByCommand(accounts.state, 'the-command')).toBeUndefined()
  })

  test('find the first order of a command that comes again after its time', () => {
    const accounts = new Accounts()
    const first = accounts.rest({ commandId: 'again' })
    const second = accounts.rest({ commandId: 'again' })
    accounts.restart()
    expect(orderByCommand(accounts.state, 'again')).toMatchObject({ orderId: first })
    accounts.matched(first, { cause: 'market', status: 'cancelled', closureReason: 'swept' })
    accounts.restart()
    expect(orderByCommand(accounts.state, 'again')).toMatchObject({ orderId: first })
    accounts.at += 120_000
    accounts.say({ kind: 'clock' })
    accounts.restart()
    expect(orderByCommand(accounts.state, 'again')).toBeUndefined()
    expect(accounts.order(second).status).toBe('resting')
  })

  test('of nobody are empty', () => {
    const { state } = new Accounts()
    const nobody = ada + 800 as typeof ada
    expect([openOrders(state, nobody), recentOrders(state, nobody), positionViews(state, nobody)]).toEqual([[], [], []])
    expect(orderByClientId(state, nobody, 'x')).toBeUndefined()
    expect(orderByClientId(state, ada, '')).toBeUndefined()
  })
})

test('the report comes to nothing for each asset, and shows where everything is', () => {
  const { state } = busy()
  const rows = conservation(state)
  expect(rows.map(({ asset, sum }) => [asset, sum])).toEqual([['usd', 0n], ['text-prime', 0n], ['text-prime:tokens', 0n]])
  const money = { in_transit: 1_000_005n, deposits: -200_000_000n, grants: -3_000_000n, fees: 0n }
  expect(rows[0]!.accounts).toMatchObject(money)
  expect(rows[1]!.accounts).toMatchObject({ trading: 57n, in_transit: -10n, issued: -50n, conversion: 3n })
  state.house.deposits++
  expect(conservation(state)[0]!.sum).toBe(1n)
  expect(textPrime).toBe('text-prime')
})

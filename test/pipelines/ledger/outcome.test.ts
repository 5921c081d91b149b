// What matching may say of an order, and what stops the ledger: that which can't be true.

import { describe, expect, test } from 'vitest'
import type { OrderId } from '../../../schemas/units.ts'
import { microdollars, units } from '../../../schemas/units.ts'
import { Accounts, ada, ben, buyOrder, entries, placed, states } from './support.ts'

const leg = { price: 100_000, quantity: 1 }

describe('an outcome', () => {
  test('in several records tells the state with the last', () => {
    const accounts = new Accounts()
    const { orderId } = accounts.submit()
    const first = accounts.outcome(orderId, { legs: [leg, leg], isLast: false })
    const totals = { filledQuantity: units(3), filledNotional: microdollars(300_000), status: 'partly_filled' as const }
    const early = accounts.say({ ...first, ...totals })
    expect([entries(early).length, states(early).length]).toEqual([2, 0])
    expect(accounts.order(orderId)).toMatchObject({ status: 'held', filledQuantity: 2, heldAmount: 800_800 })
    const last = accounts.matched(orderId, { legs: [leg] })
    expect(states(last)).toMatchObject([{ sequence: 1, status: 'partly_filled', filledQuantity: 3, heldAmount: 700_700 }])
  })

  test('of an amend in several records holds by the new terms from the first on', () => {
    const accounts = new Accounts()
    const orderId = accounts.rest()
    accounts.amend(orderId, { price: microdollars(150_000), quantity: units(5) })
    const terms = { cause: 'amend', price: microdollars(150_000), quantity: units(5) } as const
    const first = accounts.outcome(orderId, { ...terms, legs: [{ price: 150_000, quantity: 4 }], isLast: false })
    accounts.say({ ...first, filledQuantity: units(5), filledNotional: microdollars(750_000) })
    expect(accounts.order(orderId)).toMatchObject({ isAmendPending: false, heldAmount: 150_150 })
    accounts.matched(orderId, { ...terms, legs: [{ price: 150_000, quantity: 1 }] })
    expect(accounts.holder().cash).toEqual({ posted: 99_250_000, held: 0 })
  })

  test('of a lower total without a fill gives back what is no longer needed', () => {
    const accounts = new Accounts()
    const orderId = accounts.rest()
    accounts.matched(orderId, { cause: 'match', quantity: units(4) })
    expect(accounts.order(orderId)).toMatchObject({ quantity: 4, heldAmount: 400_400 })
  })

  // What the order lost it no longer claims of the grant; a total that gave it back would have nothing to pay for it.
  test('of a lower total means the end of a new one under way', () => {
    const accounts = new Accounts()
    const guest = 24 as typeof ada
    accounts.open(guest)
    accounts.deposit(guest, 1_001_000, { isGrant: true })
    const terms = { holder: guest, selfTradePrevention: 'decrement_and_cancel' } as const
    const orderId = accounts.rest(terms)
    const asked = accounts.amend(orderId, { holder: guest, quantity: units(10) })
    expect(asked).toMatchObject([{ kind: 'amend-order', quantity: 10, quantityBefore: 10 }])
    accounts.matched(orderId, { cause: 'match', quantity: units(4) })
    expect(accounts.order(orderId)).toMatchObject({ isAmendPending: true, heldAmount: 400_400 })
    const told = accounts.matched(orderId, { cause: 'amend', refusal: 'order_changed', status: 'resting' })
    expect(states(told)).toMatchObject([{ refusal: 'order_changed', quantity: 4 }])
  })

  test('of the dearer leg of a pair spends all that the pair claimed of the grant', () => {
    const accounts = new Accounts()
    const guest = 24 as typeof ada
    accounts.open(guest)
    accounts.deposit(guest, 1_201_200, { isGrant: true })
    const oco = { isLimit: false, stopPrice: microdollars(120_000), price: microdollars(120_000) }
    const { orderId, outputs } = accounts.submit({ holder: guest, oco })
    expect(placed(outputs)).toMatchObject([{ price: 100_000, grantNotional: 1_200_000 }])
    accounts.matched(orderId)
    const second = accounts.order(orderId).otherLeg
    accounts.matched(second)
    accounts.matched(second, { cause: 'match', legs: [{ price: 120_000, quantity: 10, role: 'taker', grant: 1_200_000 }] })
    expect(accounts.holder(guest)).toMatchObject({ cash: { posted: 0, held: 0 }, grant: { posted: 0, held: 0 } })
  })

  test('of a lower total leaves a new price under way as it is', () => {
    const accounts = new Accounts()
    const orderId = accounts.rest()
    accounts.amend(orderId, { price: microdollars(200_000) })
    accounts.matched(orderId, { cause: 'match', quantity: units(4) })
    expect(accounts.order(orderId)).toMatchObject({ quantity: 4, heldAmount: 800_800 })
  })

  test.each(['amend', 'cancel'] as const)('of a %s that met nothing is told by what came before', cause => {
    const accounts = new Accounts()
    const orderId = accounts.rest()
    const refused = { ...accounts.outcome(orderId), cause, refusal: 'unknown_order', status: 'refused' } as const
    accounts.matched(orderId, { cause: 'market', status: 'cancelled', closureReason: 'swept' })
    expect(states(accounts.say(refused)).map(({ status, refusal }) => [status, refusal]))
      .toEqual(cause === 'amend' ? [['cancelled', 'unknown_order']] : [])
    accounts.at += 120_000
    accounts.say({ kind: 'clock' })
    expect(accounts.say(refused)).toEqual([])
  })
})

describe('the ledger stops at', () => {
  const stops = (name: string, act: (accounts: Accounts, orderId: OrderId) => void, message: string): void => {
    test(name, () => {
      const accounts = new Accounts()
      const orderId = accounts.rest()
      expect(() => { act(accounts, orderId) }).toThrow(message)
    })
  }
  stops('an order that nobody knows', (accounts, id) => {
    accounts.say({ ...accounts.outcome(id), orderId: 12_345 as OrderId })
  }, 'which nobody knows')
  stops('a second end', (accounts, id) => {
    const end = accounts.outcome(id, { cause: 'cancel', status: 'cancelled', closureReason: 'cancelled' })
    accounts.say(end)
    accounts.say(end)
  }, 'H3')
  stops('another holder', (accounts, id) => { accounts.say({ ...accounts.outcome(id), holder: ben }) }, 'another holder')
  stops('other units', (accounts, id) => { accounts.matched(id, { filledQuantity: units(1) }) }, 'H3')
  stops('another notional', (accounts, id) => {
    accounts.matched(id, { legs: [leg], filledNotional: microdollars(1) })
  }, 'H3')
  stops('a price beyond the limit', (accounts, id) => {
    accounts.say({ kind: 'withdraw', holder: ada, amount: microdollars(98_999_000), reference: 'all' })
    accounts.matched(id, { legs: [{ price: 200_000, quantity: 10 }] })
  }, 'Q')
  stops('grant money that was not claimed', (accounts, id) => {
    accounts.matched(id, { legs: [{ ...leg, grant: 1 }] })
  }, 'beyond its claim')
  stops('units that are not there', accounts => {
    accounts.supply(ben, 5)
    const { orderId } = accounts.submit({ ...buyOrder, holder: ben, side: 'sell', quantity: units(5) })
    accounts.matched(orderId, { quantity: units(6), legs: [{ price: 100_000, quantity: 6 }] })
  }, 'fewer units')
})

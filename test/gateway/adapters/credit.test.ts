// Auto-Reload on the real ledger: what its replicas show is what the next reload is called.

import { expect, test } from 'vitest'
import { creditAccounts } from '../../../gateway/adapters/credit.ts'
import { fakePayments } from '../../../gateway/credit/fake/payments.ts'
import { FakeProcessor } from '../../../gateway/credit/fake/processor.ts'
import { Reloads } from '../../../gateway/credit/reloads.ts'
import { accountSettings } from '../../../schemas/identity/records.ts'
import { topics } from '../../../schemas/topics.ts'
import { holderId, instant, microdollars, units } from '../../../schemas/units.ts'
import { userOf } from '../auth/keys.ts'
import { ada, orderOf, SmallMarket, type Gateway } from './small-market.ts'

const user = userOf(ada, { createdAt: instant(Date.UTC(2023, 8, 1)) })
const threshold = microdollars(100_000_000)

function creditOf (market: SmallMarket, gateway: Gateway) {
  return creditAccounts({
    ledger: gateway.port,
    replica: () => gateway.machine,
    partitions: topics.ledger.partitions,
    user: holder => holder === ada ? user : undefined,
    now: () => market.now
  })
}

function opened () {
  const market = new SmallMarket()
  const processor = new FakeProcessor({ file: null, now: () => market.now })
  const settings = {
    kind: 'account-settings' as const,
    userId: ada,
    ...accountSettings,
    reloadEnabled: true,
    reloadThreshold: threshold,
    reloadAmount: microdollars(30_000_000),
    paymentMethod: 'cus_1/pm_1',
    updatedAt: instant(0)
  }
  const gateways = [market.gateway(), market.gateway()]
  const reloads = gateways.map(gateway => new Reloads({
    credit: creditOf(market, gateway),
    payments: fakePayments(processor),
    settings: () => settings,
    now: () => market.now,
    log: { error: (_, text) => { throw new Error(text) }, warn: (_, text) => { throw new Error(text) } }
  }))
  /** Everybody sees everything, as often as there is something new. */
  const settle = async (): Promise<void> => {
    const done = Promise.all(reloads.map(each => each.settled())).then(() => true)
    while (!await Promise.race([done, new Promise(resolve => { setImmediate(resolve, false) })])) market.settle()
  }
  return { market, gateways, reloads, processor, settle }
}

test('what an order holds is no credit, and two gateways that see it reload once each time', async () => {
  const { market, gateways, reloads, processor, settle } = opened()
  const credit = creditOf(market, gateways[0]!)
  expect(credit.account(ada)).toEqual({ credits: threshold, isSuspended: false, openedAt: user.createdAt })
  expect(reloads.map(each => each.look(ada))).toEqual(['none', 'none'])
  for (const n of [1, 2]) {
    await gateways[0]!.outcome(`order-${n}`, orderOf(`order-${n}`, { quantity: units(200) }))
    expect(reloads.map(each => each.look(ada))).toEqual(['pending', 'pending'])
    await settle()
    expect(credit.deposited(ada, `reload:${n}:2023-11`)).toBe(30_000_000)
    expect(reloads.map(each => each.state(ada))).toEqual(['none', 'none'])
  }
  expect(processor.all().map(({ key, status }) => [key, status])).toEqual([['reload:11:1', 'succeeded'], ['reload:11:2', 'succeeded']])
})

test('of whom it knows nothing it says nothing', async () => {
  const { market, gateways } = opened()
  const credit = creditOf(market, gateways[0]!)
  expect([credit.account(holderId(19)), credit.deposited(ada, 'reload:1:2023-11')]).toEqual([null, null])
  const refused = credit.deposit({ holder: holderId(27), amount: microdollars(1), reference: 'r' })
  market.settle()
  expect(await refused).toBe('unknown_holder')
})

test('a deposit that the log did not take may be tried again', async () => {
  const market = new SmallMarket()
  const away = market.gateway({ isAway: true, deadlineMs: 1 })
  const deposit = creditOf(market, away).deposit({ holder: ada, amount: microdollars(1), reference: 'r' })
  await expect(deposit).rejects.toThrow('unknown')
})

import { expect, test } from 'vitest'
import { reloading } from '../../../gateway/adapters/reloading.ts'
import type { UsageRequests } from '../../../gateway/adapters/usage-requests.ts'
import { fakePayments } from '../../../gateway/credit/fake/payments.ts'
import { FakeProcessor } from '../../../gateway/credit/fake/processor.ts'
import type { PaymentPort } from '../../../gateway/credit/payments.ts'
import { Directory } from '../../../pipelines/identities/directory.ts'
import { accountSettings } from '../../../schemas/identity/records.ts'
import { instant, microdollars } from '../../../schemas/units.ts'
import { userOf } from '../auth/keys.ts'
import { ada, SmallMarket } from './small-market.ts'

type Hear = Parameters<UsageRequests['onHeard']>[0]

function opened (payments: (now: () => number) => PaymentPort | null) {
  const market = new SmallMarket()
  const gateway = market.gateway()
  const directory = new Directory()
  directory.apply(`user/${ada}`, userOf(ada))
  directory.apply(`account-settings/${ada}`, {
    kind: 'account-settings',
    userId: ada,
    ...accountSettings,
    reloadEnabled: true,
    reloadThreshold: microdollars(500_000_000),
    paymentMethod: 'cus_1/pm_1',
    updatedAt: instant(1)
  })
  const heard: Hear[] = []
  const logged: string[] = []
  const log = (_: object, text: string): void => { logged.push(text) }
  const reloads = reloading({
    payments: payments(() => market.now),
    ledger: gateway.port,
    replica: () => gateway.machine,
    directory,
    requests: { onHeard: hear => { heard.push(hear) } },
    now: () => market.now,
    logger: { warn: log, error: log } as never
  })
  const cash = (): number => gateway.port.holder(ada)!.cash.posted
  return { market, reloads, heard, logged, cash }
}

test('an account is looked at when the ledger says something of its requests', async () => {
  const { market, reloads, heard, cash } = opened(now => fakePayments(new FakeProcessor({ file: null, now })))
  heard.forEach(hear => { hear({ holder: ada } as never) })
  expect(reloads.credit.state(ada)).toBe('pending')
  await expect.poll(() => {
    market.settle()
    return cash()
  }).toBe(300_000_000)
  await reloads.close()
})

test('what was charged and not deposited is deposited at the start', async () => {
  const { market, reloads, cash } = opened(now => {
    const payments = fakePayments(new FakeProcessor({ file: null, now }))
    const asked = { holder: ada, method: 'm', amount: microdollars(70_000_000), idempotencyKey: `reload:${ada}:1` }
    const charged = payments.charge(asked)
    return { ...payments, approvedSince: async at => charged.then(() => payments.approvedSince(at)) }
  })
  await expect.poll(() => {
    market.settle()
    return cash()
  }).toBe(170_000_000)
  await reloads.close()
})

test('a processor that is away at the start is told to operators', async () => {
  const { reloads, logged } = opened(() => ({
    charge: async () => Promise.reject(new Error('away')), approvedSince: async () => Promise.reject(new Error('away'))
  }))
  await expect.poll(() => logged).toEqual(['charges could not be held against deposits'])
  await reloads.close()
})

test('without a processor there is nothing to be had', async () => {
  const { reloads, heard } = opened(() => null)
  reloads.credit.look(ada)
  expect([heard, reloads.credit.state(ada)]).toEqual([[], 'none'])
  await reloads.close()
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fakePayments } from '../../../gateway/credit/fake/payments.ts'
import { FakeProcessor } from '../../../gateway/credit/fake/processor.ts'
import type { PaymentPort } from '../../../gateway/credit/payments.ts'
import { instant } from '../../../schemas/units.ts'
import { ada, Desk, dollars, noon } from './desk.ts'

function opened () {
  const desk = new Desk()
  const processor = new FakeProcessor({ file: null, now: () => desk.now })
  const payments = fakePayments(processor)
  const charged = (): number => processor.all().filter(({ status }) => status === 'succeeded').length
  return { desk, processor, payments, charged, reloads: desk.gateway(payments) }
}

const minute = 60_000

describe('a reload', () => {
  test('is due below the threshold, charges once and deposits what was charged', async () => {
    const { desk, reloads, charged } = opened()
    desk.ledger.credits.set(ada, dollars(50))
    expect(reloads.look(ada)).toBe('none')
    desk.ledger.credits.set(ada, dollars(50) - 1)
    expect(reloads.state(ada)).toBe('pending')
    expect(charged()).toBe(0)
    expect([reloads.look(ada), reloads.look(ada)]).toEqual(['pending', 'pending'])
    await reloads.settled()
    expect([...desk.ledger.deposits]).toEqual([['11 reload:1:2026-11', dollars(200)]])
    expect([reloads.look(ada), charged()]).toEqual(['none', 1])
  })

  test.each([
    ['is off', (desk: Desk) => { desk.settings = { ...desk.settings, reloadEnabled: false } }],
    ['has no card', (desk: Desk) => { desk.settings = { ...desk.settings, paymentMethod: null } }],
    ['is of a suspended account', (desk: Desk) => { desk.ledger.isSuspended = true }],
    ['is of an account that is being restored', (desk: Desk) => { desk.ledger.isReady = false }]
  ])('that %s is none', async (_, change) => {
    const { desk, reloads, charged } = opened()
    change(desk)
    expect([reloads.state(ada), reloads.look(ada)]).toEqual(['none', 'none'])
    await reloads.settled()
    expect(charged()).toBe(0)
  })

  test('that two gateways begin at once is one charge and one deposit', async () => {
    const { desk, payments, charged, reloads } = opened()
    const other = desk.gateway(payments)
    expect([reloads.look(ada), other.look(ada)]).toEqual(['pending', 'pending'])
    await Promise.all([reloads.settled(), other.settled()])
    expect([charged(), desk.ledger.total()]).toEqual([1, dollars(200)])
  })

  test('whose gateway crashes before the deposit is deposited by another, as it was charged', async () => {
    const { desk, payments, charged } = opened()
    const crashing = desk.gateway(payments, { deposit: async () => Promise.reject(new Error('crash')) })
    crashing.look(ada)
    await crashing.settled()
    expect([charged(), desk.ledger.total()]).toEqual([1, 0])
    desk.settings = { ...desk.settings, reloadAmount: dollars(70) }
    const other = desk.gateway(payments)
    other.look(ada)
    await other.settled()
    expect([charged(), desk.ledger.total()]).toEqual([1, dollars(200)])
  })

  test('that is charged in the next month by the processor\'s clock counts there, on every gateway', async () => {
    const { desk, payments, reloads } = opened()
    desk.now = Date.UTC(2026, 10, 30, 23, 59, 59, 500)
    const late: PaymentPort = {
      ...payments,
      charge: async asked => {
        desk.now = Date.UTC(2026, 11, 1)
        return await payments.charge(asked)
      }
    }
    const first = desk.gateway(late)
    first.look(ada)
    reloads.look(ada)
    await Promise.all([first.settled(), reloads.settled()])
    expect([...desk.ledger.deposits.keys()]).toEqual(['11 reload:1:2026-12'])
  })
})

test('a charge is deposited under the month in which it was taken, however late', async () => {
  const { desk, payments, reloads } = opened()
  const crashing = desk.gateway(payments, { deposit: async () => Promise.reject(new Error('crash')) })
  crashing.look(ada)
  await crashing.settled()
  desk.now = Date.UTC(2026, 11, 2)
  reloads.look(ada)
  await reloads.settled()
  expect([...desk.ledger.deposits.keys()]).toEqual(['11 reload:1:2026-11'])
})

describe('a monthly limit', () => {
  test('holds what would pass it, until the next month of UTC', async () => {
    const { desk, reloads, charged } = opened()
    desk.settings = { ...desk.settings, reloadMonthlyMax: dollars(500) }
    for (let spent = 0; spent < 2; spent++) {
      desk.ledger.credits.set(ada, 0)
      reloads.look(ada)
      await reloads.settled()
    }
    desk.ledger.credits.set(ada, 0)
    expect([reloads.look(ada), reloads.state(ada), charged()]).toEqual(['limit', 'limit', 2])
    expect(desk.gateway(fakePayments(new FakeProcessor({ file: null, now: () => 0 }))).look(ada)).toBe('limit')
    desk.now = Date.UTC(2026, 11, 1)
    expect(reloads.look(ada)).toBe('pending')
    await reloads.settled()
    expect([...desk.ledger.deposits.keys()].at(-1)).toBe('11 reload:3:2026-12')
  })
})

describe('a card that is declined', () => {
  const declines = (desk: Desk, method: string) => { desk.settings = { ...desk.settings, paymentMethod: method } }

  test('is left alone for five minutes, and then tried under the same name', async () => {
    const { desk, processor, reloads } = opened()
    declines(desk, 'cus_1/pm_card_chargeDeclined')
    reloads.look(ada)
    await reloads.settled()
    expect([reloads.state(ada), reloads.look(ada)]).toEqual(['declined', 'declined'])
    desk.now += 5 * minute - 1
    expect(reloads.look(ada)).toBe('declined')
    desk.now++
    expect(reloads.look(ada)).toBe('pending')
    await reloads.settled()
    expect(reloads.state(ada)).toBe('declined')
    expect(processor.all()).toMatchObject([{ key: 'reload:11:1', status: 'requires_payment_method' }])
  })

  test('is tried at once when the settings change, with the amount that they have then', async () => {
    const { desk, reloads, processor } = opened()
    declines(desk, 'cus_1/pm_card_authenticationRequired')
    reloads.look(ada)
    await reloads.settled()
    desk.settings = { ...desk.settings, paymentMethod: 'cus_1/pm_card_visa', reloadAmount: dollars(60), updatedAt: instant(2) }
    expect(reloads.look(ada)).toBe('pending')
    await reloads.settled()
    expect([processor.all().length, desk.ledger.total()]).toEqual([1, dollars(60)])
  })

  test('does not matter any more when credits come another way', async () => {
    const { desk, reloads } = opened()
    declines(desk, 'cus_1/pm_card_chargeDeclined')
    reloads.look(ada)
    await reloads.settled()
    desk.ledger.credits.set(ada, dollars(100))
    expect(reloads.state(ada)).toBe('none')
  })
})

describe('what fails', () => {
  test('is tried again after a wait that doubles, and pending meanwhile', async () => {
    const { desk, payments } = opened()
    let attempts = 0
    const reloads = desk.gateway({
      ...payments,
      charge: async () => {
        attempts++
        return await Promise.reject(new Error('no answer'))
      }
    })
    reloads.look(ada)
    await reloads.settled()
    for (const [index, waitMs] of [1, 2, 4, 8, 16, 32, 60, 60].map(seconds => seconds * 1000).entries()) {
      desk.now += waitMs - 1
      expect(reloads.look(ada)).toBe('pending')
      await reloads.settled()
      expect(attempts).toBe(index + 1)
      desk.now++
      expect(reloads.look(ada)).toBe('pending')
      await reloads.settled()
      expect(attempts).toBe(index + 2)
    }
  })

  test('in the ledger is told to operators', async () => {
    const { desk, reloads, charged } = opened()
    desk.ledger.refusal = 'unknown_holder'
    reloads.look(ada)
    await reloads.settled()
    expect([reloads.state(ada), charged(), desk.logged]).toEqual(['pending', 1, ['a charge could not be deposited']])
  })
})

describe('reconciling', () => {
  test('deposits what was charged and not deposited, and nothing else', async () => {
    const { desk, payments, reloads } = opened()
    const crashing = desk.gateway(payments, { deposit: async () => Promise.reject(new Error('crash')) })
    crashing.look(ada)
    await crashing.settled()
    desk.settings = { ...desk.settings, reloadEnabled: false }
    expect(reloads.look(ada)).toBe('none')
    expect(await reloads.reconcile(instant(noon - minute))).toBe(1)
    expect(await reloads.reconcile(instant(noon - minute))).toBe(0)
    expect([...desk.ledger.deposits]).toEqual([['11 reload:1:2026-11', dollars(200)]])
  })

  test('passes over charges that are not ours', async () => {
    const { desk, processor, payments } = opened()
    processor.confirm(processor.create({ key: 'invoice-7', amountCents: 100, customer: '', metadata: {} })!.id, 'pm')
    expect(await desk.gateway(payments).reconcile(instant(0))).toBe(0)
    expect(desk.ledger.deposits.size).toBe(0)
  })
})

test('nothing is begun after the end', async () => {
  const { reloads, charged } = opened()
  await reloads.close()
  expect(reloads.look(ada)).toBe('pending')
  await reloads.settled()
  expect(charged()).toBe(0)
})

test('money charged is money deposited, whichever gateways begin, crash and come back, in whatever order', async () => {
  const acts = fc.array(fc.record({
    gateway: fc.constantFrom(0, 1),
    what: fc.constantFrom('check', 'check', 'spend', 'crash', 'decline', 'mend', 'amount', 'later')
  }), { maxLength: 25 })
  await fc.assert(fc.asyncProperty(acts, fc.scheduler(), async (all, scheduler) => {
    const { desk, payments } = opened()
    const crashed = [0, 0]
    // A process that has crashed never hears what it asked for.
    const open = (index: number) => {
      const life = crashed[index]!
      const unlessCrashed = async <Value>(value: Value): Promise<Value> =>
        crashed[index] === life ? Promise.resolve(value) : new Promise<never>(() => {})
      const slowly = async <Value>(label: string, work: () => Promise<Value>): Promise<Value> => {
        await scheduler.schedule(Promise.resolve(), `to ${label}`)
        await unlessCrashed(null)
        const value = await work()
        await scheduler.schedule(Promise.resolve(), `from ${label}`)
        return await unlessCrashed(value)
      }
      return desk.gateway(
        { ...payments, charge: asked => slowly('charge', () => payments.charge(asked)) },
        { deposit: deposit => slowly('deposit', async () => Promise.resolve(desk.ledger.apply(deposit))) }
      )
    }
    const gateways = [open(0), open(1)]
    for (const { gateway, what } of all) {
      if (what === 'check') gateways[gateway]!.look(ada)
      if (what === 'spend') desk.ledger.credits.set(ada, 0)
      if (what === 'later') desk.now += 10 * minute
      if (what === 'amount') desk.settings = { ...desk.settings, reloadAmount: dollars(60), updatedAt: instant(desk.now) }
      if (what === 'decline') desk.settings = { ...desk.settings, paymentMethod: 'cus_1/pm_card_chargeDeclined' }
      if (what === 'mend') desk.settings = { ...desk.settings, paymentMethod: 'cus_1/pm_card_visa', updatedAt: instant(desk.now) }
      if (what === 'crash') {
        crashed[gateway]!++
        gateways[gateway] = open(gateway)
      }
      if (scheduler.count() > 0) await scheduler.waitNext(1)
    }
    await scheduler.waitIdle()
    const last = desk.gateway(payments)
    await last.reconcile(instant(0))
    const charges = await payments.approvedSince(instant(0))
    expect(charges.reduce((sum, { amount }) => sum + amount, 0)).toBe(desk.ledger.total())
    expect(desk.ledger.deposits.size).toBe(charges.length)
    expect(desk.logged).not.toContain('a charge could not be deposited')
  }), { seed: 6, numRuns: 200 })
})

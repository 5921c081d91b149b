import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { chosenPayments, paymentFields } from '../../../gateway/credit/choice.ts'
import { ada, dollars } from './desk.ts'

const chosen = (environment: Record<string, string>) =>
  chosenPayments(z.object(paymentFields).parse(environment), () => 0)

test('nothing is charged unless a processor is named', () => {
  expect(chosen({})).toBeNull()
  expect(() => chosen({ PAYMENTS: 'stripe' })).toThrow('STRIPE_KEY')
  expect(() => chosen({ PAYMENTS: 'barter' })).toThrow('PAYMENTS')
  expect(() => chosen({ STRIPE_URL: 'file:///etc' })).toThrow('STRIPE_URL')
})

test('the fake keeps its charges where it is told to', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'charges-'))
  onTestFinished(() => { rmSync(folder, { recursive: true }) })
  const environment = { PAYMENTS: 'fake', PAYMENTS_FILE: join(folder, 'charges.jsonl') }
  const asked = { holder: ada, method: 'cus_1/pm_1', amount: dollars(5), idempotencyKey: 'reload:11:1' }
  const charge = await chosen(environment)!.charge(asked)
  expect(charge.kind).toBe('approved')
  expect(existsSync(environment.PAYMENTS_FILE)).toBe(true)
  expect(await chosen(environment)!.charge(asked)).toEqual(charge)
})

test('Stripe is asked where it is said to be', async () => {
  const payments = chosen({ PAYMENTS: 'stripe', STRIPE_KEY: 'sk_test', STRIPE_URL: 'http://127.0.0.1:1/' })!
  await expect(payments.approvedSince(0 as never)).rejects.toThrow()
})

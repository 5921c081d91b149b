import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { FakeProcessor, type NewIntent } from '../../../../gateway/credit/fake/processor.ts'

const asked: NewIntent = { key: 'k', amountCents: 20_000, customer: 'cus_1', metadata: { market_key: 'k' } }

function books (): { file: string, open: () => FakeProcessor } {
  const folder = mkdtempSync(join(tmpdir(), 'charges-'))
  onTestFinished(() => { rmSync(folder, { recursive: true }) })
  const file = join(folder, 'below', 'charges.jsonl')
  return { file, open: () => new FakeProcessor({ file, now: () => 1_700_000_000_500 }) }
}

test('one key is one intent, and with other content none', () => {
  const processor = new FakeProcessor({ file: null, now: () => 0 })
  const first = processor.create(asked)!
  expect(processor.create(asked)).toEqual(first)
  expect(processor.create({ ...asked, amountCents: 1 })).toBeNull()
  processor.setAmount(first.id, 5)
  expect(processor.create(asked)).toMatchObject({ id: first.id, amountCents: 5 })
})

test('what is charged is charged once, at the amount that it had then', () => {
  const processor = new FakeProcessor({ file: null, now: () => 1_700_000_000_500 })
  const { id } = processor.create(asked)!
  expect(processor.confirm(id, 'cus_1/pm_card_chargeDeclined')).toMatchObject({ kind: 'declined', code: 'card_declined' })
  const first = processor.confirm(id, 'cus_1/pm_card_visa')
  expect(first).toMatchObject({ kind: 'succeeded', intent: { amountCents: 20_000, chargedSeconds: 1_700_000_000 } })
  expect(processor.confirm(id, 'cus_1/pm_card_visa')).toEqual({ kind: 'unexpected', intent: first.intent })
  expect(processor.setAmount(id, 1)).toEqual(first.intent)
})

test('its books are the same after a crash, but for what was half written', () => {
  const { file, open } = books()
  const before = open()
  const paid = before.create(asked)!
  before.confirm(paid.id, 'pm')
  before.create({ ...asked, key: 'other' })
  const text = readFileSync(file, 'utf8')
  appendFileSync(file, '{"id":"pi_fake_half')
  const after = open()
  expect(after.all()).toEqual(before.all())
  expect(after.create(asked)).toMatchObject({ id: paid.id, status: 'succeeded' })
  expect(after.create({ ...asked, amountCents: 1 })).toBeNull()
  expect(readFileSync(file, 'utf8')).toBe(text)
})

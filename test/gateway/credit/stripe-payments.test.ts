// The adapter to a processor that speaks Stripe's API, against the fake one over a socket.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { FakeProcessor } from '../../../gateway/credit/fake/processor.ts'
import { fakeProcessorServer } from '../../../gateway/credit/fake/server.ts'
import type { ChargeAsked } from '../../../gateway/credit/payments.ts'
import { stripePayments } from '../../../gateway/credit/stripe-payments.ts'
import { instant, microdollars } from '../../../schemas/units.ts'
import { ada, dollars, noon } from './desk.ts'

const asked: ChargeAsked = {
  holder: ada, method: 'cus_1/pm_card_visa', amount: dollars(200), idempotencyKey: 'reload:11:1'
}
const declining = { ...asked, method: 'cus_1/pm_card_chargeDeclined' }

async function listening (server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const client = (url: string, secretKey = 'sk_test') => stripePayments({ url, secretKey })

async function opened () {
  const clock = { now: noon }
  const processor = new FakeProcessor({ file: null, now: () => clock.now })
  const url = await listening(fakeProcessorServer(processor))
  return { clock, processor, url, payments: client(url) }
}

describe('a charge', () => {
  test('is in cents, off session, and found again under its key', async () => {
    const { processor, payments, clock } = await opened()
    const first = await payments.charge(asked)
    clock.now += 60_000
    expect(await payments.charge(asked)).toEqual(first)
    expect(first).toMatchObject({ kind: 'approved', amount: dollars(200), at: noon })
    expect(processor.all()).toMatchObject([
      { amountCents: 20_000, customer: 'cus_1', metadata: { market_key: 'reload:11:1', holder: '11' }, status: 'succeeded' }
    ])
  })

  test('that two gateways ask for at once is one', async () => {
    const { processor, payments, url } = await opened()
    const charges = await Promise.all([payments, client(url), payments].map(each => each.charge(asked)))
    expect(new Set(charges.map(each => JSON.stringify(each))).size).toBe(1)
    expect(charges[0]!.kind).toBe('approved')
    expect(processor.all()).toHaveLength(1)
  })

  test('that is declined may be asked for again, with another card and amount', async () => {
    const { processor, payments } = await opened()
    expect(await payments.charge(declining)).toEqual({ kind: 'declined', reason: 'card_declined' })
    expect(await payments.charge({ ...asked, amount: dollars(60) })).toMatchObject({ kind: 'approved', amount: dollars(60) })
    expect(await payments.charge(asked)).toMatchObject({ kind: 'approved', amount: dollars(60) })
    expect(processor.all()).toHaveLength(1)
  })

  test.each([
    [{ amount: microdollars(5_001) }, 'not_whole_cents'],
    [{ amount: microdollars(0) }, 'not_whole_cents'],
    [{ method: 'pm_card_visa' }, 'no_such_payment_method'],
    [{ method: 'cus_1/pm_1/../x' }, 'no_such_payment_method']
  ])('with %j is declined as %s, and never sent', async (change, reason) => {
    expect(await client('http://127.0.0.1:1').charge({ ...asked, ...change })).toEqual({ kind: 'declined', reason })
  })

  test('of which nobody knows rejects', async () => {
    await expect(client('http://127.0.0.1:1').charge(asked)).rejects.toThrow()
    const url = await listening(createServer((_, response) => { response.writeHead(502).end('<html>') }))
    await expect(client(url).charge(asked)).rejects.toThrow()
    const { url: other } = await opened()
    await expect(client(other, '').charge(asked)).rejects.toThrow('401')
  })

  test('in an account that used its key for something else rejects, and charges nothing', async () => {
    const { processor, payments } = await opened()
    processor.create({ key: asked.idempotencyKey, amountCents: 5, customer: 'cus_2', metadata: {} })
    await expect(payments.charge(asked)).rejects.toThrow('idempotency_error')
    expect(processor.all()).toMatchObject([{ status: 'requires_confirmation' }])
  })
})

test('what was approved is listed, page by page, and what is not ours is not', async () => {
  const { processor, payments, clock } = await opened()
  for (let n = 1; n <= 120; n++) {
    const { id } = processor.create({ key: `k${n}`, amountCents: n, customer: '', metadata: { market_key: `reload:11:${n}` } })!
    if (n !== 7) processor.confirm(id, 'pm')
  }
  processor.confirm(processor.create({ key: 'other', amountCents: 1, customer: '', metadata: {} })!.id, 'pm')
  const charged = await payments.approvedSince(instant(noon))
  expect(charged).toHaveLength(119)
  expect(charged[0]).toMatchObject({ idempotencyKey: 'reload:11:120', amount: microdollars(1_200_000), at: noon })
  clock.now += 10 * 24 * 3_600_000
  expect(await payments.approvedSince(instant(clock.now))).toEqual([])
})

test('a charge outlives the processor that took it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'charges-'))
  onTestFinished(() => { rmSync(folder, { recursive: true }) })
  const main = join(import.meta.dirname, '../../../gateway/credit/fake/main.ts')
  const start = async (): Promise<{ child: ChildProcess, url: string }> => {
    const child = spawn(process.execPath, [main, join(folder, 'charges.jsonl')], { env: { ...process.env, PORT: '0' } })
    onTestFinished(() => { child.kill('SIGKILL') })
    const [said] = await once(child.stdout, 'data') as [Buffer]
    return { child, url: `http://127.0.0.1:${/"port":(\d+)/.exec(String(said))![1]}` }
  }
  const first = await start()
  const charge = await client(first.url).charge(asked)
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  const second = await start()
  expect(await client(second.url).charge(asked)).toEqual(charge)
  expect(await client(second.url).approvedSince(instant(0))).toHaveLength(1)
})

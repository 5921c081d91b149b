// The operator's commands, as they are typed, on a market that runs: what they do is what a signed client then finds.

import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import nacl from 'tweetnacl'
import { environmentFor } from '../../docker/local/environment.ts'
import { freePort } from '../../docker/local/ports.ts'
import { marketProcesses } from '../../pipelines/market.ts'
import { Supervisor } from '../../pipelines/supervisor/supervisor.ts'
import { stackEnv, testDatabase, topicPrefix } from '../support/stack.ts'

const prefix = topicPrefix()
const database = testDatabase()
const main = join(import.meta.dirname, '../../pipelines/admin/main.ts')

let supervisor: Supervisor
let url: string
let dir: string
let env: NodeJS.ProcessEnv

beforeAll(async () => {
  env = { ...environmentFor({ ...stackEnv(), CLICKHOUSE_DATABASE: database }), TOPIC_PREFIX: prefix, LOG_LEVEL: 'warn' }
  dir = await mkdtemp(join(tmpdir(), 'market-test-'))
  supervisor = new Supervisor({ env, logDir: dir, evict: () => Promise.resolve(0), report: () => {} })
  const gatewayPort = await freePort()
  url = `http://127.0.0.1:${gatewayPort}`
  const { provide, leader, gateway } = marketProcesses({
    topicPrefix: prefix, gatewayPort, metricsPorts: {}, folder: dir
  })
  await supervisor.runToEnd(provide)
  await Promise.all([leader, gateway].map(spec => supervisor.start(spec)))
})

afterAll(async () => {
  await supervisor.stop()
  await rm(dir, { recursive: true, force: true })
})

type Ran = { readonly status: number, readonly out: string, readonly error: string }

const admin = (...words: string[]): Promise<Ran> => new Promise(resolve => {
  execFile(process.execPath, [main, ...words], { env }, (error, out, errors) => {
    resolve({ status: error === null ? 0 : Number(error.code), out, error: errors })
  })
})

/** What it says as a value; it must have been done. */
async function done<Value> (...words: string[]): Promise<Value> {
  const { status, out, error } = await admin(...words, '--json')
  expect([status, error]).toEqual([0, ''])
  return JSON.parse(out) as Value
}

type Key = { readonly fingerprint: string, readonly seed: string, readonly secret: string }

type Answer = { readonly status: number, readonly body: { readonly data: Record<string, unknown> } }

async function get (path: string, { secret, fingerprint }: Key): Promise<Answer> {
  const timestamp = String(Math.floor(Date.now() / 1000))
  const message = Buffer.from(`${timestamp}GET${path}`)
  const signature = Buffer.from(nacl.sign.detached(message, Buffer.from(secret, 'base64'))).toString('base64')
  const headers = { 'x-thegrid-signature': signature, 'x-thegrid-timestamp': timestamp, 'x-thegrid-fingerprint': fingerprint }
  const response = await fetch(`${url}${path}`, { headers })
  return { status: response.status, body: await response.json() as Answer['body'] }
}

test('a stranger has accounts, in Auto Mode, until his key is revoked', async () => {
  const user = await done<{ userId: number }>('user', 'create', '--email', 'ada@example.com', '--name', 'Ada', '--grant', '25')
  const key = await done<Key>('key', 'create', '--user', 'ada@example.com')
  await done('deposit', '--user', String(user.userId), '--amount', '100.50')
  const me = await vi.waitFor(async () => {
    const answer = await get('/v1/me', key)
    expect(answer.status).toBe(200)
    return answer
  }, { timeout: 20_000, interval: 50 })
  expect(me.body.data).toMatchObject({ email: 'ada@example.com', name: 'Ada', account_mode: 'easy' })
  const balances = await get('/v1/currency-trading-accounts', key)
  expect(JSON.stringify(balances.body.data)).toContain('"total_balance":"125.50000000"')
  await done('key', 'revoke', key.fingerprint)
  await vi.waitFor(async () => expect((await get('/v1/me', key)).status).toBe(401), { timeout: 20_000, interval: 50 })
})

test('what is refused says so, and its status is 1', async () => {
  const refused = await admin('withdraw', '--user', 'ada@example.com', '--amount', '1000')
  expect(refused).toEqual({ status: 1, out: '', error: 'withdraw: insufficient_balance\n' })
  const nobody = await admin('deposit', '--user', 'eve@example.com', '--amount', '1')
  expect([nobody.status, nobody.error]).toEqual([1, 'There is no user eve@example.com; `user list` shows them.\n'])
  const wrong = await admin('deposit', '--user', 'ada@example.com', '--amount', 'much')
  expect([wrong.status, wrong.error.includes('Dollars, with at most six places')]).toEqual([1, true])
})

test('an instrument is halted, and another added, without a restart of anything', async () => {
  await done('halt', 'text-prime')
  const market = async () => (await (await fetch(`${url}/v1/markets/text-prime`)).json() as { data: { trading_status: string } }).data
  await vi.waitFor(async () => expect((await market()).trading_status).toBe('halted'), { timeout: 20_000, interval: 50 })
  const { out } = await admin('instrument', 'example')
  const file = join(dir, 'instrument.json')
  await writeFile(file, out)
  expect((await fetch(`${url}/v1/markets/audio-standard`)).status).toBe(404)
  await done('instrument', 'add', file)
  await vi.waitFor(async () => {
    const answer = await fetch(`${url}/v1/markets/audio-standard/orderbook`)
    expect([answer.status, (await answer.json() as { data: object }).data]).toMatchObject([200, { buy: [], sell: [] }])
  }, { timeout: 20_000, interval: 50 })
  expect(await done('conservation')).toMatchObject({ isKept: true })
})

test('there is a help for each command, and it needs no market', async () => {
  const helps = await Promise.all([['--help'], ['user', 'create', '--help']].map(words => admin(...words)))
  expect(helps.map(({ status }) => status)).toEqual([0, 0])
  expect(helps[0]!.out).toMatch(/^ {2}sub-account /m)
  expect(helps[1]!.out).toMatch(/^Usage: admin user create/)
})

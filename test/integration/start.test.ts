// The launcher, `npm start`, on servers that are given to it: what it starts, what it says, what it leaves behind.

import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test, vi } from 'vitest'
import { environmentFor } from '../../docker/local/environment.ts'
import { freePort } from '../../docker/local/ports.ts'
import { traded } from '../../pipelines/demo/people.ts'
import { attempts } from '../../pipelines/welcome.ts'
import { descendants, stillRunning } from '../support/processes.ts'
import { stackEnv, temporaryDir, testDatabase, topicPrefix } from '../support/stack.ts'

const prefix = topicPrefix()
const database = testDatabase()
const root = join(import.meta.dirname, '../..')
const start = join(root, 'pipelines/start.ts')

type Launcher = { process: ChildProcess, output: () => string, exitCode: Promise<number | null> }

function launch (args: string[]): Launcher {
  const env = { ...environmentFor({ ...stackEnv(), CLICKHOUSE_DATABASE: database }), TOPIC_PREFIX: prefix }
  const launcher = spawn(process.execPath, [start, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => { launcher.kill('SIGKILL') })
  let output = ''
  for (const stream of [launcher.stdout, launcher.stderr]) stream.on('data', chunk => { output += String(chunk) })
  return { process: launcher, output: () => output, exitCode: once(launcher, 'close').then(() => launcher.exitCode) }
}

async function isUp (launcher: Launcher): Promise<void> {
  await vi.waitUntil(() => launcher.output().includes('\nTry\n') || launcher.process.exitCode !== null, { timeout: 110_000 })
  expect(launcher.output()).toContain('The market is running')
}

type Book = { readonly data: { readonly buy: object[], readonly sell: object[] } }

/** Every main market has both sides, and has traded. */
async function isAlive (gateway: string): Promise<void> {
  for (const { instrumentId } of traded) {
    const market = `${gateway}/v1/markets/${instrumentId}`
    const { data: { buy, sell } } = await (await fetch(`${market}/orderbook`)).json() as Book
    expect([buy.length > 0, sell.length > 0], instrumentId).toEqual([true, true])
    await vi.waitFor(async () => {
      const { data } = await (await fetch(`${market}/trades`)).json() as { data: object[] }
      expect(data.length, instrumentId).toBeGreaterThan(0)
    }, { timeout: 20_000, interval: 500 })
  }
}

/** What the demo's suppliers answer is billed and told, however it is delivered; and the reader asks on its own. */
async function isServed (gateway: string, key: string): Promise<void> {
  const authorization = `Bearer ${key}`
  for (const delivery of ['redirect', 'supplier', 'direct']) {
    const response = await fetch(`${gateway}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json', 'x-grid-delivery': delivery },
      body: JSON.stringify({ model: 'text-prime', messages: [{ role: 'user', content: delivery }] })
    })
    expect([response.status, response.redirected], await response.text()).toEqual([200, delivery !== 'direct'])
  }
  type Receipts = { data: { status: string, delivery: string | null, cost: { amount: string | null } }[] }
  await vi.waitFor(async () => {
    const { data } = await (await fetch(`${gateway}/v1/usage?limit=3`, { headers: { authorization } })).json() as Receipts
    expect(data.map(({ status, delivery }) => `${delivery} ${status}`))
      .toEqual(['direct reconciled', 'supplier reconciled', 'redirect reconciled'])
    expect(data.every(({ cost }) => Number(cost.amount) > 0)).toBe(true)
  }, { timeout: 20_000, interval: 250 })
}

/** Of what is kept from one start to the next. */
const secrets = ['ticket-secrets', 'consumption-key', 'demo-keys.json', 'supplier-1.env', 'supplier-2.env']

test('the market lives, its commands work, Ctrl-C leaves no process; nor does a launcher that is killed', async () => {
  const data = await temporaryDir()
  const port = await freePort()
  const launcher = launch(['--data', data, '--port', String(port)])
  await isUp(launcher)
  const gateway = `http://127.0.0.1:${port}`
  const consumptionKey = (await readFile(join(data, 'consumption-key'), 'utf8')).trim()
  for (const [what, command] of attempts({ gateway, curlConfig: join(data, 'clickhouse-reader.curl'), data, consumptionKey })) {
    expect(launcher.output()).toContain(command)
    // Python's package is nothing that a checkout has: test/contracts runs it.
    if (command.startsWith('python3')) continue
    await vi.waitFor(async () => {
      const { stdout } = await promisify(execFile)('sh', ['-c', command], { cwd: root })
      expect(stdout, what).toMatch(/order_count|"status": "filled"|text-prime|"chat.completion"|^simulated-1 \S+ \S+/)
    }, { timeout: 15_000, interval: 500 })
  }
  await isServed(gateway, consumptionKey)
  await isAlive(gateway)
  const metrics = /(http:\S+) \(matching\)/.exec(launcher.output())![1]!
  expect(await (await fetch(metrics)).text()).toMatch(/^stage_records_total\{stage="matching",fate="applied"\} [1-9]/m)
  expect(await (await fetch(metrics.replace('metrics', 'health'))).json()).toEqual({ status: 'ok' })
  for (const file of secrets) expect((await stat(join(data, file))).mode & 0o777, file).toBe(0o600)
  const reader = /(http:\S+) \(demo\)/.exec(launcher.output())![1]!
  await vi.waitFor(async () => {
    expect(await (await fetch(reader)).text()).toMatch(/^demo_commands_total\{habit="reader",outcome="done"\} [1-9]/m)
  }, { timeout: 40_000, interval: 500 })
  const children = await descendants(launcher.process.pid!)
  expect(children.map(({ command }) => /(clock ledger matching|sinks|gateway\/main|demo|supplier-\d)/.exec(command)?.[1]).sort())
    .toEqual(['clock ledger matching', 'demo', 'gateway/main', 'sinks', 'supplier-1', 'supplier-2'])
  launcher.process.kill('SIGINT')
  expect(await launcher.exitCode).toBe(0)
  expect(await stillRunning(children)).toEqual([])
  const said = await readFile(join(data, 'logs', 'demo.log'), 'utf8')
  expect(said).toContain('32 people have accounts now')
  expect(said).toContain('every order of the demo is cancelled')

  // The next start has the same keys and other ports, and goes on from there.
  const next = await freePort()
  const second = launch(['--data', data, '--port', String(next), '--standby'])
  await isUp(second)
  expect(second.output()).toContain(consumptionKey)
  await isServed(`http://127.0.0.1:${next}`, consumptionKey)
  const orphans = await descendants(second.process.pid!)
  expect(orphans.filter(({ command }) => command.includes('clock ledger matching'))).toHaveLength(2)
  expect(orphans).toHaveLength(7)
  second.process.kill('SIGKILL')
  await vi.waitFor(async () => { expect(await stillRunning(orphans)).toEqual([]) }, { timeout: 20_000, interval: 100 })
}, 240_000)

test('a wrong option is told, and nothing is started', async () => {
  for (const [args, said] of [[['--port', 'many'], '--port is a number'], [['--nodemo'], 'Unknown option']] as const) {
    const launcher = launch([...args])
    expect(await launcher.exitCode).toBe(1)
    expect(launcher.output()).toContain(said)
  }
  const help = launch(['--help'])
  expect(await help.exitCode).toBe(0)
  expect(help.output()).toContain('--standby')
})

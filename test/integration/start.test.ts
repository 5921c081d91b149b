// The launcher, `npm start`, on servers that are given to it: what it starts, what it says, what it leaves behind.

import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
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
const start = join(import.meta.dirname, '../../pipelines/start.ts')

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

test('the market lives, its commands work, and Ctrl-C leaves no process', async () => {
  const data = await temporaryDir()
  const port = await freePort()
  const launcher = launch(['--data', data, '--port', String(port)])
  await isUp(launcher)
  const places = { gateway: `http://127.0.0.1:${port}`, curlConfig: join(data, 'clickhouse-reader.curl'), data, hasDemo: true }
  for (const [what, command] of attempts(places)) {
    expect(launcher.output()).toContain(command)
    await vi.waitFor(async () => {
      const { stdout } = await promisify(execFile)('sh', ['-c', command])
      expect(stdout, what).toMatch(/order_count|"status": "filled"|text-prime/)
    }, { timeout: 15_000, interval: 500 })
  }
  await isAlive(places.gateway)
  const metrics = /(http:\S+) \(matching\)/.exec(launcher.output())![1]!
  expect(await (await fetch(metrics)).text()).toMatch(/^stage_records_total\{stage="matching",fate="applied"\} [1-9]/m)
  expect(await (await fetch(metrics.replace('metrics', 'health'))).json()).toEqual({ status: 'ok' })
  const children = await descendants(launcher.process.pid!)
  expect(children.map(({ command }) => /(clock ledger matching|sinks|gateway|demo)/.exec(command)?.[1]).sort())
    .toEqual(['clock ledger matching', 'demo', 'gateway', 'sinks'])
  launcher.process.kill('SIGINT')
  expect(await launcher.exitCode).toBe(0)
  expect(await stillRunning(children)).toEqual([])
  const said = await readFile(join(data, 'logs', 'demo.log'), 'utf8')
  expect(said).toContain('30 people have accounts now')
  expect(said).toContain('every order of the demo is cancelled')
}, 180_000)

test('nothing outlives a launcher that is killed', async () => {
  const launcher = launch(['--data', await temporaryDir(), '--port', String(await freePort()), '--no-demo', '--standby'])
  await isUp(launcher)
  const children = await descendants(launcher.process.pid!)
  expect(children.filter(({ command }) => command.includes('clock ledger matching'))).toHaveLength(2)
  expect(children).toHaveLength(4)
  launcher.process.kill('SIGKILL')
  await vi.waitUntil(async () => (await stillRunning(children)).length === 0, { timeout: 5000 })
}, 180_000)

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

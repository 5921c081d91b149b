// The launcher, `npm start`, on servers that are given to it: what it starts, what it says, what it leaves behind.

import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test, vi } from 'vitest'
import { environmentFor } from '../../docker/local/environment.ts'
import { freePort } from '../../docker/local/ports.ts'
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
  await vi.waitUntil(() => launcher.output().includes('\nTry\n') || launcher.process.exitCode !== null, { timeout: 50_000 })
  expect(launcher.output()).toContain('The market is running')
}

test('the market lives, its commands work, and Ctrl-C leaves no process', async () => {
  const data = await temporaryDir()
  const port = await freePort()
  const launcher = launch(['--data', data, '--port', String(port)])
  await isUp(launcher)
  for (const [what, command] of attempts({ gateway: `http://127.0.0.1:${port}`, curlConfig: join(data, 'clickhouse-reader.curl') })) {
    expect(launcher.output()).toContain(command)
    await vi.waitFor(async () => {
      const { stdout } = await promisify(execFile)('sh', ['-c', command])
      expect(stdout, what).toMatch(/trade_count|order_count|text-prime/)
    }, { timeout: 15_000, interval: 500 })
  }
  const metrics = /(http:\S+) \(matching\)/.exec(launcher.output())![1]!
  expect(await (await fetch(metrics)).text()).toMatch(/^stage_records_total\{stage="matching",fate="applied"\} [1-9]/m)
  expect(await (await fetch(metrics.replace('metrics', 'health'))).json()).toEqual({ status: 'ok' })
  const children = await descendants(launcher.process.pid!)
  expect(children.map(({ command }) => /(clock matching|sinks|gateway|demo)/.exec(command)?.[1]).sort())
    .toEqual(['clock matching', 'demo', 'gateway', 'sinks'])
  launcher.process.kill('SIGINT')
  expect(await launcher.exitCode).toBe(0)
  expect(await stillRunning(children)).toEqual([])
  expect(await readFile(join(data, 'logs', 'demo.log'), 'utf8')).toContain('demo is running')
})

test('nothing outlives a launcher that is killed', async () => {
  const launcher = launch(['--data', await temporaryDir(), '--port', String(await freePort()), '--no-demo', '--standby'])
  await isUp(launcher)
  const children = await descendants(launcher.process.pid!)
  expect(children.filter(({ command }) => command.includes('clock matching'))).toHaveLength(2)
  expect(children).toHaveLength(4)
  launcher.process.kill('SIGKILL')
  await vi.waitUntil(async () => (await stillRunning(children)).length === 0, { timeout: 5000 })
})

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

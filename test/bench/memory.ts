// What the whole of `npm start` takes, with its demo: the launcher and every process below it, each by the memory that
// is its own and its share of what it shares (PSS). Linux says that; others don't, and the bench fails there.

import { spawn, type ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { givenBy } from '../../docker/local/environment.ts'
import { freePort } from '../../docker/local/ports.ts'
import { openContext } from '../../pipelines/process/context.ts'
import { removeReplay } from '../../pipelines/replay/replay.ts'
import { readConfig } from '../../pipelines/runtime/config.ts'
import { descendants, type Process } from '../support/processes.ts'
import type { BenchOptions } from './bench.ts'
import type { BenchRow } from './row.ts'

const start = join(import.meta.dirname, '../../pipelines/start.ts')
const stopMsMax = 30_000
const startMsMax = 180_000

/** How a command line says what a process is. */
const kinds = [
  ['Kafka', /kafka-[\d.]+-log4j/], ['registry', /apicurio/], ['ClickHouse', /clickhouse/],
  ['matching', /main\.ts clock ledger matching/], ['sinks', /main\.ts sinks/], ['gateway', /gateway.main\.ts/],
  ['demo', /demo.main\.ts/], ['launcher', /start\.ts/]
] as const
const servers: readonly string[] = ['Kafka', 'registry', 'ClickHouse']

export async function memory (options: BenchOptions): Promise<BenchRow[]> {
  const seconds = options.small ? 1 : 60
  const id = randomInt(36 ** 5, 36 ** 6).toString(36)
  const names = { TOPIC_PREFIX: `bench-${id}.`, CLICKHOUSE_DATABASE: `market_bench_${id}` }
  const env = { ...options.env, ...givenBy(options.env).kafka === undefined ? {} : names }
  const data = join(options.dir, 'market')
  const args = [start, '--data', data, '--port', String(await freePort())]
  const launcher = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    await untilRunning(launcher)
    options.progress(`the market runs; measured in ${seconds} s`)
    await sleep(seconds * 1000)
    return [rowOf(await measured(launcher.pid!), seconds)]
  } finally {
    await stop(launcher)
    if (env !== options.env && 'TOPIC_PREFIX' in env) await remove(env)
  }
}

async function untilRunning (launcher: ChildProcess): Promise<void> {
  let output = ''
  const said = new Promise<void>((resolve, reject) => {
    for (const stream of [launcher.stdout, launcher.stderr]) {
      stream?.on('data', chunk => {
        output += String(chunk)
        if (output.includes('The market is running')) resolve()
      })
    }
    launcher.once('close', () => { reject(new Error(`npm start ended: ${output}`)) })
  })
  const late = new AbortController()
  const deadline = sleep(startMsMax, undefined, { signal: late.signal }).then(() => {
    throw new Error(`npm start was not up within ${startMsMax / 1000} s: ${output}`)
  })
  await Promise.race([said, deadline]).finally(() => {
    deadline.catch(() => {})
    late.abort()
  })
}

/** Megabytes by kind of process. */
async function measured (pid: number): Promise<Map<string, number>> {
  const taken = new Map<string, number>()
  const launcher = { pid, command: start }
  for (const process of [launcher, ...await descendants(pid)]) {
    const kind = kindOf(process)
    taken.set(kind, (taken.get(kind) ?? 0) + await pss(process.pid))
  }
  return taken
}

function kindOf ({ command }: Pick<Process, 'command'>): string {
  return kinds.find(([, pattern]) => pattern.test(command))?.[0] ?? 'other'
}

async function pss (pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8')
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)![1]) / 1024
}

function rowOf (taken: ReadonlyMap<string, number>, seconds: number): BenchRow {
  const sum = (some: readonly string[]): number =>
    Math.round(some.reduce((all, kind) => all + (taken.get(kind) ?? 0), 0))
  const value = sum([...taken.keys()])
  const besideValue = sum(servers)
  const parts = kinds.map(([kind]) => kind).filter(kind => taken.has(kind))
  return {
    name: 'memory of npm start',
    unit: 'MB',
    value,
    beside: 'its three servers',
    besideValue,
    ratio: Number((besideValue / value).toFixed(3)),
    goal: null,
    ok: true,
    conditions: `sum of PSS, ${seconds} s after all was up, the demo trading; ` +
      [...parts, ...taken.has('other') ? ['other'] : []].map(kind => `${kind} ${sum([kind])}`).join(', ') +
      (besideValue === 0 ? '; the servers were given, and are not counted' : '')
  }
}

async function stop (launcher: ChildProcess): Promise<void> {
  if (launcher.exitCode !== null || launcher.signalCode !== null) return
  const closed = once(launcher, 'close')
  launcher.kill('SIGTERM')
  const timer = setTimeout(() => { launcher.kill('SIGKILL') }, stopMsMax)
  await closed
  clearTimeout(timer)
}

async function remove (env: NodeJS.ProcessEnv): Promise<void> {
  const context = await openContext(readConfig({ ...env, LOG_LEVEL: 'silent' }), 'bench', error => { throw error as Error })
  await removeReplay(context)
  await context.log.close()
}

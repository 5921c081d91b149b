// Benches on little input, as `npm run bench` runs them, so that none rots. Nothing is said of how fast anything is.
// Those that start much and show little that no other test does are left to the soak: EVERY_BENCH runs them too.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { stackEnv } from '../support/stack.ts'
import { benches } from './benches.ts'
import type { BenchRow } from './row.ts'
import { tableText } from './table.ts'

type Ended = { readonly status: number | null, readonly out: string, readonly err: string }

async function bench (...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, ['test/bench/main.ts', ...args], {
    env: { ...process.env, ...stackEnv() }, stdio: ['ignore', 'pipe', 'pipe']
  })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { status: child.exitCode, out, err }
}

/** What the conditions of each bench must say of the answer that it measured; a wrong one has made it fail. */
const meanings: Readonly<Record<string, RegExp>> = {
  'matching-core': /first 20000 messages.*reports [0-9a-f]{12}, state [0-9a-f]{12}/,
  memory: /matching \d+, sinks \d+, gateway \d+, demo \d+, launcher \d+; the servers were given/,
  'order-to-fill': /3917 records emitted, each equal to that of a machine in this process/,
  latency: /200 each, in 1 turns/,
  'lot-draws': /1000 tokens of 10000 units; 2000 requests a round/,
  metering: /1000 final readings.*every token billed, none unbilled; 3000 records/,
  inference: /bare proxy \d+\/s \d+ µs, direct \d+\/s \d+ µs, redirect/,
  sinks: /58 fills and 2058 order updates/,
  restart: /100000 messages matched and committed/
}

const inSoak: ReadonlySet<string> = new Set([
  'memory', 'order-to-fill', 'latency', 'orders', 'inference', 'metering', 'sinks', 'restart', 'accounts-restart'
])
const isEvery = process.env['EVERY_BENCH'] !== undefined
const names = benches.map(({ name }) => name).filter(name => isEvery || !inSoak.has(name))

test.each(names)('%s', async name => {
  const { status, out, err } = await bench('--small', '--json', '--only', name)
  expect(status, err).toBe(0)
  const rows = out.trim().split('\n').map(line => JSON.parse(line) as BenchRow)
  for (const row of rows) {
    const isText = expect.stringMatching(/./) as unknown
    const isNumber = expect.any(Number) as unknown
    const [texts, numbers] = [['name', 'unit', 'beside', 'conditions'], ['value', 'besideValue', 'ratio']]
    const filled = [...texts.map(field => [field, isText]), ...numbers.map(field => [field, isNumber])]
    expect(row).toEqual({ ...Object.fromEntries(filled), goal: null, ok: true })
    expect(row.value).toBeGreaterThan(0)
    expect(tableText(rows)).toContain(`${row.name}: ${row.conditions}`)
  }
  expect(rows[0]!.conditions).toMatch(meanings[name]!)
}, 60_000)

test('a bench that there is not is told, and nothing is started', async () => {
  const { status, out, err } = await bench('--only', 'nothing')
  expect({ status, out }).toEqual({ status: 2, out: '' })
  expect(err).toBe(`no bench is called nothing; there are ${benches.map(({ name }) => name).join(', ')}\n`)
})

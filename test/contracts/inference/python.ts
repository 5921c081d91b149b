// The `openai` and `anthropic` packages of PyPI against a whole market, in each delivery mode:
//
//   node test/contracts/inference/python.ts
//
// pip puts them into a temporary folder (PYTHON names the interpreter, python3 unless it is said); Kafka, the registry
// and ClickHouse are started here, unless the environment says where they are. The exit status says how it went.

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { delivery } from '../../../schemas/identity/records.ts'
import type { InferenceMarket } from '../../support/inference.ts'
import { model } from './calls/call.ts'
import { capturesOf, summaryOf } from './captures.ts'
import { ownMarket } from './own-market.ts'
import { pythonIn, versions } from './python/venv.ts'

type Line = { readonly name: string, readonly tokens: readonly number[], readonly fault: string | null }

const script = join(import.meta.dirname, 'python', 'calls.py')
const looksMax = 100

const own = await ownMarket([model])
try {
  const python = await pythonIn(own.folder)
  const answers: number[] = []
  const rows = new Map<string, string[]>()
  const faults: string[] = []
  for (const mode of delivery) {
    const { stdout } = await promisify(execFile)(python, [script, own.market.url, own.market.key, mode])
    for (const { name, tokens, fault } of stdout.trim().split('\n').map(line => JSON.parse(line) as Line)) {
      rows.set(name, [...rows.get(name) ?? [], fault === null ? 'ok' : 'FAIL'])
      answers.push(...tokens)
      if (fault !== null) faults.push(`${name}, ${mode}: ${fault}`)
    }
  }
  console.log(`openai ${versions.openai}, anthropic ${versions.anthropic} (PyPI)\n`)
  console.log(['call'.padEnd(26), ...delivery.map(mode => mode.padEnd(10))].join(''))
  for (const [name, row] of rows) console.log([name.padEnd(26), ...row.map(each => each.padEnd(10))].join(''))
  for (const fault of faults) console.log(`\n${fault}`)
  const isBilled = await billed(own.market, answers)
  process.exitCode = faults.length === 0 && isBilled ? 0 : 1
} finally {
  await own.close()
}

/** Each answer once, for what it said. An edge's readings arrive when they do. */
async function billed ({ context, consumer }: InferenceMarket, answers: readonly number[]): Promise<boolean> {
  const tokens = answers.reduce((sum, each) => sum + each, 0)
  const expected = JSON.stringify({ answers: answers.length, requests: answers.length, tokens })
  for (let look = 1; ; look++) {
    const found = JSON.stringify(summaryOf(await capturesOf(context, consumer.holder)))
    if (found !== expected && look < looksMax) {
      await sleep(200)
      continue
    }
    console.log(`\nanswered ${expected}\nbilled   ${found}`)
    return found === expected
  }
}

// node test/simulation/main.ts: many histories; prints those that are bad.

import { parseArgs } from 'node:util'
import { faultsUnder, harms } from './sabotage.ts'
import { verdictOf } from './simulate.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    harms: { type: 'string', default: '0' },
    harm: { type: 'string' },
    'stop-at-first': { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false }
  }
})
if (values.help) {
  console.log(`node test/simulation/main.ts [--seeds N] [--harms N] [--from SEED] [--stop-at-first]

  --seeds N         so many histories with crashes and bad weather, held against a replay from zero (default 200)
  --harms N         and so many of each harm that has to end in a stop (default 0)
  --harm NAME       only this one of them
  --from SEED       the first seed (default 1)
  --stop-at-first   end with the first bad one

Prints the bad ones; exit status 1 if there are any.`)
  process.exit(0)
}
const from = Number(values.from)
const seeds = Number(values.seeds)
let bad = 0
let crashes = 0
let records = 0
let struck = 0

function finish (): never {
  console.log(`${seeds} seeds, ${crashes} crashes, ${records} records, ${struck} harms, ${bad} bad`)
  process.exit(bad === 0 ? 0 : 1)
}

function count (name: string, faults: readonly string[]): void {
  if (faults.length === 0) return
  bad++
  console.log(`${name}: ${faults.slice(0, 5).join('; ')}`)
  if (values['stop-at-first']) finish()
}

for (let seed = from; seed < from + seeds; seed++) {
  const verdict = await verdictOf(seed)
  crashes += verdict.crashes
  records += verdict.records
  count(`seed ${seed}`, verdict.faults)
}
for (const name of values.harm === undefined ? Object.keys(harms) : [values.harm]) {
  for (let seed = from; seed < from + Number(values.harms); seed++) {
    const faults = await faultsUnder(name, seed)
    if (faults === null) continue
    struck++
    count(`${name}, seed ${seed}`, faults)
  }
}
finish()

// The ledger in plain words, through the real cores of both stages: each file of test/scenarios/ledger names the rules
// of pipelines/ledger/README.md, and of the folders in it, that it shows; every rule and every refusal is shown.

import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ledgerRefusal, usageRefusal } from '../../schemas/ledger/refusals.ts'
import { unbilledReason } from '../../schemas/usage/records.ts'
import { readScenarios } from './language.ts'
import { LedgerMarket } from './ledger-market.ts'

const folder = new URL('ledger/', import.meta.url)
const files = readdirSync(folder).map(name => ({ name, ...readScenarios(readFileSync(new URL(name, folder), 'utf8')) }))
/** The numbers of the rules of the ledger's README, or of a folder's in it. */
function rulesOf (folder = ''): number[] {
  const readme = readFileSync(new URL(`../../pipelines/ledger/${folder}README.md`, import.meta.url), 'utf8')
  return Array.from(readme.matchAll(/^(\d+)\. \*\*/gm), ([, number]) => Number(number))
}

const shown = (numbers: readonly number[]): number[] => [...new Set(numbers)].sort((a, b) => a - b)

describe.each(files)('$name', ({ name, scenarios }) => {
  test.each(scenarios)('$title', ({ lines }) => {
    const market = new LedgerMarket()
    for (const { number, step, outcome } of lines) {
      expect(market.step(step), `${name}, line ${number}: ${step}`).toBe(outcome)
    }
    expect(market.imbalances(), 'at the end').toEqual([])
  })
})

test('every rule has a scenario, and every scenario a rule', () => {
  const rules = rulesOf()
  expect(rules).toEqual(rules.map((_, index) => index + 1))
  expect(shown(files.flatMap(({ shows }) => shows))).toEqual(rules)
  for (const folder of ['lots', 'usage']) {
    const ofFolder = rulesOf(`${folder}/`)
    expect(ofFolder, folder).toEqual(ofFolder.map((_, index) => index + 1))
    expect(shown(files.flatMap(({ showsOf }) => showsOf.get(folder) ?? [])), folder).toEqual(ofFolder)
  }
  for (const { name, shows, showsOf, scenarios } of files) {
    expect((shows.length + showsOf.size) * scenarios.length, name).toBeGreaterThan(0)
  }
})

/** Those that are not metering's to say. */
const unbilled = unbilledReason.filter(reason => !['impossible', 'contradicts', 'too_late'].includes(reason))

test('every refusal is shown, and every reason why something is not billed', () => {
  const lines = files.flatMap(({ scenarios }) => scenarios.flatMap(scenario => scenario.lines))
  const outcomes = lines.map(({ outcome }) => outcome).join('\n')
  expect([...ledgerRefusal, ...usageRefusal, ...unbilled].filter(reason => !outcomes.includes(reason))).toEqual([])
})

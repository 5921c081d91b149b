// The ledger in plain words, through the real cores of both stages: each file of test/scenarios/ledger names the rules
// of pipelines/ledger/README.md that it shows, and every rule and every refusal is shown.

import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ledgerRefusal } from '../../schemas/ledger/refusals.ts'
import { readScenarios } from './language.ts'
import { LedgerMarket } from './ledger-market.ts'

const folder = new URL('ledger/', import.meta.url)
const files = readdirSync(folder).map(name => ({ name, ...readScenarios(readFileSync(new URL(name, folder), 'utf8')) }))
const readme = readFileSync(new URL('../../pipelines/ledger/README.md', import.meta.url), 'utf8')
const rules = Array.from(readme.matchAll(/^(\d+)\. \*\*/gm), ([, number]) => Number(number))

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
  expect(rules).toEqual(rules.map((_, index) => index + 1))
  expect([...new Set(files.flatMap(({ shows }) => shows))].sort((a, b) => a - b)).toEqual(rules)
  for (const { name, shows, scenarios } of files) expect(shows.length * scenarios.length, name).toBeGreaterThan(0)
})

test('every refusal is shown', () => {
  const lines = files.flatMap(({ scenarios }) => scenarios.flatMap(scenario => scenario.lines))
  const outcomes = lines.map(({ outcome }) => outcome)
  expect(ledgerRefusal.filter(reason => !outcomes.some(outcome => outcome.includes(reason)))).toEqual([])
})

// Matching in plain words: each file of test/scenarios/matching names the rules of pipelines/matching/README.md that it
// shows, and every rule is shown.

import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readScenarios } from './language.ts'
import { MatchingMarket } from './matching-market.ts'

const folder = new URL('matching/', import.meta.url)
const files = readdirSync(folder).map(name => ({ name, ...readScenarios(readFileSync(new URL(name, folder), 'utf8')) }))
const readme = readFileSync(new URL('../../pipelines/matching/README.md', import.meta.url), 'utf8')
const rules = Array.from(readme.matchAll(/^(\d+)\. \*\*/gm), ([, number]) => Number(number))

describe.each(files)('$name', ({ name, scenarios }) => {
  test.each(scenarios)('$title', ({ lines }) => {
    const market = new MatchingMarket()
    for (const { number, step, outcome } of lines) {
      expect(market.step(step), `${name}, line ${number}: ${step}`).toBe(outcome)
    }
  })
})

test('every rule has a scenario, and every scenario a rule', () => {
  expect(rules).toEqual(rules.map((_, index) => index + 1))
  expect([...new Set(files.flatMap(({ shows }) => shows))].sort((a, b) => a - b)).toEqual(rules)
  for (const { name, shows, scenarios } of files) expect(shows.length * scenarios.length, name).toBeGreaterThan(0)
})

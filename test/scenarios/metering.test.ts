// Metering in plain words: each file of test/scenarios/metering names the rules of pipelines/metering/README.md that it
// shows, and every rule is shown.

import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readScenarios } from './language.ts'
import { Meter } from './metering-meter.ts'

const folder = new URL('metering/', import.meta.url)
const files = readdirSync(folder).map(name => ({ name, ...readScenarios(readFileSync(new URL(name, folder), 'utf8')) }))
const readme = readFileSync(new URL('../../pipelines/metering/README.md', import.meta.url), 'utf8')
const rules = Array.from(readme.matchAll(/^(\d+)\. \*\*/gm), ([, number]) => Number(number))

describe.each(files)('$name', ({ name, scenarios }) => {
  test.each(scenarios)('$title', ({ lines }) => {
    const meter = new Meter(name === 'memory.txt' ? { readingsMax: 3 } : {})
    for (const { number, step, outcome } of lines) {
      expect(meter.step(step), `${name}, line ${number}: ${step}`).toBe(outcome)
    }
  })
})

test('every rule has a scenario, and every scenario a rule', () => {
  expect(rules).toEqual(rules.map((_, index) => index + 1))
  // The last is about the runtime's tag: test/pipelines/metering/stage.test.ts shows it.
  expect([...new Set(files.flatMap(({ shows }) => shows))].sort((a, b) => a - b)).toEqual(rules.slice(0, -1))
  for (const { name, shows, scenarios } of files) expect(shows.length * scenarios.length, name).toBeGreaterThan(0)
})

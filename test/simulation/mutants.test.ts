// Each rule of pipelines/runtime/README.md taken out of the product: the simulation must find it.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { findMutant } from './mutate.ts'
import { mutants } from './mutants.ts'

describe('the simulation finds that', () => {
  test.each(mutants)('$what, without $rule', async mutant => {
    const finding = await findMutant(mutant, { seeds: 120, folder: `.data/mutants/${process.pid}-${mutant.rule}` })
    expect(finding.isFound, finding.output).toBe(true)
  }, 120_000)
})

test('every rule of the README that the simulation can show has its mutant, and no other', () => {
  const readme = readFileSync(new URL('../../pipelines/runtime/README.md', import.meta.url), 'utf8')
  const shown = [...readme.matchAll(/^- \*\*(R\d+)\*\*/gm)].map(match => match[1])
  expect(mutants.map(({ rule }) => rule)).toEqual(shown)
})

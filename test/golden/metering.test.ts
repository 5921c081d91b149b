import { expect, test } from 'vitest'
import { metering } from '../../pipelines/metering/stage.ts'
import { goldenHashes, goldenRecords, play } from './metering.ts'

const records = goldenRecords()

const explanation = (version: string): string =>
  `metering behaves otherwise than it did under version ${version}, so old logs would replay to other states. ` +
  'If the change is meant, leave what it did then, do the new thing only where position.version asks for it, raise ' +
  "the stage's version, run test/golden/make-metering.ts, and switch it on in the log with activate-version."

test.each(Object.entries(goldenHashes()))('the golden log of metering replays to the same under version %s', (version, golden) => {
  expect(golden.length).toBeGreaterThan(3)
  expect(play(records, Number(version)), explanation(version)).toEqual(golden)
})

test('it has the behaviour of the present version', () => {
  expect(Object.keys(goldenHashes())).toContain(String(metering().version))
})

test('it covers what metering can say', () => {
  const said = new Set<string>()
  play(records, 1, output => { said.add(output.kind === 'unbilled-usage' ? output.reason : output.kind) })
  expect([...said].sort()).toEqual([
    'capture-usage', 'contradicts', 'extend-usage', 'impossible', 'too_late', 'void-usage'
  ])
})

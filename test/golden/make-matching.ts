// Makes the golden log of matching: `node test/golden/make-matching.ts`. Records that are there stay; hashes are added
// for the stage's present version when it has none, and those of a version are never replaced.

import { existsSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { matching } from '../../pipelines/matching/stage.ts'
import { sequences } from '../properties/matching-commands.ts'
import { type GoldenRecord, checkpoints, goldenHashes, goldenRecords, hashesFile, recordsFile } from './matching.ts'

// Of forty tried, the one whose commands met every rule and traded most.
const seed = 24
const lengthMax = 5000

function record (): GoldenRecord[] {
  // The longest of a few, for lengths are drawn too.
  const candidates = fc.sample(sequences(lengthMax), { seed, numRuns: 5 })
  const steps = candidates.reduce((longest, next) => next.length > longest.length ? next : longest)
  return steps.map(({ command, position }, offset) => ({ offset, ...position, command }))
}

if (!existsSync(recordsFile)) {
  const lines = record().map(line => JSON.stringify(line)).join('\n')
  writeFileSync(recordsFile, gzipSync(`${lines}\n`))
}
const version = String(matching().version)
const hashes = existsSync(hashesFile) ? goldenHashes() : {}
hashes[version] ??= checkpoints(goldenRecords(), Number(version))
writeFileSync(hashesFile, `${JSON.stringify(hashes, null, 2)}\n`)

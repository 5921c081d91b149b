// Makes the golden logs of matching: `node test/golden/make-matching.ts`. Records that are there stay; hashes are added
// for the versions that have none, and those of a version are never replaced.

import { existsSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { ledgerVersion } from '../../pipelines/matching/matching.ts'
import { matching } from '../../pipelines/matching/stage.ts'
import { sequences } from '../properties/matching-commands.ts'
import {
  type Checkpoint, type GoldenLog, type GoldenRecord, checkpoints, goldenHashes, goldenLogs, goldenRecords,
  hashesFile, recordsFile
} from './matching.ts'

// Of those tried, the one whose commands met every rule and traded most.
const seed = 69
const lengthMax = 5000
/** Where the later logs switch. */
const switchAt = 1500

function record (): GoldenRecord[] {
  // The longest of a few, for lengths are drawn too.
  const candidates = fc.sample(sequences(lengthMax), { seed, numRuns: 5 })
  const steps = candidates.reduce((longest, next) => next.length > longest.length ? next : longest)
  const records = steps.map(({ command, position: { at, isLate } }, offset): GoldenRecord =>
    ({ offset, at, isLate, command }))
  records[switchAt] = { ...records[switchAt]!, command: { kind: 'activate-version', version: ledgerVersion } }
  return records
}

/** The first log is played under every version; a later one goes from one to the next by itself. */
const versionsOf = (log: GoldenLog): number[] => log === 'matching-v1'
  ? Array.from({ length: matching().version }, (_, index) => index + 1)
  : [1]

for (const log of goldenLogs) {
  if (!existsSync(recordsFile(log))) {
    const lines = record().map(line => JSON.stringify(line)).join('\n')
    writeFileSync(recordsFile(log), gzipSync(`${lines}\n`))
  }
  const hashes: Record<string, Checkpoint[] | undefined> = existsSync(hashesFile(log)) ? goldenHashes(log) : {}
  for (const version of versionsOf(log)) hashes[version] ??= checkpoints(goldenRecords(log), version)
  writeFileSync(hashesFile(log), `${JSON.stringify(hashes, null, 2)}\n`)
}

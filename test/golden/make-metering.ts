// Makes the golden log of metering: `node test/golden/make-metering.ts`. Records that are there stay; hashes are added
// for the versions that have none, and those of a version are never replaced.

import { existsSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { metering } from '../../pipelines/metering/stage.ts'
import { instant, type HolderId } from '../../schemas/units.ts'
import { sequences } from '../properties/metering-readings.ts'
import { type Checkpoint, type GoldenRecord, goldenHashes, goldenRecords, hashesFile, play, recordsFile } from './metering.ts'

const seed = 11
/** Short ones, so that most of what comes is not too late. */
const sequencesTaken = 400
const lengthMax = 14
/** The properties' window is ten seconds, the stage's an hour. */
const slower = 360
const start = 1_700_000_000_000

/** Sequences one after the other, each a day later and with requests of its own, in a partition of eight. */
function record (): GoldenRecord[] {
  const records = fc.sample(sequences(lengthMax), { seed, numRuns: sequencesTaken }).flatMap(({ steps }, number) => {
    const timeOf = (at: number): number => start + number * 24 * 3_600_000 + (at - start) * slower
    return steps.map(({ command, position }): Omit<GoldenRecord, 'offset'> => {
      const at = instant(timeOf(position.at))
      if (command.kind === 'clock') return { at, command }
      const { holder, requestId, occurredAt } = command
      const home = (holder === 3 ? 9 : holder) as HolderId
      const request = requestId.length === 2 ? `${requestId}-${number}` : requestId
      const measuredAt = timeOf(occurredAt) as typeof occurredAt
      return { at, command: { ...command, holder: home, requestId: request, occurredAt: measuredAt } }
    })
  })
  // Some of what no reading can say, JSON can't say either.
  const sayable = records.filter(each => isDeepStrictEqual(JSON.parse(JSON.stringify(each)), each))
  return sayable.map((each, offset) => ({ offset, ...each }))
}

if (!existsSync(recordsFile)) {
  writeFileSync(recordsFile, gzipSync(`${record().map(line => JSON.stringify(line)).join('\n')}\n`))
}
const hashes: Record<string, Checkpoint[] | undefined> = existsSync(hashesFile) ? goldenHashes() : {}
hashes[metering().version] ??= play(goldenRecords(), metering().version)
writeFileSync(hashesFile, `${JSON.stringify(hashes, null, 2)}\n`)

// The golden log of metering: readings with their positions, recorded once, and what they came to at several offsets.
//
//   metering-v1.jsonl.gz   a line a record: offset, stage time, command
//   metering-v1.json       by version of behaviour: state hash, and SHA-256 of all outputs so far

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { MeteringOutput } from '../../pipelines/metering/metering.ts'
import { metering } from '../../pipelines/metering/stage.ts'
import type { MeterEvent } from '../../schemas/usage/records.ts'
import type { Instant } from '../../schemas/units.ts'
import { stateHash } from '../../pipelines/runtime/stage.ts'

export type GoldenRecord = {
  readonly offset: number
  readonly at: Instant
  readonly command: MeterEvent | { readonly kind: 'clock' }
}

export type Checkpoint = { readonly offset: number, readonly state: string, readonly outputs: string }

const checkpointRecords = 500
const partition = 1
export const recordsFile = new URL('metering-v1.jsonl.gz', import.meta.url)
export const hashesFile = new URL('metering-v1.json', import.meta.url)

export const goldenRecords = (): GoldenRecord[] => gunzipSync(readFileSync(recordsFile)).toString('utf8').trim().split('\n')
  .map(line => JSON.parse(line) as GoldenRecord)

export const goldenHashes = (): Record<string, Checkpoint[]> =>
  JSON.parse(readFileSync(hashesFile, 'utf8')) as Record<string, Checkpoint[]>

/** Plays a log under one version of behaviour, and returns the way to the final state. */
export function play (
  records: readonly GoldenRecord[], version: number, heard?: (output: MeteringOutput) => void
): Checkpoint[] {
  const stage = metering()
  const state = stage.initial(partition)
  const outputs = createHash('sha256')
  const found: Checkpoint[] = []
  for (const { offset, at, command } of records) {
    stage.apply(state, command, { at, isLate: false, partition, offset, version }, (...emitted) => {
      outputs.update(JSON.stringify(emitted))
      heard?.(emitted[3])
    })
    if ((offset + 1) % checkpointRecords !== 0) continue
    found.push({ offset, state: stateHash(stage.snapshot(state)), outputs: outputs.copy().digest('hex') })
  }
  return found
}

// The golden log of matching: commands with their positions, recorded once, and what they came to at several offsets.
//
//   matching-v1.jsonl.gz   a line a record: offset, stage time, lateness, command
//   matching-v1.json       by version of behaviour: state hash, and SHA-256 of all outputs so far

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { matching } from '../../pipelines/matching/stage.ts'
import type { OrderCommand } from '../../schemas/matching/records.ts'
import type { Instant } from '../../schemas/units.ts'

export type GoldenRecord = {
  readonly offset: number
  readonly at: Instant
  readonly isLate: boolean
  readonly command: OrderCommand | { readonly kind: 'clock' }
}

export type Checkpoint = { readonly offset: number, readonly state: string, readonly outputs: string }

export const checkpointRecords = 500
export const recordsFile = new URL('matching-v1.jsonl.gz', import.meta.url)
export const hashesFile = new URL('matching-v1.json', import.meta.url)

export function goldenRecords (): GoldenRecord[] {
  return gunzipSync(readFileSync(recordsFile)).toString('utf8').trim().split('\n')
    .map(line => JSON.parse(line) as GoldenRecord)
}

export function goldenHashes (): Record<string, Checkpoint[]> {
  return JSON.parse(readFileSync(hashesFile, 'utf8')) as Record<string, Checkpoint[]>
}

/** Plays the log under one version of behaviour. */
export function checkpoints (records: readonly GoldenRecord[], version: number): Checkpoint[] {
  const stage = matching({ orderUpdates: 8 })
  const state = stage.initial(0)
  const outputs = createHash('sha256')
  const found: Checkpoint[] = []
  for (const { offset, at, isLate, command } of records) {
    const position = { at, isLate, partition: 0, offset, version }
    stage.apply(state, command, position, (...emitted) => outputs.update(JSON.stringify(emitted)))
    if ((offset + 1) % checkpointRecords !== 0) continue
    found.push({ offset, state: stage.hash(state), outputs: outputs.copy().digest('hex') })
  }
  return found
}

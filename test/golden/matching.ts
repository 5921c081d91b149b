// The golden logs of matching: commands with their positions, recorded once, and what they came to at several offsets.
//
//   matching-vN.jsonl.gz   a line a record: offset, stage time, lateness, command
//   matching-vN.json       by version of behaviour: state hash, and SHA-256 of all outputs so far
//
// The first was recorded before there was a second version: any version can play it whole. The later ones begin under
// the version before and switch in their middle, with an activate-version, as a real log does.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { matching } from '../../pipelines/matching/stage.ts'
import {
  type MatchingOutput, type OrderCommand, amendDefaults, cancelDefaults, orderDefaults
} from '../../schemas/matching/records.ts'
import type { Instant } from '../../schemas/units.ts'
import { stateHash } from '../../pipelines/runtime/stage.ts'

export type Activation = { readonly kind: 'activate-version', readonly version: number }

export type GoldenRecord = {
  readonly offset: number
  readonly at: Instant
  readonly isLate: boolean
  readonly command: OrderCommand | { readonly kind: 'clock' } | Activation
}

export type Checkpoint = { readonly offset: number, readonly state: string, readonly outputs: string }

export const goldenLogs = ['matching-v1', 'matching-v2'] as const
export type GoldenLog = typeof goldenLogs[number]

export const checkpointRecords = 500
export const recordsFile = (log: GoldenLog): URL => new URL(`${log}.jsonl.gz`, import.meta.url)
export const hashesFile = (log: GoldenLog): URL => new URL(`${log}.json`, import.meta.url)

export function goldenRecords (log: GoldenLog): GoldenRecord[] {
  return gunzipSync(readFileSync(recordsFile(log))).toString('utf8').trim().split('\n')
    .map(line => withDefaults(JSON.parse(line) as GoldenRecord))
}

// What the schemas say of fields that records written earlier have not.
function withDefaults (record: GoldenRecord): GoldenRecord {
  switch (record.command.kind) {
    case 'place-order': return { ...record, command: { ...orderDefaults, ...record.command } }
    case 'cancel-order': return { ...record, command: { ...cancelDefaults, ...record.command } }
    case 'amend-order': return { ...record, command: { ...amendDefaults, ...record.command } }
    default: return record
  }
}

export function goldenHashes (log: GoldenLog): Record<string, Checkpoint[]> {
  return JSON.parse(readFileSync(hashesFile(log), 'utf8')) as Record<string, Checkpoint[]>
}

type Heard = (topic: string, partition: number, key: string, value: MatchingOutput) => void

/** Plays a log that begins under one version of behaviour, and returns the final state's hash and its way there. */
export function play (records: readonly GoldenRecord[], versionAtFirst: number, heard: Heard): Checkpoint[] {
  const stage = matching()
  const state = stage.initial(0)
  const outputs = createHash('sha256')
  const found: Checkpoint[] = []
  let version = versionAtFirst
  for (const { offset, at, isLate, command } of records) {
    if (command.kind === 'activate-version') {
      version = command.version
    } else {
      stage.apply(state, command, { at, isLate, partition: 0, offset, version }, (...emitted) => {
        outputs.update(JSON.stringify(emitted))
        heard(...emitted)
      })
    }
    if ((offset + 1) % checkpointRecords !== 0) continue
    found.push({ offset, state: stateHash(stage.snapshot(state)), outputs: outputs.copy().digest('hex') })
  }
  return found
}

export const checkpoints = (records: readonly GoldenRecord[], version: number): Checkpoint[] =>
  play(records, version, () => { /* Only the hashes count. */ })

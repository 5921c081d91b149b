// The dataflow as data: each stage, what it reads, what it writes, in flow order. README.md draws it; a test keeps the
// two equal.

import { topics } from '../schemas/topics.ts'
import { ledger } from './ledger/stage.ts'
import { matching } from './matching/stage.ts'
import { metering } from './metering/stage.ts'
import type { Named, Stage } from './runtime/stage.ts'

/** A stage as far as it can be told without its core: for whoever has to do with all of them. */
export type AnyStage = Stage<unknown, Named, Named>

export const stages: readonly AnyStage[] = [metering(), ledger(), matching()]

export type StageFlow = { readonly stage: string, readonly reads: string, readonly writes: readonly string[] }

export const topology: readonly StageFlow[] = stages.map(({ name, reads, writes }) =>
  ({ stage: name, reads, writes: [...writes, topics.snapshots.name, topics.deadLetters.name] }))

/** Those whose topic the janitor trims. The ledger's is kept for ever: an audit recomputes everything from it. */
export const trimmed: readonly StageFlow[] = topology.filter(({ reads }) => reads !== topics.ledger.name)

/** Compacted topics that everybody at the edge reads whole; operators write them, and gateways for who asks. */
export const mirrors: readonly string[] = [topics.identities.name, topics.suppliers.name, topics.instruments.name]

/** What gateways write and no stage reads: facts for sinks. */
export const told: readonly string[] = [topics.requests.name]

// The dataflow as data: each stage, what it reads, what it writes, in flow order. README.md draws it; a test keeps the
// two equal.

import { topics } from '../schemas/topics.ts'
import { matching } from './matching/stage.ts'

export type StageFlow = { readonly stage: string, readonly reads: string, readonly writes: readonly string[] }

const { name: stage, reads, writes } = matching()

export const topology: readonly StageFlow[] = [
  { stage, reads, writes: [...writes, topics.snapshots.name, topics.deadLetters.name] }
]

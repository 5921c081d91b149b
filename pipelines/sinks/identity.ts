// What tells one record of a topic from another: its origin where a stage emitted it, else the place where it lies, on
// those topics that others write to as well.

import { readCommandTag } from '../runtime/command.ts'
import type { LogRecord } from '../runtime/log.ts'
import { readOrigin, type Origin } from '../runtime/origin.ts'

export type Takes = {
  /** Records without any header: dead letters of readers that are no stage. */
  readonly takesAnonymous?: boolean
  /** Commands; and what the topic carries beside the kinds that are taken, such as clocks, is passed over. */
  readonly takesCommands?: boolean
}

/** Null: a record of ours would have one. `isTaken`: of a kind that a row is made of. */
export function identityOf ({ headers, offset }: LogRecord, isTaken: boolean, takes: Takes): Origin | null {
  const { origin, command } = headers
  if (origin !== undefined) return readOrigin(origin)
  const isCommand = command !== undefined && readCommandTag(command) !== null
  const isFromOutside = takes.takesCommands === true && (isCommand || !isTaken)
  return isFromOutside || takes.takesAnonymous === true ? { source: '', offset, index: 0, sequence: 0 } : null
}

// What a process at the edge learns of instruments while it runs: those that were added, and parameters as they were
// commanded last.

import { learn } from '../schemas/instruments.ts'
import type { ListedInstrument } from '../schemas/instruments/records.ts'
import { topics } from '../schemas/topics.ts'
import { followMirror, readMirror, type MirrorContext, type Take } from './process/mirror.ts'
import type { Reading } from './runtime/log.ts'

const take: Take = (key, value) => {
  const listed = value as ListedInstrument | null
  // An instrument is never taken away: its partition and its history stay its own.
  return listed !== null && listed.instrumentId === key && learn(listed)
}

/** Resolves once all that was there has been learned; goes on until closed. */
export const followInstruments = (context: MirrorContext): Promise<Reading> =>
  followMirror(context, topics.instruments, take)

/** Learns what is there now. */
export const learnInstruments = (context: MirrorContext): Promise<void> =>
  readMirror(context, topics.instruments, take)

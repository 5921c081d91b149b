// A compacted topic followed in this process: all that it holds, then each change. What a record means is for whoever
// takes it; what can't be read is passed over and logged, since nobody at the edge may fall for one bad record.

import { Undecodable } from '../../schemas/codec.ts'
import type { Topic } from '../../schemas/topics.ts'
import type { Log, LogRecord, Reading } from '../runtime/log.ts'
import { readStretch } from '../runtime/read.ts'
import type { Named } from '../runtime/stage.ts'
import type { Context } from './context.ts'

export type MirrorContext = Pick<Context, 'topic' | 'failed'> & {
  readonly log: Log
  readonly logger: { warn (about: object, text: string): void }
  readonly binder: { read (value: Buffer | null): Named | Promise<Named> }
}

/** What is under the key now; null: nothing any more. False where it can't be used. */
export type Take = (key: string, value: Named | null) => boolean

const partition = 0

/** Takes one record, or passes over it. */
function takeFrom ({ binder, logger }: MirrorContext, { name, records }: Topic, take: Take) {
  const pass = ({ offset }: LogRecord, why: string): void => { logger.warn({ topic: name, offset }, `passed over: ${why}`) }
  return async (record: LogRecord): Promise<void> => {
    const { key, value } = record
    if (key === null) {
      pass(record, 'it has no key')
      return
    }
    try {
      const read = value === null ? null : await binder.read(value)
      if (read !== null && !records.includes(read.kind)) pass(record, `${read.kind} does not belong here`)
      else if (!take(key.toString(), read)) pass(record, 'it does not fit what is known')
    } catch (error) {
      if (!(error instanceof Undecodable)) throw error
      pass(record, error.message)
    }
  }
}

/** Takes all that is there now, and no more. */
export async function readMirror (context: MirrorContext, topic: Topic, take: Take): Promise<void> {
  const { log } = context
  const name = context.topic(topic.name)
  const takeOne = takeFrom(context, topic, take)
  const { start, end } = await log.extent(name, partition)
  await readStretch(log, { topic: name, partition, from: start, until: end }, async batch => {
    for (const record of batch) await takeOne(record)
  })
}

/** Resolves once all that was there when it was called has been taken; goes on until closed. */
export async function followMirror (context: MirrorContext, topic: Topic, take: Take): Promise<Reading> {
  const { log, failed } = context
  const name = context.topic(topic.name)
  const takeOne = takeFrom(context, topic, take)
  const { start, end } = await log.extent(name, partition)
  const caughtUp = Promise.withResolvers<undefined>()
  if (end <= start) caughtUp.resolve(undefined)
  const reading = await log.read({ topic: name, partition, from: start }, async batch => {
    for (const record of batch) await takeOne(record)
    if ((batch.at(-1)?.offset ?? -1) >= end - 1) caughtUp.resolve(undefined)
  }, error => {
    caughtUp.reject(error)
    failed(error)
  })
  await caughtUp.promise
  return reading
}

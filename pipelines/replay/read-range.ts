// A stretch of a partition, read once from one end to the other.

import type { Log, LogRecord, Place } from '../runtime/log.ts'

export type Stretch = Place & {
  readonly from: number
  /** The first offset that is not wanted. */
  readonly end: number
}

export type Take = (batch: readonly LogRecord[]) => Promise<void>

/** Hands out every record of the stretch in offset order, batch by batch; the next waits until one is taken. */
export async function readRange (log: Log, stretch: Stretch, take: Take): Promise<void> {
  const { topic, partition, from, end } = stretch
  if (end <= from) return
  const done = Promise.withResolvers<undefined>()
  const reading = await log.read({ topic, partition, from }, async batch => {
    const inside = batch.at(-1)!.offset < end ? batch : batch.filter(({ offset }) => offset < end)
    if (inside.length > 0) await take(inside)
    if (batch.at(-1)!.offset >= end - 1) done.resolve(undefined)
  }, done.reject)
  try {
    await done.promise
  } finally {
    await reading.close()
  }
}

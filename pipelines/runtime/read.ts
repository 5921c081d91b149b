// Reading a stretch of a partition and no further.

import type { Log, LogRecord, Place } from './log.ts'

export type Stretch = Place & { readonly from: number, readonly until: number }
export type Take = (batch: readonly LogRecord[]) => Promise<void> | void

/** Every record from `from` that lies below `until`, a batch at a time; the next waits for what `take` returns. */
export async function readStretch (log: Log, stretch: Stretch, take: Take): Promise<void> {
  const { until } = stretch
  if (until <= stretch.from) return
  const done = Promise.withResolvers<undefined>()
  const reading = await log.read(stretch, async batch => {
    const last = batch.at(-1)?.offset ?? -1
    await take(last < until ? batch : batch.filter(record => record.offset < until))
    if (last >= until - 1) done.resolve(undefined)
  }, done.reject)
  try {
    await done.promise
  } finally {
    await reading.close()
  }
}

/** Every record that was there when asked. The last one of a compacted topic is never compacted away. */
export async function readToEnd (log: Log, place: Place, add: (record: LogRecord) => void): Promise<void> {
  const { start, end } = await log.extent(place.topic, place.partition)
  await readStretch(log, { ...place, from: start, until: end }, batch => { batch.forEach(add) })
}

import { expect, test } from 'vitest'
import { trim } from '../../../pipelines/runtime/janitor.ts'
import { SnapshotStore } from '../../../pipelines/runtime/snapshot.ts'
import type { Instant } from '../../../schemas/units.ts'
import { MemoryLog } from './memory-log.ts'

const keepMs = 1000

type Tended = { readonly log: MemoryLog, readonly tidy: (now: number) => Promise<number | undefined> }

/** A partition with a record every 10 ms from 0 on, and snapshots at some of its offsets. */
async function placeWith (snapshotsAt: readonly number[], records = 200): Promise<Tended> {
  const log = new MemoryLog()
  const snapshots = new SnapshotStore(log, { topic: 'snapshots-1', partition: 0, source: 'matching orders-1 0', writer: 'w' })
  const place = { log, topic: 'orders-1', partition: 0, snapshots }
  for (let at = 0; at < records; at++) {
    await log.send([{ topic: 'orders-1', partition: 0, key: null, value: null, headers: {}, timestamp: at * 10 as Instant }])
  }
  for (const next of snapshotsAt) {
    const [now, listing] = [0 as Instant, { version: 1, schemas: [] }]
    const frame = { next, now, led: now, listing, marks: [], emitted: [], seen: [] }
    await snapshots.publish({ frame, state: Buffer.from('state'), hash: 'h' }, () => true)
  }
  return { log, tidy: now => trim(place, { keepMs, now: now as Instant }) }
}

test.each([
  { what: 'nothing without a snapshot', at: [], now: 9000, before: undefined },
  { what: 'nothing with one snapshot only', at: [150], now: 9000, before: undefined },
  { what: 'what lies below the second-newest', at: [50, 100, 150], now: 9000, before: 100 },
  { what: 'only what is older than the time to keep', at: [100, 150], now: 1400, before: 40 }
])('deletes $what', async ({ at, now, before }) => {
  const { log, tidy } = await placeWith(at)
  expect(await tidy(now)).toBe(before)
  expect(log.trims).toEqual(before === undefined ? [] : [['orders-1/0', before]])
})

test('deletes nothing while all is young', async () => {
  const { log, tidy } = await placeWith([100, 150])
  expect(await tidy(500)).toBe(0)
  expect(log.trims).toEqual([])
})

test('says where the log begins when there is nothing more to delete', async () => {
  const { log, tidy } = await placeWith([100, 150])
  expect([await tidy(9000), await tidy(9000)]).toEqual([100, 100])
  expect(log.trims).toHaveLength(1)
})

test('does not rely on a snapshot that is not whole', async () => {
  const { log, tidy } = await placeWith([50, 100, 150])
  log.records({ topic: 'snapshots-1', partition: 0 }).findLast(({ key }) => String(key).endsWith('150-w/0'))!.value![0]! ^= 1
  expect(await tidy(9000)).toBeUndefined()
  expect(log.trims).toEqual([])
})

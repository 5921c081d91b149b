import { expect, test } from 'vitest'
import { markSkip, readSkips } from '../../../pipelines/runtime/skips.ts'
import type { Instant } from '../../../schemas/units.ts'
import { MemoryLog } from './memory-log.ts'

const snapshots = { topic: 'snapshots-1', partition: 3 }
const stage = { topic: 't.orders-1', partition: 3 }

test('what was marked is read back, and nothing else', async () => {
  const log = new MemoryLog()
  const mark = (place: typeof stage, offset: number): Promise<void> => markSkip(log, snapshots, { ...place, offset, why: 'it breaks an invariant' })
  expect(await readSkips(log, snapshots, stage)).toEqual(new Set())
  await mark(stage, 0)
  await mark(stage, 4711)
  await mark(stage, 4711)
  await mark({ ...stage, partition: 33 }, 8)
  await mark({ ...stage, topic: 'orders-1' }, 9)
  expect(await readSkips(log, snapshots, stage)).toEqual(new Set([0, 4711]))
})

test('a mark that was taken away is not read, nor is what looks like one', async () => {
  const log = new MemoryLog()
  const keys = ['skip/t.orders-1/3/5', 'skip/t.orders-1/3/', 'skip/t.orders-1/3/5/manifest', 'skip/t.orders-1/3/-1', 'sink/t.orders-1/3/5', '', null]
  for (const [index, key] of keys.entries()) {
    await log.send([{ ...snapshots, key, value: index === 0 ? null : Buffer.from('why'), headers: {}, timestamp: 0 as Instant }])
  }
  expect(await readSkips(log, snapshots, stage)).toEqual(new Set())
})

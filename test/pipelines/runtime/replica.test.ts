// What a replica shows of the records that it applies.

import { expect, onTestFinished, test } from 'vitest'
import { Replica, type Applied } from '../../../pipelines/runtime/replica.ts'
import { SnapshotStore } from '../../../pipelines/runtime/snapshot.ts'
import type { Named } from '../../../pipelines/runtime/stage.ts'
import { MemoryLog } from './memory-log.ts'
import { activation, binder, clock, command, diarist, noon, source, topic, type Diary } from './support.ts'

test.each([true, false])('its witness sees each record with what it emitted, just behind it (a tail is kept: %s)', async keepsTail => {
  const log = new MemoryLog()
  const seen: string[] = []
  const witness = ({ fate, record, outputs, partition, machine }: Applied<Diary, Named, Named>): void => {
    seen.push(`${partition}/${record.offset} ${fate} ${outputs.length} ${machine.next}`)
  }
  const replica = new Replica({
    log,
    stage: diarist,
    topic,
    partition: 3,
    binder: { ...binder, fetch: async () => Promise.resolve() },
    snapshots: new SnapshotStore(log, { topic: 'snapshots', partition: 3, source, writer: 'test' }),
    hashEvery: 1000,
    brokerName: name => name,
    deadLetters: () => ({ topic: 'dead-letters', partition: 1 }),
    keepsTail,
    failed: error => { throw error },
    witness
  })
  onTestFinished(() => replica.close())
  for (const sent of [activation(1, noon), clock(noon), command('a', noon), command('a', noon), command('b', noon)]) {
    const records = log.records({ topic, partition: 3 })
    records.push({ ...sent, offset: records.length })
  }
  await replica.restore()
  await replica.follow()
  while (replica.machine.next < 5) await replica.applied()
  expect(seen).toEqual(['3/0 control 0 1', '3/1 clock 0 2', '3/2 applied 2 3', '3/3 duplicate 0 4', '3/4 applied 2 5'])
  expect(replica.tail).toHaveLength(keepsTail ? 4 : 0)
})

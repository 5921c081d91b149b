import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LogRecord } from '../../../pipelines/runtime/log.ts'
import type { Frame } from '../../../pipelines/runtime/machine.ts'
import { manifestOf, packSnapshot, SnapshotSets, SnapshotStore, type Snapshot } from '../../../pipelines/runtime/snapshot.ts'
import type { Instant } from '../../../schemas/units.ts'
import { MemoryLog } from './memory-log.ts'

const place = { topic: 'snapshots-1', partition: 2 }
const source = 'matching orders-1 2'
const always = (): boolean => true

const frameAt = (next: number): Frame =>
  ({ next, now: 5 as Instant, led: 4 as Instant, listing: { version: 1, schemas: [] }, marks: [['a b 0', 7]], emitted: [], seen: [[9, ['é']]] })

const snapshotAt = (next: number, state = Buffer.from(`state at ${next}, of some length`)): Snapshot =>
  ({ frame: frameAt(next), state, hash: `hash-${next}` })

function open (chunkBytes = 40, writer = 'w1', log = new MemoryLog()): { log: MemoryLog, store: SnapshotStore } {
  return { log, store: new SnapshotStore(log, { ...place, source, writer, chunkBytes }) }
}

const keysOf = (log: MemoryLog): string[] => log.records(place).map(({ key, value }) => `${String(key)}${value === null ? ' gone' : ''}`)

async function offsetsIn (store: SnapshotStore): Promise<number[]> {
  return [...(await store.sets()).valid()].map(({ frame }) => frame.next)
}

/** Changes the last record of a key, or leaves it out. */
function damage (log: MemoryLog, key: string, change: (value: Buffer) => Buffer | null): void {
  const record = log.records(place).findLast(candidate => String(candidate.key).endsWith(key))!
  Object.assign(record, { value: change(Buffer.from(record.value!)) })
}

describe('a snapshot', () => {
  test('comes back as it was written, in chunks no longer than asked for', async () => {
    const sizes = fc.record({ state: fc.uint8Array({ maxLength: 200 }), chunkBytes: fc.integer({ min: 1, max: 300 }) })
    await fc.assert(fc.asyncProperty(sizes, async ({ state, chunkBytes }) => {
      const { log, store } = open(chunkBytes)
      const snapshot = snapshotAt(5, Buffer.from(state))
      await store.publish(snapshot, always)
      const [found] = (await store.sets()).valid()
      expect(found).toMatchObject({ frame: snapshot.frame, hash: snapshot.hash })
      expect(Buffer.from(found!.state)).toEqual(snapshot.state)
      const body = packSnapshot(snapshot).length
      expect(found!.manifest.chunks).toBe(Math.ceil(body / chunkBytes))
      expect(log.records(place).slice(0, -1).every(({ value }) => value!.length <= chunkBytes)).toBe(true)
    }), { seed: 1 })
  })

  test('is written chunks first, under keys that name its source, offset and writer', async () => {
    const { log, store } = open(100)
    await store.publish(snapshotAt(5), always)
    const name = 'matching/orders-1/2/5-w1'
    expect(keysOf(log)).toEqual([`${name}/0`, `${name}/1`, `${name}/manifest`])
    expect(store.source).toBe('matching/orders-1/2')
    expect(log.records(place).map(manifestOf)).toMatchObject([undefined, undefined, { source: store.source, manifest: { offset: 5, hash: 'hash-5', writer: 'w1' } }])
  })

  test('is not finished by one who is no longer its partition\'s leader', async () => {
    for (const steps of [0, 1, 2]) {
      const { log, store } = open(100)
      let left = steps
      await store.publish(snapshotAt(5), () => left-- > 0)
      expect(log.records(place)).toHaveLength(Math.min(steps + 1, 3))
      expect(await offsetsIn(store)).toEqual(steps < 2 ? [] : [5])
    }
  })
})

describe('of several', () => {
  async function three (): Promise<ReturnType<typeof open>> {
    const opened = open(100)
    for (const next of [5, 100, 20]) await opened.store.publish(snapshotAt(next), () => true)
    return opened
  }

  test('the newest is first, by offset and not by name or place', async () => {
    const { store } = await three()
    expect(await offsetsIn(store)).toEqual([100, 20])
  })

  test('those below the second-newest good one are let go, chunks and manifest', async () => {
    const { log } = await three()
    const name = 'matching/orders-1/2/5-w1'
    expect(keysOf(log).slice(-3).sort()).toEqual([`${name}/0 gone`, `${name}/1 gone`, `${name}/manifest gone`])
  })

  test.each<{ what: string, harm: (log: MemoryLog) => void }>([
    { what: 'a chunk with another byte', harm: log => { damage(log, '100-w1/1', value => { value[3]! ^= 1; return value }) } },
    { what: 'a chunk that is shorter', harm: log => { damage(log, '100-w1/0', value => value.subarray(1)) } },
    { what: 'a chunk that is gone', harm: log => { damage(log, '100-w1/1', () => null) } },
    { what: 'a manifest that is gone', harm: log => { damage(log, '100-w1/manifest', () => null) } },
    { what: 'a manifest that is not JSON', harm: log => { damage(log, '100-w1/manifest', () => Buffer.from('{"offset":')) } },
    { what: 'a manifest of another hash', harm: log => { damage(log, '100-w1/manifest', value => Buffer.from(value.toString().replace(/"sha256":"./, '"sha256":"x'))) } },
    { what: 'a manifest that promises more chunks', harm: log => { damage(log, '100-w1/manifest', value => Buffer.from(value.toString().replace(/"chunks":\d+/, '"chunks":9'))) } }
  ])('$what makes the older set the newest', async ({ harm }) => {
    const { log, store } = await three()
    harm(log)
    expect(await offsetsIn(store)).toEqual([20])
  })

  test('sets that are not good are no reason to let go of others', async () => {
    const { log, store } = open(100)
    await store.publish(snapshotAt(5), always)
    await store.publish(snapshotAt(20), always)
    damage(log, '20-w1/0', value => value.subarray(1))
    await store.publish(snapshotAt(100), always)
    expect(await offsetsIn(store)).toEqual([100, 5])
  })

  test('two writers at one offset do not mix, and their sets are both good', async () => {
    const { log, store } = open(100)
    const other = open(30, 'w2', log)
    await store.publish(snapshotAt(5, Buffer.alloc(100, 1)), always)
    await other.store.publish(snapshotAt(5, Buffer.alloc(100, 2)), always)
    const states = [...(await store.sets()).valid()].map(({ state, manifest }) => `${manifest.writer} ${state[0]}`)
    expect(states.sort()).toEqual(['w1 1', 'w2 2'])
  })

  test('only those of its own source are a store\'s', async () => {
    const { log, store } = open()
    const strangers = ['matching orders-1 22', 'matching orders-1', 'clearing orders-1 2']
    for (const stranger of strangers) await new SnapshotStore(log, { ...place, source: stranger, writer: 'w1' }).publish(snapshotAt(50), always)
    await store.publish(snapshotAt(5), always)
    expect(await offsetsIn(store)).toEqual([5])
  })
})

describe('sets', () => {
  const bytes = (text: string | null): Buffer | null => text === null ? null : Buffer.from(text)
  const recordOf = (key: string | null, value: string | null = 'x'): LogRecord =>
    ({ offset: 0, timestamp: 0 as Instant, key: bytes(key), value: bytes(value), headers: {} })

  test('below an offset are named whole, also where they are not complete', () => {
    const sets = new SnapshotSets('a')
    for (const key of ['a/5-w/0', 'a/5-w/1', 'a/9-w/0', 'a/10-w/0']) sets.add(recordOf(key))
    sets.add(recordOf('a/9-w/manifest', JSON.stringify({ offset: 9, writer: 'w', chunks: 1, sha256: 'x', hash: 'y' })))
    expect(sets.keysBelow(10).sort()).toEqual(['a/5-w/0', 'a/5-w/1', 'a/9-w/0', 'a/9-w/manifest'])
    sets.add(recordOf('a/5-w/1', null))
    expect(sets.keysBelow(9)).toEqual(['a/5-w/0'])
  })

  test('take no notice of what is no snapshot', () => {
    const sets = new SnapshotSets('a')
    for (const key of [null, '', 'a', 'a/5-w', 'a/5-w/', 'a/5-w/x', 'a/x-w/0', 'a/5/0', 'skip/a/0/5', 'sink/a/b/0']) sets.add(recordOf(key))
    expect(sets.keysBelow(Infinity)).toEqual([])
    expect([...sets.valid()]).toEqual([])
  })

  test('with a manifest that says nothing sensible are not good, and nothing is thrown', () => {
    for (const value of ['null', '5', '{}', '[]', '{"chunks":-1,"sha256":""}', '{"chunks":1e9}', '{"chunks":"1"}']) {
      const sets = new SnapshotSets('a')
      sets.add(recordOf('a/5-w/0'))
      sets.add(recordOf('a/5-w/manifest', value))
      expect([...sets.valid()], value).toEqual([])
      expect(manifestOf(recordOf('a/5-w/manifest', value)), value).toBeUndefined()
    }
  })
})

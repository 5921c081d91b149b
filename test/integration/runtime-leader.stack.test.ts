// What only the real parts can show of leading: a dead leader's partitions go to a warm standby at once (K4), every
// fill is there once for a reader that obeys origins, and snapshots, trimming and dead letters do on a broker what they
// do in the simulation.

import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { environmentFor } from '../../docker/local/environment.ts'
import { runClock } from '../../pipelines/clock.ts'
import { openContext, type Context } from '../../pipelines/process/context.ts'
import { matching, type MatchingStage } from '../../pipelines/matching/stage.ts'
import { provide } from '../../pipelines/provide.ts'
import { runStage, type RunOptions } from '../../pipelines/process/run-stage.ts'
import { readConfig } from '../../pipelines/runtime/config.ts'
import type { Host } from '../../pipelines/runtime/host.ts'
import { trim } from '../../pipelines/runtime/janitor.ts'
import { evict } from '../../pipelines/runtime/kafka/membership.ts'
import type { LogRecord, Outgoing, Place } from '../../pipelines/runtime/log.ts'
import { Marks, readOrigin, sourceOf } from '../../pipelines/runtime/origin.ts'
import { readToEnd } from '../../pipelines/runtime/read.ts'
import { Replica } from '../../pipelines/runtime/replica.ts'
import { SnapshotStore } from '../../pipelines/runtime/snapshot.ts'
import { instruments, setParameters } from '../../schemas/instruments.ts'
import type { Fill, PlaceOrder } from '../../schemas/matching/records.ts'
import { topics } from '../../schemas/topics.ts'
import { instant, type Side } from '../../schemas/units.ts'
import { stackEnv, topicPrefix } from '../support/stack.ts'
import { fromOutside, limitOrder } from '../support/orders.ts'

const prefix = topicPrefix()
const sessionMs = 10_000
const faults: unknown[] = []
let context: Context
let stopClock: () => void

beforeAll(async () => {
  const variables = { ...stackEnv(), TOPIC_PREFIX: prefix, LOG_LEVEL: 'silent' }
  context = await openContext(readConfig(variables), 'test', error => { faults.push(error) })
  await provide(context)
  stopClock = runClock(context, [topics.orders.name])
})

afterAll(async () => {
  stopClock()
  await context.log.close()
})

/** Matching in this process; what it measures is its own. */
const follow = (options: Partial<RunOptions> = {}): Host =>
  runStage({ ...context, metrics: new Registry() }, matching(), { leads: true, ...options }) as unknown as Host

const eventually = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: 20_000, interval: 20 })

let orders = 0

/** Two orders at one price, of two owners: one fill, and nothing that rests. */
function pair (partition: number): Outgoing[] {
  const { instrumentId, referencePrice, tickSize } = setParameters(instruments[partition]!)
  const price = Math.round(referencePrice / tickSize) * tickSize as PlaceOrder['price']
  return (['sell', 'buy'] satisfies Side[]).map(side =>
    fromOutside(context, partition, limitOrder({ id: ++orders, instrumentId, side, price, quantity: 1 })))
}

async function recordsOf (place: Place): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  await readToEnd(context.log, place, record => { records.push(record) })
  return records
}

/** The fills of a partition for a reader that obeys origins; throws at a gap. */
async function fillsOf (partition: number): Promise<{ sequences: number[], inLog: number }> {
  const records = await recordsOf({ topic: context.topic('fills'), partition })
  const marks = new Marks()
  const sequences = records.flatMap(({ value, headers }) => {
    const verdict = marks.see(readOrigin(headers.origin!)!)
    if (verdict === 'gap') throw new Error('a fill is missing')
    return verdict === 'new' ? [(context.binder.current.decode(value) as unknown as Fill).sequence] : []
  })
  return { sequences, inLog: records.length }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

/** A process that runs matching and nothing else, once it owns its partitions. */
async function startMatching (): Promise<{ clientId: string, kill: () => Promise<void> }> {
  const clientId = `doomed-${randomUUID()}`
  const env = { ...environmentFor({ ...stackEnv() }), TOPIC_PREFIX: prefix, LOG_LEVEL: 'warn', MARKET_CLIENT_ID: clientId }
  const main = join(import.meta.dirname, '../../pipelines/main.ts')
  const child = spawn(process.execPath, [main, 'matching'], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  onTestFinished(() => { child.kill('SIGKILL') })
  expect((await once(child, 'message'))[0]).toEqual({ ready: 'matching' })
  return {
    clientId,
    kill: async () => {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    }
  }
}

describe('a leader that is killed (K4)', () => {
  test('is followed by a warm standby well before its session ends, and every fill is there once', async () => {
    const doomed = await startMatching()
    const standby = follow()
    onTestFinished(() => standby.close())
    await standby.warm()
    await standby.join()
    // Both have half; what is sent goes to partitions of the one that dies.
    await eventually(() => { expect(standby.partitionsLed).toHaveLength(topics.orders.partitions / 2) })
    const listed = instruments.filter(({ listing }) => listing === 'listed').map(({ index }) => index)
    const theirs = listed.filter(index => !standby.partitionsLed.includes(index)).slice(0, 3)
    expect(theirs).toHaveLength(3)
    const rounds = 300
    let sent = 0
    const sending = (async () => {
      for (; sent < rounds; sent++) await context.log.send(theirs.flatMap(pair))
    })()
    await eventually(() => { expect(sent).toBeGreaterThan(100) })
    await doomed.kill()
    const killedAt = performance.now()
    expect(await evict(context.kafka, context.group('matching'), doomed.clientId)).toBe(1)
    await eventually(() => { expect(standby.partitionsLed).toHaveLength(topics.orders.partitions) })
    const takenOverMs = performance.now() - killedAt
    await sending
    await eventually(async () => {
      for (const partition of theirs) expect((await fillsOf(partition)).sequences).toEqual(upTo(rounds))
    })
    const inLog = await Promise.all(theirs.map(async partition => (await fillsOf(partition)).inLog))
    console.log(`from kill -9 to the standby's assignment ${takenOverMs.toFixed(0)} ms; fills sent twice and dropped: ${inLog.map(count => count - rounds).join(', ')}`)
    expect(takenOverMs).toBeLessThan(sessionMs / 2)
    expect(faults).toEqual([])
  })

  test('that is evicted without being dead joins again, and goes on', async () => {
    const host = follow()
    onTestFinished(() => host.close())
    await host.warm()
    await host.join()
    await eventually(() => { expect(host.partitionsLed).toHaveLength(topics.orders.partitions) })
    expect(await evict(context.kafka, context.group('matching'), context.clientId)).toBe(1)
    const [partition] = instruments.slice(15, 16).map(({ index }) => index) as [number]
    await context.log.send(pair(partition))
    await eventually(async () => { expect((await fillsOf(partition)).sequences.at(-1)).toBeGreaterThan(0) })
    expect(faults).toEqual([])
  })
})

describe('a partition with snapshots', () => {
  const partition = 12
  const snapshotEvery = 100
  const stage: MatchingStage = matching()
  const place = () => ({ topic: context.topic('orders'), partition })
  const source = () => sourceOf(stage.name, place().topic, partition)
  const store = (from: string) => new SnapshotStore(context.log, { topic: context.topic('snapshots'), partition, source: from, writer: 'test' })

  async function offsetsOfSets (): Promise<number[]> {
    const sets = await store(source()).sets()
    return [...sets.valid()].map(({ frame }) => frame.next)
  }

  function replica (from = source()): Replica<ReturnType<MatchingStage['initial']>, never, never> {
    return new Replica({
      ...place(),
      log: context.log,
      stage: stage as never,
      binder: context.binder,
      snapshots: store(from),
      hashEvery: snapshotEvery,
      keepsTail: false,
      brokerName: name => name,
      deadLetters: () => ({ topic: 'dead-letters', partition: 0 }),
      failed: error => { faults.push(error) }
    })
  }

  /** Where it restored from, and its hash at an offset that it has then followed the log to. */
  async function restored (until: number, from?: string): Promise<{ at: number, hash: string }> {
    const one = replica(from)
    await one.restore()
    const at = one.machine.next
    // Clock records keep coming: what is compared is the state at one offset.
    const hash = Promise.withResolvers<string>()
    const observe = (_: unknown, { offset }: LogRecord): void => {
      if (offset === until - 1) hash.resolve(one.machine.hash())
    }
    Object.assign(one.options, { observe })
    await one.follow()
    const found = await hash.promise
    await one.close()
    return { at, hash: found }
  }

  /** Commands until the newest snapshot is a new one. */
  async function another (): Promise<void> {
    const [newest = 0] = await offsetsOfSets()
    await eventually(async () => {
      await context.log.send(Array.from({ length: 25 }, () => pair(partition)).flat())
      expect((await offsetsOfSets())[0]).toBeGreaterThan(newest)
    })
  }

  test('is restored from the older set when a chunk is corrupt, is trimmed, and restored again', async () => {
    const host = follow({ partitions: [partition], snapshotEvery })
    await host.warm()
    await host.join()
    await another()
    await another()
    const [newest, older] = await offsetsOfSets() as [number, number]
    const records = await recordsOf({ topic: context.topic('snapshots'), partition })
    const chunk = records.findLast(({ key }) => new RegExp(`/${newest}-[^/]+/0$`).test(String(key)))!
    const corrupt = Buffer.from(chunk.value!)
    corrupt[corrupt.length - 1]! ^= 1
    await context.log.send([{ topic: context.topic('snapshots'), partition, key: String(chunk.key), value: corrupt, headers: {}, timestamp: instant(0) }])
    expect((await offsetsOfSets())[0]).toBe(older)
    const { end } = await context.log.extent(place().topic, partition)
    const [fromOlder, fromZero] = await Promise.all([restored(end), restored(end, 'nobody')])
    expect([fromOlder.at, fromZero.at]).toEqual([older, 0])
    expect(fromOlder.hash).toBe(fromZero.hash)

    await another()
    const [, second] = await offsetsOfSets() as [number, number]
    const keep = { keepMs: 0, now: instant(Date.now() + 60_000) }
    expect(await trim({ ...place(), log: context.log, snapshots: store(source()) }, keep)).toBe(second)
    expect((await context.log.extent(place().topic, partition)).start).toBe(second)
    await host.close()
    const { end: last } = await context.log.extent(place().topic, partition)
    const afterwards = await restored(last)
    expect(afterwards.at).toBeGreaterThan(second)
    await expect(replica('nobody').restore()).rejects.toMatchObject({ code: 'log_trimmed' })

    const again = follow({ partitions: [partition], snapshotEvery })
    onTestFinished(() => again.close())
    await again.warm()
    expect(again.machine(partition)!.next).toBeGreaterThanOrEqual(last)
    await again.join()
    const { sequences } = await fillsOf(partition)
    await context.log.send(pair(partition))
    await eventually(async () => { expect((await fillsOf(partition)).sequences).toEqual(upTo(sequences.length + 1)) })
    expect(faults).toEqual([])
  })
})

test('garbage and a schema that is not listed become dead letters with their place and reason, and matching goes on', async () => {
  const partition = 14
  const host = follow({ partitions: [partition] })
  onTestFinished(() => host.close())
  await host.warm()
  await host.join()
  const [whole] = pair(partition) as [Outgoing]
  const unlisted = Buffer.from(whole.value!)
  unlisted.writeInt32BE(2 ** 31 - 1, 1)
  const bad: [reason: string, outgoing: Outgoing][] = [
    ['not_wire_format', { ...whole, value: Buffer.from('hello, world') }],
    ['not_wire_format', { ...whole, value: null }],
    ['unknown_schema', { ...whole, value: unlisted }],
    ['breaks_schema', { ...whole, value: whole.value!.subarray(0, 9) }],
    ['no_identity', { ...whole, headers: {} }],
    ['bad_origin', { ...whole, headers: { origin: Buffer.from('somewhere') } }],
    ['bad_control', { ...whole, headers: { control: Buffer.from('stop') } }]
  ]
  for (const [, outgoing] of bad) await context.log.send([outgoing])
  await context.log.send(pair(partition))
  await eventually(async () => { expect((await fillsOf(partition)).sequences).toEqual([1]) })
  const sent = (await recordsOf({ topic: context.topic('orders'), partition })).filter(({ value }) => bad.some(([, outgoing]) => String(outgoing.value) === String(value)))
  const letters = (await Promise.all([0, 1, 2, 3].map(letter => recordsOf({ topic: context.topic('dead-letters'), partition: letter })))).flat()
    .map(({ value }) => context.binder.current.decode(value) as unknown as Place)
    .filter(letter => letter.partition === partition)
  expect(letters).toMatchObject(bad.map(([reason], index) =>
    ({ reason, topic: context.topic('orders'), partition, offset: sent[index]!.offset, reader: 'matching' })))
  expect(faults).toEqual([])
})

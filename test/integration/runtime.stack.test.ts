// What only a real broker can show of the port to the log: K1, K2, K3 and K5 of pipelines/runtime/README.md.

import { randomUUID } from 'node:crypto'
import type { Kafka } from 'kafkajs'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { readConfig } from '../../pipelines/runtime/config.ts'
import { connect } from '../../pipelines/runtime/kafka/client.ts'
import { KafkaLog } from '../../pipelines/runtime/kafka/kafka-log.ts'
import { deleteTopics, provideTopics } from '../../pipelines/runtime/kafka/topics.ts'
import type { Assignment, Log, Outgoing, Ownership, Reading } from '../../pipelines/runtime/log.ts'
import { Stop } from '../../pipelines/runtime/stop.ts'
import { topicTable } from '../../schemas/topics.ts'
import type { Instant } from '../../schemas/units.ts'
import { stackEnv, topicPrefix } from '../support/stack.ts'

const prefix = topicPrefix()
const partitions = 4
let kafka: Kafka
let log: KafkaLog

const open = (): { kafka: Kafka, log: KafkaLog } => {
  const client = connect(readConfig(stackEnv()).kafka, `test-${randomUUID()}`, pino({ level: 'silent' }))
  return { kafka: client, log: new KafkaLog(client) }
}

beforeAll(() => { ({ kafka, log } = open()) })
afterAll(() => log.close())

const failed = (error: unknown): void => { throw error as Error }

const eventually = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: 15_000, interval: 20 })

type NewTopic = { readonly name: string, readonly numPartitions: number, readonly settings?: Record<string, string> }

/** Topics of one test alone. */
async function makeTopics (...topics: NewTopic[]): Promise<void> {
  const admin = kafka.admin()
  await admin.connect()
  // The library's own wait gives up on a topic that a broker has not heard of yet.
  await admin.createTopics({
    waitForLeaders: false,
    topics: topics.map(({ name: topic, numPartitions, settings = {} }) =>
      ({ topic, numPartitions, configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })) }))
  })
  await eventually(() => admin.fetchTopicMetadata({ topics: topics.map(({ name }) => name) }).then(() => {}))
  await admin.disconnect()
}

async function plainTopic (): Promise<string> {
  const name = `${prefix}plain-${randomUUID()}`
  await makeTopics({ name, numPartitions: partitions })
  return name
}

const record = (topic: string, partition: number, key: string, size = 10): Outgoing =>
  ({ topic, partition, key, value: Buffer.alloc(size, key), headers: {}, timestamp: 0 as Instant })

const records = (topic: string, partition: number, count: number, from = 0): Outgoing[] =>
  Array.from({ length: count }, (_, index) => record(topic, partition, String(from + index)))

type Lane = { readonly offsets: number[], readonly keys: string[], readonly reading: Reading }

/** Offsets and keys as they come. */
async function follow (from: Log, topic: string, partition: number, offset: number): Promise<Lane> {
  const [offsets, keys]: [number[], string[]] = [[], []]
  const reading = await from.read({ topic, partition, from: offset }, batch => {
    offsets.push(...batch.map(each => each.offset))
    keys.push(...batch.map(each => String(each.key)))
    return Promise.resolve()
  }, failed)
  return { offsets, keys, reading }
}

const upTo = (from: number, until: number): number[] => Array.from({ length: until - from }, (_, index) => from + index)

describe('topics (K5)', () => {
  const options = { replicationFactor: 1, isSimulated: false }

  test('are made once, and found as they are from then on, by two at once as well', async () => {
    const own = { ...options, prefix: `${prefix}twice.` }
    await provideTopics(kafka, own)
    await Promise.all([provideTopics(kafka, own), provideTopics(kafka, own)])
    // Its own, since a client goes on asking for a topic that is gone.
    const another = open().log
    for (const { name, incarnation, partitions: count } of topicTable) {
      expect(await another.extent(`${own.prefix}${name}-${incarnation}`, count - 1)).toEqual({ start: 0, end: 0 })
    }
    await another.close()
    await deleteTopics(kafka, own.prefix)
  })

  test('that are not those of the table stop the process, each fault by name', async () => {
    const own = { ...options, prefix: `${prefix}differ.` }
    const stamped = { 'message.timestamp.type': 'LogAppendTime' }
    await makeTopics(
      { name: `${own.prefix}fills-1`, numPartitions: 3, settings: { ...stamped, 'retention.ms': '-1' } },
      { name: `${own.prefix}orders-1`, numPartitions: 32, settings: { ...stamped, 'retention.ms': '1000000000' } },
      { name: `${own.prefix}book-deltas-1`, numPartitions: 32, settings: { 'retention.ms': '86400000' } }
    )
    const stop = await provideTopics(kafka, own).then(() => undefined, (error: unknown) => error)
    expect(stop).toBeInstanceOf(Stop)
    expect(stop).toMatchObject({ code: 'topic_differs' })
    const { message } = stop as Stop
    expect(message).toContain(`${own.prefix}fills-1 has 3 partitions, not 32`)
    expect(message).toContain(`${own.prefix}orders-1 has retention.ms 1000000000, not -1`)
    expect(message).toContain(`${own.prefix}book-deltas-1 has message.timestamp.type CreateTime, not LogAppendTime`)
    expect(message).not.toContain('snapshots')
    await deleteTopics(kafka, own.prefix)
  })

  test('of the market are not deleted', async () => {
    await expect(deleteTopics(kafka, '')).rejects.toThrow('are the market')
  })
})

describe('what is sent (K1, K2)', () => {
  test('is there once and in order, whatever was split, batched or waited', async () => {
    const topic = await plainTopic()
    const small = records(topic, 0, 2500)
    const large = Array.from({ length: 12 }, (_, index) => record(topic, 1, String(index), 300_000))
    const waiting = Array.from({ length: 40 }, (_, index) =>
      [record(topic, 0, String(2500 + index)), record(topic, 2, String(index))])
    await Promise.all([log.send([...small, ...large]), ...waiting.map(each => log.send(each))])
    const lanes = await Promise.all([0, 1, 2].map(partition => follow(log, topic, partition, 0)))
    await eventually(() => { expect(lanes.map(({ keys }) => keys.length)).toEqual([2540, 12, 40]) })
    for (const { keys, reading } of lanes) {
      expect(keys).toEqual(upTo(0, keys.length).map(String))
      await reading.close()
    }
  })

  test('is rejected where it can not be sent, and what is sent next goes through', async () => {
    const topic = await plainTopic()
    await log.send([record(topic, 0, 'a')])
    await expect(log.send([record(topic, 0, 'b', 3_000_000)])).rejects.toThrow()
    await log.send([record(topic, 0, 'c')])
    const lane = await follow(log, topic, 0, 0)
    await eventually(() => { expect(lane.keys).toEqual(['a', 'c']) })
    await lane.reading.close()
  })

  test('carries its headers and its key, or none', async () => {
    const topic = await plainTopic()
    const headers = { origin: Buffer.from('o'), command: Buffer.from('c'), control: Buffer.from('k') }
    await log.send([{ ...record(topic, 0, 'a'), headers }, { ...record(topic, 0, 'b'), key: null, value: null }])
    const seen: unknown[] = []
    const reading = await log.read({ topic, partition: 0, from: 0 }, batch => {
      seen.push(...batch)
      return Promise.resolve()
    }, failed)
    await eventually(() => { expect(seen).toMatchObject([{ offset: 0, headers, key: Buffer.from('a') }, { offset: 1, headers: {}, key: null, value: null }]) })
    await reading.close()
  })
})

describe('lone readers (K3)', () => {
  test('stand where they like in one topic, and one reads it again from its start while another follows its end', async () => {
    const topic = await plainTopic()
    await log.send(records(topic, 0, 3000))
    const [tail, middle, start] = await Promise.all([
      follow(log, topic, 0, 3000), follow(log, topic, 0, 1500), follow(log, topic, 0, 0)
    ])
    const sending = (async () => {
      for (let sent = 3000; sent < 4000; sent += 50) await log.send(records(topic, 0, 50, sent))
    })()
    const again = await follow(log, topic, 0, 0)
    await sending
    for (const [lane, from] of [[tail, 3000], [middle, 1500], [start, 0], [again, 0]] as const) {
      await eventually(() => { expect(lane.offsets.length).toBeGreaterThanOrEqual(4000 - from) })
      expect(lane.offsets).toEqual(upTo(from, 4000))
      await lane.reading.close()
    }
  })

  test('lose and repeat nothing when they are closed and opened elsewhere, over and over', async () => {
    const topic = await plainTopic()
    const over = new AbortController()
    const sending = (async () => {
      for (let sent = 0; !over.signal.aborted; sent += 20) await log.send(records(topic, 0, 20, sent))
    })()
    onTestFinished(() => { over.abort() })
    await eventually(async () => { expect((await log.extent(topic, 0)).end).toBeGreaterThan(500) })
    for (let round = 0; round < 15; round++) {
      const from = round % 2 === 0 ? 100 : (await log.extent(topic, 0)).end - 50
      const lane = await follow(log, topic, 0, from)
      await eventually(() => { expect(lane.offsets.length).toBeGreaterThan(60) })
      await lane.reading.close()
      expect(lane.offsets).toEqual(upTo(from, from + lane.offsets.length))
    }
    over.abort()
    await sending
  })

  test('are told what went wrong in who takes the records, and read no further', async () => {
    const topic = await plainTopic()
    await log.send(records(topic, 0, 10))
    const faults: unknown[] = []
    const reading = await log.read({ topic, partition: 0, from: 0 }, () => Promise.reject(new Error('no room')), error => { faults.push(error) })
    await eventually(() => { expect(faults).toEqual([new Error('no room')]) })
    await log.send(records(topic, 0, 10))
    await reading.close()
    expect(faults).toHaveLength(1)
  })
})

describe('owners (K3)', () => {
  type Member = { log: KafkaLog, ownership: Ownership, last: () => Assignment }

  async function join (group: string, topic: string): Promise<Member> {
    const own = open().log
    onTestFinished(() => own.close())
    let last: Assignment = { generation: 0, partitions: [] }
    const ownership = await own.own({ group, topic, assigned: assignment => { last = assignment } })
    return { log: own, ownership, last: () => last }
  }

  test('come and go without a break in what is read, and what they commit counts', async () => {
    const [topic, group] = [await plainTopic(), `${prefix}owners`]
    const first = await join(group, topic)
    const lane = await follow(first.log, topic, 0, 0)
    let sent = 0
    const goOn = async (count: number): Promise<void> => {
      await log.send(records(topic, 0, count, sent))
      sent += count
      await eventually(() => { expect(lane.offsets).toHaveLength(sent) })
    }
    await eventually(() => { expect(first.last().partitions).toEqual([0, 1, 2, 3]) })
    await first.ownership.commit(0, 1)
    const joining = join(group, topic)
    await goOn(100)
    const second = await joining
    const owned = (): number[] => [first, second].flatMap(member => member.last().partitions).sort()
    await eventually(() => { expect(owned()).toEqual([0, 1, 2, 3]) })
    expect(first.last().partitions).toHaveLength(2)
    await goOn(100)
    await Promise.all(first.last().partitions.map(partition => first.ownership.commit(partition, 10 + partition)))
    await Promise.all(second.last().partitions.map(partition => second.ownership.commit(partition, 10 + partition)))
    expect(await log.committed(group, topic)).toEqual(new Map([[0, 10], [1, 11], [2, 12], [3, 13]]))
    const { generation } = first.last()
    await second.ownership.leave()
    await goOn(100)
    await eventually(() => { expect(first.last().partitions).toEqual([0, 1, 2, 3]) })
    expect(first.last().generation).toBeGreaterThan(generation)
    await Promise.all([0, 1, 2, 3].map(partition => first.ownership.commit(partition, 20 + partition)))
    expect(await log.committed(group, topic)).toEqual(new Map([[0, 20], [1, 21], [2, 22], [3, 23]]))
    expect(lane.offsets).toEqual(upTo(0, sent))
    await lane.reading.close()
  })
})

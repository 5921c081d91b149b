import { describe, expect, test } from 'vitest'
import { schemaSet } from '../../schemas/schema-set.ts'
import { brokerName, deadLetterPartition, topicOf, topics, topicTable } from '../../schemas/topics.ts'
import { instruments } from '../../schemas/instruments.ts'
import { topology } from '../../pipelines/topology.ts'

const dayMs = 24 * 60 * 60 * 1000
const commandTopics: string[] = topology.map(({ reads }) => reads)

describe('the table', () => {
  test('has each name once, in words that a broker takes', () => {
    const names = topicTable.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/)
  })

  test('has no two topics of one name on the broker', () => {
    // Kafka takes a dot for an underscore where it names metrics; a prefix may hold either.
    const names = ['', 't1.', 'replay-7.'].flatMap(prefix => topicTable.map(topic => brokerName(topic, prefix).replaceAll('.', '_')))
    expect(new Set(names).size).toBe(names.length)
  })

  test.each(topicTable.map(topic => [topic.name, topic] as const))('%s has partitions, records that there are, and reasons', (_, topic) => {
    expect(topic.partitions).toBeGreaterThan(0)
    expect(topic.incarnation).toBeGreaterThan(0)
    const kinds = schemaSet.map(({ kind }) => kind)
    for (const kind of topic.records) expect(kinds).toContain(kind)
    for (const text of [topic.key, topic.why]) expect(text.length).toBeGreaterThan(5)
  })

  test('leaves no schema without a topic', () => {
    const used = new Set<string>(topicTable.flatMap(({ records }) => records))
    expect(schemaSet.map(({ kind }) => kind).filter(kind => !used.has(kind))).toEqual([])
  })

  test('neither compacts a topic that a stage reads, nor lets its age decide', () => {
    for (const { retentionMs, cleanup } of topicTable.filter(({ name }) => commandTopics.includes(name))) {
      expect(cleanup).toBe('delete')
      expect(retentionMs === -1 || retentionMs >= 7 * dayMs).toBe(true)
    }
  })

  test('lets time pass on, and switches versions of, whatever a stage reads', () => {
    for (const { records } of topicTable.filter(({ name }) => commandTopics.includes(name))) {
      expect(records).toEqual(expect.arrayContaining(['clock', 'activate-version']))
    }
  })

  test('keeps what is compacted for ever', () => {
    for (const { retentionMs } of topicTable.filter(({ cleanup }) => cleanup === 'compact')) expect(retentionMs).toBe(-1)
  })

  test('has a partition for each instrument, and some to spare', () => {
    const last = Math.max(...instruments.map(({ index }) => index))
    for (const { name, key, partitions } of topicTable.filter(topic => topic.key === topics.orders.key)) {
      expect(partitions, `${name} by ${key}`).toBeGreaterThan(last + 1)
      expect(partitions).toBe(topics.orders.partitions)
    }
  })

  test('has a place for the snapshots of every partition of a stage', () => {
    const most = Math.max(...commandTopics.map(name => topicOf(name).partitions))
    expect(topics.snapshots.partitions).toBeGreaterThanOrEqual(most)
  })
})

describe('a name on the broker', () => {
  test('is prefix, name and incarnation', () => {
    expect(brokerName(topics.orders)).toBe('orders-1')
    expect(brokerName(topics.orders, 't1.')).toBe('t1.orders-1')
    expect(brokerName({ ...topics.orders, incarnation: 2 })).toBe('orders-2')
  })
})

test('a topic is found by its name', () => {
  expect(topicOf('order-updates')).toBe(topics.orderUpdates)
  expect(() => topicOf('orders-1')).toThrow('no topic is called orders-1')
})

describe('a dead letter', () => {
  test('has its place for good: changed, what is written twice would be two rows', () => {
    const places = [['orders-1', 0], ['orders-1', 1], ['orders-1', 31], ['fills-1', 5], ['t1.orders-1', 7]] as const
    expect(places.map(([topic, partition]) => deadLetterPartition(topic, partition))).toEqual([2, 0, 0, 3, 0])
  })

  test('has a partition that there is, and they are all used', () => {
    const upTo = (count: number): number[] => Array.from({ length: count }, (_, partition) => partition)
    const used = topicTable.flatMap(topic => {
      return upTo(topic.partitions).map(partition => deadLetterPartition(brokerName(topic), partition))
    })
    expect([...new Set(used)].sort()).toEqual(upTo(topics.deadLetters.partitions))
  })
})

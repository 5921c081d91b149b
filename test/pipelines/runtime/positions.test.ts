import { expect, test } from 'vitest'
import { Positions, type Standing } from '../../../pipelines/runtime/positions.ts'
import { MemoryLog } from './memory-log.ts'

const open = (log: MemoryLog, name = 'fills'): Positions => new Positions(log, { topic: 'snapshots-1', partitions: 4, name })
const standing = (position: number): Standing => ({ position, marks: [['matching orders-1 5', position + 1], ['matching orders-1 6', 2]] })

test('a sink stands where it last said it does', async () => {
  const log = new MemoryLog()
  const positions = open(log)
  for (const position of [7, 3]) await log.send([positions.record('fills-1', 5, standing(position))])
  expect(await positions.read('fills-1', 5)).toEqual(standing(3))
})

test('one that never said anything, or whose word was taken back, stands at the start', async () => {
  const log = new MemoryLog()
  const positions = open(log)
  expect(await positions.read('fills-1', 5)).toEqual({ position: 0, marks: [] })
  await log.send([positions.record('fills-1', 1, standing(7)), { ...positions.record('fills-1', 5, standing(7)), value: null }])
  expect(await positions.read('fills-1', 5)).toEqual({ position: 0, marks: [] })
})

test('each sink, topic and partition has a key of its own, in a partition that there is', async () => {
  const log = new MemoryLog()
  const places = ['fills', 'candles'].flatMap(name => ['fills-1', 'orders-1'].flatMap(topic => [1, 5, 31].map(partition => ({ name, topic, partition }))))
  const records = places.map(({ name, topic, partition }, index) => {
    return open(log, name).record(topic, partition, standing(index))
  })
  await log.send(records)
  expect(new Set(records.map(({ key }) => key)).size).toBe(places.length)
  expect(records.every(({ partition }) => partition >= 0 && partition < 4)).toBe(true)
  for (const [index, { name, topic, partition }] of places.entries()) {
    expect(await open(log, name).read(topic, partition)).toEqual(standing(index))
  }
})

import { describe, expect, test } from 'vitest'
import { readStretch, readToEnd } from '../../../pipelines/runtime/read.ts'
import type { Instant } from '../../../schemas/units.ts'
import { MemoryLog } from './memory-log.ts'

const place = { topic: 'orders-1', partition: 0 }
const one = { ...place, key: 'k', value: null, headers: {}, timestamp: 0 as Instant }

async function logOf (count: number): Promise<MemoryLog> {
  const log = new MemoryLog()
  for (let sent = 0; sent < count; sent++) await log.send([one])
  return log
}

async function stretch (log: MemoryLog, from: number, until: number): Promise<number[]> {
  const seen: number[] = []
  await readStretch(log, { ...place, from, until }, batch => { seen.push(...batch.map(({ offset }) => offset)) })
  return seen
}

describe('a stretch', () => {
  test('is every record from its first to the one before its end', async () => {
    const log = await logOf(20)
    expect(await stretch(log, 4, 12)).toEqual([4, 5, 6, 7, 8, 9, 10, 11])
    expect(await stretch(log, 0, 1)).toEqual([0])
    expect(await stretch(log, 19, 20)).toEqual([19])
  })

  test('may be empty, and then nothing is waited for', async () => {
    const log = await logOf(3)
    expect(await stretch(log, 3, 3)).toEqual([])
    expect(await stretch(log, 3, 2)).toEqual([])
  })

  test('is handed out a batch at a time', async () => {
    const log = await logOf(10)
    let inside = 0
    await readStretch(log, { ...place, from: 0, until: 10 }, async () => {
      expect(++inside).toBe(1)
      await new Promise(resolve => setImmediate(resolve))
      inside--
    })
  })

  test('fails as what takes it does', async () => {
    const log = await logOf(3)
    await expect(readStretch(log, { ...place, from: 0, until: 3 }, () => { throw new Error('no room') })).rejects.toThrow('no room')
  })
})

test('reading to the end hands out what was there when asked', async () => {
  const log = await logOf(5)
  const seen: number[] = []
  const sent: Promise<void>[] = []
  await readToEnd(log, place, ({ offset }) => {
    seen.push(offset)
    sent.push(log.send([one]))
  })
  await Promise.all(sent)
  expect(seen).toEqual([0, 1, 2, 3, 4])
})

test('reading to the end begins where the log does', async () => {
  const log = await logOf(5)
  await log.trim(place.topic, place.partition, 3)
  const seen: number[] = []
  await readToEnd(log, place, ({ offset }) => { seen.push(offset) })
  expect(seen).toEqual([3, 4])
})

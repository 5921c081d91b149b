import { expect, test } from 'vitest'
import { Cut } from '../../../pipelines/backup/cut.ts'
import type { LogRecord } from '../../../pipelines/runtime/log.ts'
import { writeOrigin } from '../../../pipelines/runtime/origin.ts'
import type { Instant } from '../../../schemas/units.ts'

const causedBy = (topic: string, partition: number, offset: number): LogRecord => ({
  offset: 0,
  timestamp: 0 as Instant,
  key: null,
  value: null,
  headers: { origin: writeOrigin({ source: `stage ${topic} ${partition}`, offset, index: 0, sequence: 1 }) }
})

function cutOf (...ends: readonly (readonly [topic: string, partition: number, end: number])[]): Cut {
  const cut = new Cut()
  for (const [topic, partition, end] of ends) cut.set({ topic, partition, start: 0, end })
  return cut
}

test('a partition that ends before the cause of a record is short, by as much as the farthest cause needs', () => {
  const cut = cutOf(['ledger-1', 3, 10], ['orders-1', 0, 5])
  for (const offset of [9, 14, 12]) cut.see(causedBy('ledger-1', 3, offset))
  cut.see(causedBy('orders-1', 0, 4))
  expect(cut.short()).toEqual([{ topic: 'ledger-1', partition: 3, start: 0, end: 10, needed: 15 }])
  cut.set({ topic: 'ledger-1', partition: 3, start: 0, end: 15 })
  expect(cut.short()).toEqual([])
})

test('what is read on for one cause may name another, until none is missing', () => {
  const cut = cutOf(['ledger-1', 0, 1], ['orders-1', 0, 1])
  cut.see(causedBy('ledger-1', 0, 1))
  expect(cut.short()).toMatchObject([{ topic: 'ledger-1', needed: 2 }])
  cut.set({ topic: 'ledger-1', partition: 0, start: 0, end: 2 })
  cut.see(causedBy('orders-1', 0, 6))
  expect(cut.short()).toMatchObject([{ topic: 'orders-1', needed: 7 }])
})

test('records without an origin, and causes in topics of others, ask for nothing', () => {
  const cut = cutOf(['ledger-1', 0, 1])
  cut.see({ offset: 0, timestamp: 0 as Instant, key: null, value: null, headers: {} })
  cut.see({ ...causedBy('ledger-1', 0, 5), headers: { origin: Buffer.from('no origin') } })
  cut.see(causedBy('another', 0, 5))
  expect(cut.short()).toEqual([])
})

test('a cause that was never in the log is given up', () => {
  const cut = cutOf(['ledger-1', 0, 1])
  cut.see(causedBy('ledger-1', 0, 1000))
  cut.giveUp({ topic: 'ledger-1', partition: 0 })
  expect(cut.short()).toEqual([])
})

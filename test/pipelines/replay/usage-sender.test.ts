// What a usage replay writes: each record with its own number in its partition, and sent again as it was where nobody
// knows what became of it.

import { expect, test } from 'vitest'
import { pino } from 'pino'
import type { Context } from '../../../pipelines/process/context.ts'
import { UsageSender, type Said } from '../../../pipelines/replay/usage-sender.ts'
import type { Outgoing } from '../../../pipelines/runtime/log.ts'
import { readOrigin } from '../../../pipelines/runtime/origin.ts'
import { topics } from '../../../schemas/topics.ts'
import { holderId, instant } from '../../../schemas/units.ts'

const at = instant(1_736_128_800_000)
const said = (holder: number): Said => ({ command: { kind: 'submit-cancel', holder: holderId(holder), orderId: 1 as never }, at })

function world (refuses: number) {
  const sends: Outgoing[][] = []
  let left = refuses
  const log = {
    send: (records: readonly Outgoing[]) => {
      sends.push([...records])
      return left-- > 0 ? Promise.reject(new Error('not acknowledged')) : Promise.resolve()
    }
  }
  const encode = (value: object): Buffer => Buffer.from(JSON.stringify(value))
  const context = {
    log, binder: { current: { encode } }, topic: (name: string) => name, logger: pino({ level: 'silent' })
  } as unknown as Context
  const sender = new UsageSender(context, { name: 'usage-conv', partition: 1, signal: new AbortController().signal })
  return { sends, sender }
}

const placed = ({ topic, partition, headers: { origin } }: Outgoing) => {
  const { source, sequence } = readOrigin(origin!)!
  return `${topic}/${partition} ${source} ${sequence}`
}

test('records are numbered in each partition without gaps', async () => {
  const { sends, sender } = world(0)
  await sender.send([said(8), said(9), said(16)])
  await sender.send([said(8)])
  const source = 'replay usage-conv 0'
  expect(sends.flat().map(placed)).toEqual([
    `ledger/0 ${source} 1`, `ledger/1 ${source} 1`, `ledger/0 ${source} 2`, `ledger/0 ${source} 3`
  ])
})

test('a send of unknown outcome is sent again as it was, and nothing goes before it', async () => {
  const { sends, sender } = world(1)
  await sender.send([said(8), said(9)])
  await sender.send([said(8)])
  expect(sends.length).toBe(3)
  expect(sends[1]).toEqual(sends[0])
  expect(placed(sends[2]![0]!)).toBe('ledger/0 replay usage-conv 0 2')
})

test('time goes to every partition of the ledger and of metering, and to that of the instrument', async () => {
  const { sends, sender } = world(0)
  await sender.tick(at)
  const places = sends[0]!.map(({ topic, partition }) => `${topic}/${partition}`)
  const all = [topics.ledger, topics.usage].flatMap(({ name, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => `${name}/${partition}`))
  expect(places).toEqual([...all, 'orders/1'])
  expect(sends[0]!.every(({ timestamp, headers }) => timestamp === at && headers.origin === undefined)).toBe(true)
})

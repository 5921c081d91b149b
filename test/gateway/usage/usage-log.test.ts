import { describe, expect, test } from 'vitest'
import { ApiError } from '../../../gateway/errors.ts'
import { usagePort } from '../../../gateway/usage/usage-log.ts'
import { readCommandTag } from '../../../pipelines/runtime/command.ts'
import type { Outgoing } from '../../../pipelines/runtime/log.ts'
import { holderId, instant } from '../../../schemas/units.ts'
import { readingOf } from '../../pipelines/metering/support.ts'

const now = instant(1_700_000_000_000)
const readings = [3, 11].map(holder => ({ reading: readingOf({ holder: holderId(holder), id: `m${holder}` }), id: `tag-${holder}` }))

type Send = (records: readonly Outgoing[]) => Promise<void>

function port (send: Send, changes: { deadlineMs?: number, rejected?: (error: unknown) => void } = {}) {
  const encode = (reading: { id: string }): Buffer => Buffer.from(reading.id)
  return usagePort({ log: { send }, topic: 'usage-1', partitions: 8, encode, now: () => now, ...changes })
}

/** The error that a report ends with. */
async function failureOf (report: Promise<void>): Promise<ApiError> {
  return await report.then(() => { throw new Error('it went well') }, (error: unknown) => {
    expect(error).toBeInstanceOf(ApiError)
    return error as ApiError
  })
}

describe('readings', () => {
  test('are records of their consumer\'s partition, valid for ever, and reported once the log has them', async () => {
    const sent: Outgoing[] = []
    await port(async records => {
      sent.push(...records)
      await Promise.resolve()
    }).report(readings)
    expect(sent.map(({ topic, partition, key, value, timestamp }) => [topic, partition, key, String(value), timestamp]))
      .toEqual([['usage-1', 3, '3', 'm3', now], ['usage-1', 3, '11', 'm11', now]])
    expect(sent.map(({ headers }) => readCommandTag(headers.command!)))
      .toEqual([{ id: 'tag-3', validUntil: 0 }, { id: 'tag-11', validUntil: 0 }])
  })

  test('that were rejected are to be sent again', async () => {
    const rejected: unknown[] = []
    const refuse = async (): Promise<void> => { await Promise.reject(new Error('no broker')) }
    const down = port(refuse, { rejected: error => { rejected.push(error) } })
    const { status, headers } = await failureOf(down.report(readings))
    expect([status, headers['retry-after'], String(rejected)]).toEqual([503, '1', 'Error: no broker'])
  })

  test('that nobody confirms in time are to be sent again, and a late rejection breaks nothing', async () => {
    const late = Promise.withResolvers<undefined>()
    const rejected: unknown[] = []
    const wait = async (): Promise<void> => { await late.promise }
    const slow = port(wait, { deadlineMs: 1, rejected: error => { rejected.push(error) } })
    expect((await failureOf(slow.report(readings))).status).toBe(503)
    late.reject(new Error('no broker'))
    await expect.poll(() => rejected).toHaveLength(1)
  })

  test('are not sent where too many are on their way already', async () => {
    const gate = Promise.withResolvers<undefined>()
    let sends = 0
    const busy = port(async () => {
      sends++
      await gate.promise
    })
    const many = Array.from({ length: 20_000 }, () => readings[0]!)
    const first = busy.report(many)
    expect((await failureOf(busy.report(readings))).headers['retry-after']).toBe('5')
    gate.resolve(undefined)
    await first
    await busy.report(readings)
    expect(sends).toBe(2)
  })
})

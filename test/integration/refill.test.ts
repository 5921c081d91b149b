// A table that was wiped is filled again from the log, by the reconcile job alone.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { audit } from '../../analytics/audit.ts'
import { KafkaSummaries } from '../../pipelines/jobs/log-summaries.ts'
import { reconcile } from '../../pipelines/jobs/reconcile.ts'
import { refill } from '../../pipelines/jobs/refill.ts'
import { instruments } from '../../schemas/instruments.ts'
import type { Fill } from '../../schemas/matching/records.ts'
import { instant } from '../../schemas/units.ts'
import { leanBars, leanFills } from '../support/lean.ts'
import { fillRecords, startSinks, type SinksUnderTest } from '../support/pipeline.ts'
import { testDatabase, topicPrefix } from '../support/stack.ts'

const prefix = topicPrefix()
const database = testDatabase()
const instrument = instruments[3]!
const bars = leanBars('minute').slice(0, 600)

let running: SinksUnderTest

beforeAll(async () => {
  running = await startSinks(prefix, database)
})

afterAll(async () => {
  await running.close()
})

const countOf = async (table: string): Promise<number> => {
  const [row] = await running.clickHouse.rows<{ rows: string }>(`SELECT count() AS rows FROM ${table}`)
  return Number(row?.rows)
}

test('what is missing in ClickHouse is found, named and inserted again', async () => {
  const { context, clickHouse, sinks } = running
  const fills = leanFills(instrument.instrumentId, bars)
  await context.log.send(fillRecords(context, instrument.index, fills))
  // A fill of a later minute, so that the candle sink's place is past all others.
  const last = fills.at(-1)!
  const later: Fill = { ...last, sequence: fills.length + 1, matchedAt: instant(last.matchedAt + 120_000) }
  await context.log.send(fillRecords(context, instrument.index, [...fills, later]).slice(-1))
  await expect.poll(() => sinks[1]!.standings().get(instrument.index), { timeout: 30_000 }).toBe(fills.length)
  await expect.poll(() => countOf('fills'), { timeout: 30_000 }).toBe(fills.length + 1)

  const read = (value: Buffer | null) => context.binder.read(value)
  const summaries = new KafkaSummaries({ ...context, read })
  const compare = () => reconcile(summaries, audit(clickHouse))
  expect(await compare()).toMatchObject({ differences: [], missing: [], compared: fills.length })

  const before = await clickHouse.rows('SELECT * EXCEPT inserted_at FROM fills ORDER BY sequence')
  const candles = await clickHouse.rows('SELECT * EXCEPT inserted_at FROM candles ORDER BY resolution, bucket')
  await clickHouse.command('TRUNCATE TABLE fills_raw')
  await clickHouse.command('TRUNCATE TABLE candles_raw')

  const lost = await compare()
  expect(lost.differencesByTable['fills']).toBeGreaterThan(0)
  expect(lost.differencesByTable['candles']).toBeGreaterThan(0)
  expect(lost.missing).toContainEqual({
    table: 'fills', instrumentId: instrument.instrumentId, ranges: [{ first: 1, last: fills.length }]
  })
  await refill({ ...context, clickhouse: clickHouse, read, partitionOf: () => instrument.index }, lost.missing)

  expect(await compare()).toMatchObject({ differences: [], missing: [] })
  const again = await clickHouse.rows('SELECT * EXCEPT inserted_at FROM fills WHERE sequence <= 2400 ORDER BY sequence')
  expect(again).toEqual(before.slice(0, fills.length))
  const recorded = await clickHouse.rows('SELECT * EXCEPT inserted_at FROM candles ORDER BY resolution, bucket')
  expect(recorded).toEqual(expect.arrayContaining(candles.slice(0, 100)))
}, 90_000)

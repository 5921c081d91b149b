// How requests went, what they were billed and what never was, put together of three tables that fill one by one.

import { expect, test } from 'vitest'
import { deliveredModels } from '../../analytics/delivered-models.ts'
import { requestHistory, type PastRequest, type RequestConditions, type RequestQuery } from '../../analytics/request-history.ts'
import { requestReportsTable } from '../../analytics/request-table.ts'
import { Block, type Table } from '../../analytics/tables.ts'
import { unbilledUsageTable } from '../../analytics/usage-tables.ts'
import { requestReportRow } from '../../pipelines/sinks/request-rows.ts'
import { unbilledUsageRow } from '../../pipelines/sinks/usage-rows.ts'
import type { RequestReport } from '../../schemas/usage/records.ts'
import { holderId, instant, instrumentId, microdollars, tokens, type LotId } from '../../schemas/units.ts'
import { insertEntries, ourTables } from '../analytics/database.ts'
import { originOf, someLots, someReport, someUnbilled } from '../pipelines/sinks/ledger.ts'

const clickHouse = ourTables()
const start = 1_772_000_000_000
const day = 86_400_000

async function insert<Row> (table: Table<Row>, ...rows: readonly Row[]): Promise<void> {
  const block = new Block(table)
  rows.forEach(row => block.add(row))
  await clickHouse().insert(block)
}

let offset = 0
const report = async (holder: number, change: Partial<RequestReport>): Promise<void> => {
  const told = someReport({ holder: holderId(holder), ...change })
  await insert(requestReportsTable, requestReportRow(told, { partition: 7, offset: offset++ }))
}

type Drawn = readonly (readonly [price: number, count: number])[]

async function capture (holder: number, requestId: string, drawn: Drawn, source = 'gateway'): Promise<void> {
  const billed = drawn.reduce((sum, [, count]) => sum + count, 0)
  await insertEntries(clickHouse(), [someLots({
    holder,
    entry: 1,
    type: 'usage',
    reference: requestId,
    lots: drawn.map(([price, count], index) =>
      ({ lotId: 64 * (index + 1) as LotId, change: 'drawn' as const, tokens: tokens(count), price: microdollars(price) })),
    usage: { requestId, source, billed: tokens(billed), inputTokens: tokens(billed - 5), outputTokens: tokens(5), keyId: 'key_1' },
    at: start + 60_000
  })])
}

test('a row is read as it was written, and what was told last of a request counts', async () => {
  const odd = 'Zürich \'"\\\n 價格 🜚'
  const last = someReport({ requestId: odd, tags: [odd, 'b'], servedModel: odd, overReported: tokens(4), firstTokenMs: null, at: instant(start + 1) })
  const rows = [last, someReport({ requestId: odd, outcome: 'disconnected' }), last].map((each, index) => requestReportRow(each, { partition: 7, offset: index }))
  for (const row of rows) await insert(requestReportsTable, row)
  const read = await clickHouse().rows('SELECT tags, served_model, over_reported, first_token_ms, outcome, ended_at, is_stream FROM request_reports WHERE request_id = {odd:String}', { odd })
  expect(read).toEqual([{
    tags: [odd, 'b'], served_model: odd, over_reported: '4', first_token_ms: null, outcome: 'completed', ended_at: '2026-02-25 06:13:20.001', is_stream: true
  }])
})

test('a request is pending until it is billed, and then costs what its lots did', async () => {
  const history = requestHistory(clickHouse())
  const holder = holderId(11)
  expect(await history.request(holder, 'r1')).toBeNull()
  await report(11, { requestId: 'r1', durationMs: 500, tags: ['blue'] })
  const pending = await history.request(holder, 'r1')
  expect(pending).toMatchObject({ status: 'pending', costStatus: 'pending', cost: 0n, bookedAt: null, totalTokens: 1500, startedAt: start - 500, tags: ['blue'] })
  await capture(11, 'r1', [[9_007_199_254, 1_000_000], [9_007_199_255, 500_001]])
  expect(await history.request(holder, 'r1')).toEqual({
    ...pending!,
    status: 'reconciled',
    costStatus: 'reconciled',
    inputTokens: 1_499_996,
    outputTokens: 5,
    totalTokens: 1_500_001,
    billed: 1_500_001,
    cost: 1_000_000n * 9_007_199_254n + 500_001n * 9_007_199_255n,
    bookedAt: start + 60_000
  })
  expect(await history.draws(holder, 'r1')).toEqual([
    { price: 9_007_199_254, tokens: 1_000_000 }, { price: 9_007_199_255, tokens: 500_001 }
  ])
  expect(await history.request(holderId(12), 'r1')).toBeNull()
})

test('what an edge answered is known by its receipt alone', async () => {
  await capture(13, 'r9', [[7, 100]], 'supplier:21')
  expect(await requestHistory(clickHouse()).request(holderId(13), 'r9')).toMatchObject({
    status: 'reconciled', requestedModel: 'text-prime', delivery: 'supplier', servedModel: '', surface: '', keyId: 'key_1', durationMs: null, firstTokenMs: null, cost: 700n
  })
})

test('what an edge answered, and the gateway tells of that sent the client there, has words and no times', async () => {
  const sent = { requestId: 'r10', delivery: 'supplier', servedModel: '', requestedModel: 'Text-Prime', tags: ['blue'], firstTokenMs: null }
  await report(13, { ...sent, inputTokens: tokens(0), outputTokens: tokens(0), durationMs: 4 })
  const history = requestHistory(clickHouse())
  expect(await history.request(holderId(13), 'r10')).toMatchObject({ status: 'pending', requestedModel: 'Text-Prime', startedAt: start - 4, durationMs: null })
  await capture(13, 'r10', [[7, 100]], 'supplier:21')
  expect(await history.request(holderId(13), 'r10')).toMatchObject({
    status: 'reconciled',
    requestedModel: 'Text-Prime',
    surface: 'chat',
    tags: ['blue'],
    totalTokens: 100,
    cost: 700n,
    durationMs: null
  })
})

test('the models that answered are told by instrument, as their suppliers call them', async () => {
  const late = start + 400 * day
  const told = async (requestId: string, change: Partial<RequestReport>): Promise<void> =>
    await report(17, { requestId, instrumentId: instrumentId('text-max'), at: instant(late), ...change })
  await told('m1', { servedModel: 'model-b' })
  await told('m2', { servedModel: 'model-a', outcome: 'cut' })
  await told('m3', { servedModel: 'model-b', holder: holderId(18) })
  await told('m4', { servedModel: 'model-c', outcome: 'failed' })
  await told('m5', { servedModel: 'text-max' })
  await told('m6', { servedModel: '', delivery: 'supplier' })
  await told('m7', { servedModel: 'model-d', at: instant(late - 1) })
  expect([...await deliveredModels(clickHouse(), instant(late))]).toEqual([['text-max', ['model-a', 'model-b']]])
})

test('of two who tell of a request, the one who told later counts', async () => {
  const holder = holderId(16)
  await report(16, { requestId: 'r11', outcome: 'completed', status: 200, at: instant(start + 900) })
  await report(16, { requestId: 'r11', outcome: 'failed', reason: 'abandoned', status: 307, at: instant(start + 100) })
  expect(await requestHistory(clickHouse()).request(holder, 'r11')).toMatchObject({ outcome: 'completed', status: 'pending' })
})

test('what came to nothing is cancelled, and what was measured too late has no price', async () => {
  const history = requestHistory(clickHouse())
  const of = async (id: string): Promise<PastRequest | null> => await history.request(holderId(14), id)
  await report(14, { requestId: 'failed', outcome: 'failed', reason: 'upstream_failed', status: 502 })
  await report(14, { requestId: 'left', outcome: 'disconnected', inputTokens: tokens(0), outputTokens: tokens(0) })
  await report(14, { requestId: 'late' })
  for (const [index, reason, requestId] of [[1, 'too_late', 'late'], [2, 'voided', 'failed'], [3, 'voided', 'edge']] as const) {
    const unbilled = someUnbilled({ holder: holderId(14), requestId, reason, tokens: tokens(1500) })
    await insert(unbilledUsageTable, unbilledUsageRow(unbilled, { partition: 7, offset: index }, originOf(7, index)))
  }
  expect(await of('failed')).toMatchObject({ status: 'error', costStatus: 'cancelled', reason: 'upstream_failed' })
  expect(await of('left')).toMatchObject({ status: 'error', costStatus: 'cancelled', totalTokens: 0 })
  expect(await of('late')).toMatchObject({ status: 'reconciled', costStatus: 'unpriced', cost: 0n })
  expect(await of('edge')).toMatchObject({ status: 'error', costStatus: 'cancelled' })
  const [sums] = await history.sums({ holder: holderId(14), conditions: {}, groupBy: null, limit: 1 })
  expect(sums).toEqual({
    bucket: '',
    requests: 4,
    inputTokens: 1000,
    outputTokens: 500,
    cost: 0n,
    reconciled: 0,
    pending: 0,
    unpriced: 1,
    cancelled: 3,
    unpricedTokens: 1500
  })
})

test('lists are ordered, cut and filtered; sums are by day, model and key', async () => {
  const history = requestHistory(clickHouse())
  const holder = holderId(15)
  for (const [index, id] of ['a', 'b', 'c', 'd', 'e'].entries()) {
    await report(15, {
      requestId: id,
      at: instant(start + index * day / 2),
      durationMs: 0,
      inputTokens: tokens(index === 3 ? 900 : 1000 - index),
      outputTokens: tokens(0),
      requestedModel: index < 2 ? 'Text-Prime' : 'gpt-4o',
      keyId: index === 0 ? 'key_1' : 'key_2'
    })
  }
  await capture(15, 'b', [[3, 1000]])
  const asked = { holder, conditions: {}, orderBy: 'startedAt', order: 'asc', beyond: null, limit: 10 } as const
  const ids = async (change: Partial<RequestQuery>): Promise<string> =>
    (await history.requests({ ...asked, ...change })).map(({ requestId }) => requestId).join('')
  const those = async (conditions: RequestConditions): Promise<string> => ids({ conditions })
  expect(await ids({})).toBe('abcde')
  expect(await ids({ order: 'desc', limit: 2 })).toBe('ed')
  expect(await ids({ beyond: { value: start + day, requestId: 'c' } })).toBe('de')
  expect(await ids({ orderBy: 'totalTokens' })).toBe('decab')
  expect(await ids({ orderBy: 'totalTokens', order: 'desc', beyond: { value: 998, requestId: 'c' } })).toBe('ed')
  expect(await those({ from: instant(start + 1), to: instant(start + day) })).toBe('bc')
  expect(await those({ status: 'reconciled' })).toBe('b')
  expect(await those({ costStatus: 'pending', model: 'gpt-4o' })).toBe('cde')
  expect(await those({ model: 'text-prime', keyId: 'key_1' })).toBe('a')
  const buckets = async (groupBy: 'day' | 'model' | 'api_key'): Promise<unknown[]> => {
    const sums = await history.sums({ holder, conditions: {}, groupBy, limit: 100 })
    return sums.map(({ bucket, requests, cost }) => [bucket, requests, cost])
  }
  expect(await buckets('day')).toEqual([['2026-02-25', 2, 3000n], ['2026-02-26', 2, 0n], ['2026-02-27', 1, 0n]])
  expect(await buckets('model')).toEqual([['gpt-4o', 3, 0n], ['text-prime', 2, 3000n]])
  expect(await buckets('api_key')).toEqual([['key_2', 4, 3000n], ['key_1', 1, 0n]])
})

// The same oracle the long way round: recorded bars as fills on the fills topic, through sinks, tables and HTTP.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { history } from '../../analytics/history.ts'
import { gateway } from '../../gateway/app.ts'
import { instruments, type Instrument } from '../../schemas/instruments.ts'
import { fakePorts } from '../gateway/support.ts'
import { leanBars, leanDailyBars, leanFills, whole, type LeanBar } from '../support/lean.ts'
import { fillRecords, startSinks, type SinksUnderTest } from '../support/pipeline.ts'
import { testDatabase, topicPrefix } from '../support/stack.ts'

const prefix = topicPrefix()
const database = testDatabase()
const [bySecond, byMinute] = [instruments[0]!, instruments[1]!]
const [from, to] = [Date.UTC(2016, 9, 7) / 1000, Date.UTC(2016, 9, 10) / 1000 - 1]

let running: SinksUnderTest
let server: Server
let url: string

async function sendFills (instrument: Instrument, bars: readonly LeanBar[]): Promise<number> {
  const fills = leanFills(instrument.instrumentId, bars)
  const records = fillRecords(running.context, instrument.index, fills)
  await running.context.log.send(records)
  // As after a rejected send: some of it again.
  await running.context.log.send(records.slice(-500))
  return fills.length
}

beforeAll(async () => {
  running = await startSinks(prefix, database)
  const answer = gateway(fakePorts({ history: history(running.clickHouse) })).callback()
  server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => { response.destroy(error as Error) })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(async () => {
  server.close()
  await running.close()
})

type Row = Record<'time' | 'open' | 'high' | 'low' | 'close' | 'volume', string> & { trade_count: number }

/** Every page of an instrument's bars that have a trade, as a trader would ask for them. */
async function bars (instrument: Instrument, resolution: string): Promise<LeanBar[]> {
  const rows: Row[] = []
  let cursor: string | null = null
  do {
    const window = { from: String(from), to: String(to), limit: '1000' }
    const query = new URLSearchParams({ market_id: instrument.marketId, resolution, ...window })
    if (cursor !== null) query.set('next', cursor)
    const response = await fetch(`${url}/v1/price-histories?${query.toString()}`)
    const body = await response.json() as { data: Row[], paging: { next_cursor: string | null } }
    expect(response.status, JSON.stringify(body)).toBe(200)
    rows.push(...body.data)
    cursor = body.paging.next_cursor
  } while (cursor !== null)
  return rows.filter(row => row.trade_count > 0).map(({ time, open, high, low, close, volume }) => ({
    start: Number(time) * 1000 as LeanBar['start'],
    open,
    high,
    low,
    close,
    volume: decimal(BigInt(volume))
  }))
}

/** Volumes travel as 10^8 times what was recorded. */
function decimal (units: bigint): string {
  const digits = String(units).padStart(9, '0')
  return `${digits.slice(0, -8)}.${digits.slice(-8)}`
}

async function stored (expected: number): Promise<void> {
  await vi.waitFor(async () => {
    const [row] = await running.clickHouse.rows<{ trades: string }>("SELECT sum(trades) AS trades FROM candles WHERE resolution = '1m'")
    expect(Number(row?.trades)).toBe(expected)
  }, { timeout: 40_000, interval: 200 })
}

test('recorded bars on the fills topic are the bars that the API serves', async () => {
  const [seconds, minutes, days] = [leanBars('second'), leanBars('minute'), leanDailyBars()]
  const sent = await sendFills(bySecond, seconds) + await sendFills(byMinute, minutes)
  await stored(sent)
  const served = await bars(bySecond, '1m')
  expect(served).toEqual(minutes)
  expect(served).toHaveLength(4216)
  expect(await bars(byMinute, '1d')).toEqual(days)
  expect(days).toHaveLength(3)
  // To the unit: nothing was lost, and what came twice was counted once.
  const volume = seconds.reduce((sum, bar) => sum + BigInt(whole(bar.volume, 8)), 0n)
  const [row] = await running.clickHouse.rows<{ volume: string, fills: string }>(
    'SELECT sum(quantity) AS volume, count() AS fills FROM fills WHERE instrument_id = {instrument: String}',
    { instrument: bySecond.instrumentId }
  )
  expect(row).toEqual({ volume: String(volume), fills: String(4 * seconds.length) })
}, 90_000)

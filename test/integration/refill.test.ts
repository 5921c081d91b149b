// A table that was wiped is filled again from the log, by the reconcile job alone.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { audit } from '../../analytics/audit.ts'
import { KafkaSummaries } from '../../pipelines/jobs/log-summaries.ts'
import { reconcile } from '../../pipelines/jobs/reconcile.ts'
import { refill } from '../../pipelines/jobs/refill.ts'
import type { Outgoing } from '../../pipelines/runtime/log.ts'
import { writeOrigin } from '../../pipelines/runtime/origin.ts'
import type { Named } from '../../pipelines/runtime/stage.ts'
import { instruments } from '../../schemas/instruments.ts'
import type { Fill } from '../../schemas/matching/records.ts'
import { topics, type TopicName } from '../../schemas/topics.ts'
import { writeCommandTag } from '../../pipelines/runtime/command.ts'
import type { AuthorizationState } from '../../schemas/ledger/usage-records.ts'
import { holderId, instant, instrumentId, orderId, tokens, type LotId } from '../../schemas/units.ts'
import {
  originOf, someEntry, someLeg, someLots, someMeterEvent, someOutcome, someState, someUnbilled
} from '../pipelines/sinks/ledger.ts'
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

test('so is what the ledger has said, of which one topic goes to several tables', async () => {
  const { context, clickHouse } = running
  const partition = 3
  const emitted = (topic: TopicName, values: readonly Named[]): Outgoing[] => values.map((value, index) => ({
    topic: context.topic(topic),
    partition,
    key: '3',
    value: context.binder.current.encode(value),
    headers: { origin: writeOrigin(originOf(partition, index + 1)) },
    timestamp: instant(1_772_000_000_000)
  }))
  const holder = holderId(partition)
  const told = Array.from({ length: 60 }, (_, index) => index % 3 === 0
    ? someOutcome({ holder, reference: `w${index}` })
    : someState({ holder, orderId: orderId(64 * Math.floor(index / 3)), sequence: index % 3 }))
  const booked = Array.from({ length: 50 }, (_, index) => index % 2 === 0
    ? someEntry({ holder, sequence: index + 1 })
    : someLeg({ holder: partition, entry: index + 1, trade: index + 1, side: 'buy', price: 7, quantity: 3 }))
  await context.log.send([...emitted(topics.orderUpdates.name, told), ...emitted(topics.ledgerEntries.name, booked)])

  const tables = ['order_states', 'command_outcomes', 'journal_entries']
  const counts = () => Promise.all(tables.map(countOf))
  const all = () => Promise.all(tables.map(table => clickHouse.rows(`SELECT * EXCEPT inserted_at FROM ${table} ORDER BY log_offset`)))
  await expect.poll(counts, { timeout: 30_000 }).toEqual([40, 20, 50])
  const read = (value: Buffer | null) => context.binder.read(value)
  const summaries = new KafkaSummaries({ ...context, read })
  const compare = () => reconcile(summaries, audit(clickHouse))
  // Where the sinks stand is published a moment after a block is stored.
  const ofLedger = async () => (await summaries.summarize()).journal.map(({ last }) => last)
  await expect.poll(ofLedger, { timeout: 30_000 }).toEqual([50])
  const updatesInLog = async () => (await summaries.summarize()).orderUpdates.map(({ last }) => last)
  await expect.poll(updatesInLog, { timeout: 30_000 }).toEqual([60])
  expect(await compare()).toMatchObject({ differences: [], missing: [] })
  const before = await all()

  await clickHouse.command('DELETE FROM order_states_raw WHERE origin_sequence BETWEEN 10 AND 20')
  await clickHouse.command('TRUNCATE TABLE command_outcomes_raw')
  await clickHouse.command('DELETE FROM journal_entries_raw WHERE sequence IN (1, 30, 31, 50)')
  const lost = await compare()
  const source = { source: 'ledger ledger-1 3', partition }
  expect(lost.missing.find(({ table }) => table === 'journal_entries')).toEqual({
    table: 'journal_entries', source, ranges: [{ first: 1, last: 1 }, { first: 30, last: 31 }, { first: 50, last: 50 }]
  })
  expect(lost.differencesByTable).toMatchObject({ fills: 0, candles: 0, order_updates: 2, journal_entries: 4 })
  await refill({ ...context, clickhouse: clickHouse, read, partitionOf: () => instrument.index }, lost.missing)
  expect(await compare()).toMatchObject({ differences: [], missing: [] })
  expect(await all()).toEqual(before)
}, 90_000)

test('so is what is not told by gapless numbers: lots, receipts, readings, and updates beside what is not stored', async () => {
  const { context, clickHouse } = running
  const partition = 5
  const holder = holderId(partition)
  const at = instant(1_772_000_000_000)
  const emitted = (topic: TopicName, values: readonly Named[]): Outgoing[] => values.map((value, index) => ({
    topic: context.topic(topic),
    partition,
    key: '5',
    value: context.binder.current.encode(value),
    headers: { origin: writeOrigin(originOf(partition, index + 1)) },
    timestamp: at
  }))
  const authorization: AuthorizationState = {
    kind: 'authorization-state',
    holder,
    instrumentId: instrumentId('text-prime'),
    requestId: 'r1',
    cause: 'authorize-usage',
    refusal: null,
    status: 'authorized',
    need: tokens(1),
    held: tokens(1),
    produced: tokens(0),
    isManaged: false,
    keyId: '',
    nonce: '',
    expiresAt: at,
    at
  }
  const told = Array.from({ length: 60 }, (_, index) => index % 3 === 0
    ? authorization
    : someState({ holder, orderId: orderId(64 * Math.floor(index / 3)), sequence: index % 3 }))
  const lotOf = (index: number) => ({ lotId: 64 * index + partition as LotId })
  const booked = Array.from({ length: 40 }, (_, index) => index % 2 === 0
    ? someLots({ holder: partition, entry: index + 1, type: 'sweep', lots: [lotOf(index), lotOf(index + 1)] })
    : someLots({
      holder: partition, entry: index + 1, type: 'usage', lots: [{ ...lotOf(index), change: 'drawn', tokens: tokens(1500) }], usage: {}
    }))
  const events = Array.from({ length: 30 }, (_, index): Outgoing => ({
    topic: context.topic(topics.usage.name),
    partition,
    key: '5',
    value: context.binder.current.encode(someMeterEvent({ holder, id: `e${index % 20}` })),
    headers: { command: writeCommandTag({ id: `m${index}`, validUntil: at }) },
    timestamp: at
  }))
  const unbilled = Array.from({ length: 10 }, () => someUnbilled({ holder }))
  await context.log.send([
    ...emitted(topics.orderUpdates.name, told), ...emitted(topics.ledgerEntries.name, booked), ...events,
    ...emitted(topics.reconciliation.name, unbilled)
  ])

  const tables = ['order_states', 'lot_changes', 'usage_receipts', 'meter_events', 'readings', 'unbilled_usage']
  const counts = () => Promise.all(tables.map(async table => {
    const [row] = await clickHouse.rows<{ rows: string }>(`SELECT count() AS rows FROM ${table} WHERE log_partition = 5`)
    return Number(row!.rows)
  }))
  await expect.poll(counts, { timeout: 30_000 }).toEqual([40, 60, 20, 30, 20, 10])
  const read = (value: Buffer | null) => context.binder.read(value)
  const summaries = new KafkaSummaries({ ...context, read })
  const compare = () => reconcile(summaries, audit(clickHouse))
  const lastOf = async () => (await summaries.summarize()).counted!.filter(({ partition }) => partition === 5)
    .map(({ table, last }) => `${table} ${last}`).sort()
  await expect.poll(lastOf, { timeout: 30_000 }).toEqual(['lot_changes 40', 'meter_events 29', 'order_updates 60', 'unbilled_usage 10', 'usage_receipts 40'])
  expect(await compare()).toMatchObject({ differences: [], missing: [] })
  const all = () => Promise.all(tables.map(table =>
    clickHouse.rows(`SELECT * EXCEPT inserted_at FROM ${table} WHERE log_partition = 5 ORDER BY ALL`)))
  const before = await all()

  await clickHouse.command('DELETE FROM order_states_raw WHERE log_partition = 5 AND origin_sequence = 3')
  await clickHouse.command('DELETE FROM lot_changes_raw WHERE log_partition = 5 AND entry_sequence = 7 AND change_index = 1')
  await clickHouse.command('TRUNCATE TABLE usage_receipts_raw')
  await clickHouse.command('DELETE FROM meter_events_raw WHERE log_partition = 5 AND log_offset IN (0, 29)')
  await clickHouse.command('TRUNCATE TABLE unbilled_usage_raw')
  const lost = await compare()
  expect(lost.differencesByTable).toEqual({
    fills: 0,
    candles: 0,
    journal_entries: 0,
    order_updates: 2,
    lot_changes: 3,
    usage_receipts: 3,
    meter_events: 3,
    unbilled_usage: 3
  })
  const whole = [{ first: 0, last: 65_535 }]
  expect(lost.missing).toContainEqual({ table: 'meter_events', source: { source: '', partition }, ranges: whole })
  expect(lost.missing).toContainEqual({ table: 'lot_changes', source: { source: 'ledger ledger-1 5', partition }, ranges: whole })
  await refill({ ...context, clickhouse: clickHouse, read, partitionOf: () => instrument.index }, lost.missing)
  expect(await compare()).toMatchObject({ differences: [], missing: [] })
  expect(await all()).toEqual(before)
}, 90_000)

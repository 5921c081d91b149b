// Sweeps: when they are, what the next one will move of the caller's, what past ones have moved; and what of it expired
// undrawn.

import { z } from 'zod'
import { lifeMs, lifeMsMin } from '../../pipelines/ledger/lots/life.ts'
import { instrumentId, periodMs, periodOf, type Instant } from '../../schemas/units.ts'
import { equality, type AskedList, type ConditionOf } from '../http/listing.ts'
import { amount, one, page, time, wholeText } from '../http/reply-schemas.ts'
import { ownList, ownResource, resource, type Reply, type Route } from '../http/route.ts'
import {
  comparison, type Breakage, type BreakageCondition, type BreakageKey, type Ports, type SweepView, type Swept,
  type SweptCondition, type SweptKey
} from '../ports.ts'
import type { SignedCall } from '../http/call.ts'
import { instrumentNames, inUnits, unitsOf } from './account-rows.ts'
import { dollars, exactDollars, isoTime } from './decimals.ts'
import { keyedListing, keyedPage, since, until } from './entry-pages.ts'
import { exactAmount } from './lot-rows.ts'
import { anInstant, instrument } from './parameters.ts'
import { assertReady } from './refusals.ts'

const minuteMs = 60_000
const daysSweeps = 6

/** When a period begins: with a sweep. */
const startOf = (period: number): Instant => period * periodMs as Instant
const names = { instrument_id: z.string(), instrument_symbol: z.string(), instrument_name: z.string() }

const schedule = z.strictObject({
  times_utc: z.array(z.string()).meta({ examples: [['00:00', '04:00', '08:00', '12:00', '16:00', '20:00']] }),
  period_minutes: z.int(),
  lot_lifetime_minutes: z.int(),
  lot_lifetime_min_minutes: z.int().meta({ description: 'What a lot has left at least, however late its sweep is booked.' }),
  current_period: z.int(),
  last_sweep_at: time,
  next_sweep_at: time,
  upcoming: z.array(time),
  terms: z.array(z.string()),
  server_time: time
}).meta({ id: 'SweepSchedule' })

const terms = [
  'At each sweep all units in Trading that were bought before it go to Consumption, one lot for each purchase.',
  'Sells that rest are cancelled by the sweep, and their units go along; what a supplier issued stays.',
  'A lot opens at the instant of the sweep and lives four hours; what is undrawn then has expired.',
  'Units in Consumption do not go back.'
]

function scheduleJson (now: Instant): z.output<typeof schedule> {
  const period = periodOf(now)
  const upcoming = Array.from({ length: daysSweeps }, (_, index) => isoTime(startOf(period + 1 + index)))
  return {
    times_utc: upcoming.map(at => at.slice(11, 16)).sort(),
    period_minutes: periodMs / minuteMs,
    lot_lifetime_minutes: lifeMs / minuteMs,
    lot_lifetime_min_minutes: lifeMsMin / minuteMs,
    current_period: period,
    last_sweep_at: isoTime(startOf(period)),
    next_sweep_at: upcoming[0]!,
    upcoming,
    terms,
    server_time: isoTime(now)
  }
}

const preview = z.strictObject({
  sweeps_at: time,
  lots_expire_at: time,
  instruments: z.array(z.strictObject({ ...names, units: z.int(), lots: z.int(), cost: amount })),
  total_cost: amount
}).meta({ id: 'SweepPreview', description: 'As things are: what is sold before is not moved, what is bought before is.' })

function previewJson (moving: readonly SweepView[], now: Instant): z.output<typeof preview> {
  const at = startOf(periodOf(now) + 1)
  return {
    sweeps_at: isoTime(at),
    lots_expire_at: isoTime(at + lifeMs as Instant),
    instruments: moving.map(({ instrumentId, units, lots, cost }) =>
      ({ ...instrumentNames(instrumentId), units, lots, cost: dollars(cost) })),
    total_cost: dollars(moving.reduce((sum, { cost }) => sum + BigInt(cost), 0n))
  }
}

const sweptRow = z.strictObject({
  ...names,
  sweep_period: z.int().meta({ description: 'The period that began with the sweep.' }),
  swept_at: time,
  units: wholeText,
  lots: z.int(),
  cost: exactAmount,
  booked_at: time.meta({ description: 'When the last of it was booked; it counted from the sweep on.' })
}).meta({ id: 'Sweep' })

const sweptJson = ({ instrumentId, sweptAt, units, lots, cost, bookedAt }: Swept): z.output<typeof sweptRow> => ({
  ...instrumentNames(instrumentId),
  sweep_period: periodOf(sweptAt),
  swept_at: isoTime(sweptAt),
  units: String(units),
  lots,
  cost: exactDollars(cost),
  booked_at: isoTime(bookedAt)
})

const breakageRow = z.strictObject({
  ...names,
  sweep_period: z.int().meta({ description: 'The cohort: the sweep period in which the units were sold.' }),
  cohort_started_at: time,
  lots: z.int(),
  units: inUnits,
  tokens: wholeText,
  value: exactAmount.meta({ description: 'What the tokens had cost.' }),
  granted_value: amount.meta({ description: 'The part of it that grant money had paid.' }),
  first_expired_at: time,
  last_expired_at: time
}).meta({ id: 'Breakage', description: 'Tokens that expired undrawn, as they are booked: within minutes of their expiry.' })

const breakageJson = (broken: Breakage): z.output<typeof breakageRow> => ({
  ...instrumentNames(broken.instrumentId),
  sweep_period: broken.period,
  cohort_started_at: isoTime(startOf(broken.period)),
  lots: broken.lots,
  units: unitsOf(broken.tokens),
  tokens: String(broken.tokens),
  value: exactDollars(broken.value),
  granted_value: dollars(broken.grant),
  first_expired_at: isoTime(broken.firstAt),
  last_expired_at: isoTime(broken.lastAt)
})

const ofInstrument = { instrument_id: { schema: instrument, ops: equality } }
const sweptFields = { ...ofInstrument, swept_at: { schema: anInstant, ops: comparison }, from: since, to: until }
const cohortFields = { ...ofInstrument, from: since, to: until }

function sweptCondition (asked: ConditionOf<typeof sweptFields>): SweptCondition {
  switch (asked.field) {
    case 'instrument_id': return { field: 'instrumentId', op: asked.op === '!=' ? '!=' : '==', value: asked.value.instrumentId }
    case 'swept_at': return { field: 'sweptAt', op: asked.op, value: asked.value }
    case 'from': return { field: 'sweptAt', op: '>=', value: asked.value }
    case 'to': return { field: 'sweptAt', op: '<=', value: asked.value }
  }
}

/** By when the cohort's period began. */
function cohortCondition (asked: ConditionOf<typeof cohortFields>): BreakageCondition {
  switch (asked.field) {
    case 'instrument_id': return { field: 'instrumentId', op: asked.op === '!=' ? '!=' : '==', value: asked.value.instrumentId }
    case 'from': return { field: 'period', op: '>=', value: Math.ceil(asked.value / periodMs) }
    case 'to': return { field: 'period', op: '<=', value: periodOf(asked.value) }
  }
}

type Cursor = readonly [number, string]
const cursor: z.ZodType<Cursor> = z.tuple([z.int(), z.string().max(100)])
const sweptAtOf = ([at, id]: Cursor): SweptKey =>
  ({ sweptAt: at as Instant, instrumentId: instrumentId(id) })
const cohortOf = ([period, id]: Cursor): BreakageKey => ({ period, instrumentId: instrumentId(id) })

async function sweptPage (
  { accountHistory }: Ports, { caller: { holder } }: SignedCall, asked: AskedList<typeof sweptFields, Cursor>
): Promise<Reply> {
  const conditions = asked.conditions.map(sweptCondition)
  const { rows, paging } = await keyedPage(asked, {
    fetched: async ({ beyond, ...window }) =>
      accountHistory.sweeps({ holder, conditions, ...window, beyond: beyond === null ? null : sweptAtOf(beyond) }),
    keyOf: ({ sweptAt, instrumentId }: Swept): Cursor => [sweptAt, instrumentId]
  })
  return { body: { data: rows.map(sweptJson), paging } }
}

async function breakagePage (
  { accountHistory }: Ports, { caller: { holder } }: SignedCall, asked: AskedList<typeof cohortFields, Cursor>
): Promise<Reply> {
  const conditions = asked.conditions.map(cohortCondition)
  const { rows, paging } = await keyedPage(asked, {
    fetched: async ({ beyond, ...window }) =>
      accountHistory.breakage({ holder, conditions, ...window, beyond: beyond === null ? null : cohortOf(beyond) }),
    keyOf: ({ period, instrumentId }: Breakage): Cursor => [period, instrumentId]
  })
  return { body: { data: rows.map(breakageJson), paging } }
}

export function sweepRoutes (ports: Ports): Route[] {
  return [
    resource({
      path: '/sweeps/schedule',
      summary: 'When units in Trading go to Consumption, and on what terms.',
      query: {},
      replies: { 200: one(schedule) },
      answer: () => ({ body: { data: scheduleJson(ports.now()) } })
    }),
    ownResource({
      path: '/sweeps/preview',
      summary: 'What the next sweep will move of yours.',
      query: {},
      replies: { 200: one(preview) },
      answer: ({ caller: { holder } }) => {
        assertReady(ports.ledger, holder)
        return { body: { data: previewJson(ports.ledger.sweepPreview(holder), ports.now()) } }
      }
    }),
    ownList({
      path: '/sweeps',
      summary: 'What past sweeps have moved of yours, by sweep and instrument.',
      listing: keyedListing(sweptFields, ['swept_at', 'created_at'], cursor),
      replies: { 200: page(sweptRow) },
      answer: async (call, asked) => sweptPage(ports, call, asked)
    }),
    ownList({
      path: '/accounts/breakage',
      summary: 'Tokens of yours that expired undrawn, by cohort and instrument, and what they had cost.',
      listing: keyedListing(cohortFields, ['cohort_started_at', 'created_at'], cursor),
      replies: { 200: page(breakageRow) },
      answer: async (call, asked) => breakagePage(ports, call, asked)
    })
  ]
}

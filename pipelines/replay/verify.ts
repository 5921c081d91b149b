// Holds what a replay came to against everything that is known of it: the flow's own oracle, and the log against
// ClickHouse. It says what differs; an empty list is what everybody hopes for.

import { audit } from '../../analytics/audit.ts'
import type { ClickHouse } from '../../analytics/client.ts'
import { reconcile, type Difference } from '../jobs/reconcile.ts'
import type { Flow } from './flow.ts'
import type { ReadBack } from './read-back.ts'
import type { ReportSummary } from './reports.ts'

export type Verdict = {
  readonly messages: number
  readonly reports: number
  readonly trades: number
  readonly resting: number
  readonly reportSha256: string
  readonly fillsInLog: number
  readonly fillsInClickHouse: number
  readonly orderUpdates: number
  readonly candles: number
  readonly checkpoints: number
  readonly deadLetters: number
  /** Of a flow that went through accounts. */
  readonly accounts?: AccountVerdict | undefined
  /** In words, one a difference. */
  readonly differences: readonly string[]
}

export type AccountVerdict = { readonly accounts: number, readonly differences: readonly string[] }

export type Expected = {
  /** Where something other than the flow has been put into the topics. */
  readonly deadLetters?: number
}

export type Verified = {
  readonly flow: Flow
  readonly found: ReadBack
  readonly accounts?: AccountVerdict | undefined
  readonly expected?: Expected | undefined
}

export async function verify (clickhouse: ClickHouse, { flow, found, accounts, expected }: Verified): Promise<Verdict> {
  const { reports, summary, deadLetters } = found
  const { sha256, ...counts } = reports.summary()
  const fillsInLog = summary.fills[0]?.last ?? 0
  const rows = await rowsOf(clickhouse, flow)
  const reconciled = await reconcile({ summarize: () => Promise.resolve(summary) }, audit(clickhouse))
  const wrongBuckets = await wrongCandles(clickhouse, flow)
  const updatesInLog = summary.orderUpdates.reduce((sum, { last }) => sum + last, 0)
  return {
    ...counts,
    reportSha256: sha256,
    fillsInLog,
    fillsInClickHouse: rows.fills,
    orderUpdates: rows.orderUpdates,
    candles: rows.candles,
    checkpoints: flow.checkpoints.length,
    deadLetters,
    accounts,
    differences: [
      ...differs('messages answered', flow.messages, counts.messages),
      ...checkpointDifferences(flow, reports.checkpoints, reports.summary()),
      ...differs('fills in the log against trades reported', counts.trades, fillsInLog),
      ...differs('fills in ClickHouse against the log', fillsInLog, rows.fills),
      ...differs('order updates in ClickHouse against the log', updatesInLog, rows.orderUpdates),
      ...differs('dead letters', expected?.deadLetters ?? 0, deadLetters),
      ...differs('dead letters in ClickHouse against the log', deadLetters, rows.deadLetters),
      ...reconciled.differences.map(inWords),
      ...wrongBuckets,
      ...accounts?.differences ?? []
    ]
  }
}

function differs (what: string, expected: number | string, found: number | string): string[] {
  return expected === found ? [] : [`${what}: expected ${expected}, found ${found}`]
}

function inWords ({ table, of, what, expected, found }: Difference): string {
  return `${table} of ${of}, ${what}: expected ${expected}, found ${found}`
}

/** The last checkpoint of a flow that is not cut short is the whole of it. */
function checkpointDifferences (flow: Flow, checkpoints: readonly ReportSummary[], whole: ReportSummary): string[] {
  const found = new Map([...checkpoints, whole].map(checkpoint => [checkpoint.messages, checkpoint]))
  return flow.checkpoints.flatMap(expected => {
    const at = found.get(expected.messages)
    const name = `after ${expected.messages} messages`
    if (at === undefined) return [`${name}: nothing to compare, the reports end at message ${whole.messages}`]
    return [
      ...differs(`${name}, SHA-256 of the reports`, expected.sha256, at.sha256),
      ...differs(`${name}, reports`, expected.reports, at.reports),
      ...differs(`${name}, trades`, expected.trades, at.trades),
      ...differs(`${name}, resting orders`, expected.resting, at.resting)
    ]
  })
}

type Rows = Record<'fills' | 'orderUpdates' | 'candles' | 'deadLetters', number>

async function rowsOf (clickhouse: ClickHouse, { parameters: { instrumentId } }: Flow): Promise<Rows> {
  const [row] = await clickhouse.rows<Record<keyof Rows, string>>(`
    SELECT
      (SELECT count() FROM fills WHERE instrument_id = {instrument:String}) AS fills,
      (SELECT count() FROM order_updates) + (SELECT count() FROM order_states) + (SELECT count() FROM command_outcomes)
        AS orderUpdates,
      (SELECT count() FROM candles WHERE instrument_id = {instrument:String}) AS candles,
      (SELECT count() FROM dead_letters) AS deadLetters`, { instrument: instrumentId })
  return {
    fills: Number(row!.fills),
    orderUpdates: Number(row!.orderUpdates),
    candles: Number(row!.candles),
    deadLetters: Number(row!.deadLetters)
  }
}

// Stage time is whole milliseconds, buckets are whole seconds.
const bucketOf = { '1s': "toStartOfSecond(matched_at)::DateTime('UTC')", '1m': 'toStartOfMinute(matched_at)' } as const

/** Bars that are there once only: made from the fills and not stored, or stored and not what the fills make. */
const wrongBars = (base: keyof typeof bucketOf): string => `
  SELECT DISTINCT toString(bucket) AS at FROM
  (
    SELECT ${bucketOf[base]} AS bucket,
      argMin(price, sequence) AS open, max(price) AS high, min(price) AS low, argMax(price, sequence) AS close,
      sum(toInt128(quantity)) AS volume, sum(toInt128(price) * quantity) AS notional, count() AS trades,
      min(sequence) AS first_sequence, max(sequence) AS last_sequence
    FROM fills WHERE instrument_id = {instrument:String} GROUP BY bucket
    UNION ALL
    SELECT bucket, open, high, low, close, volume, notional, trades, first_sequence, last_sequence
    FROM candles WHERE instrument_id = {instrument:String} AND resolution = {base:String}
  )
  GROUP BY bucket, open, high, low, close, volume, notional, trades, first_sequence, last_sequence
  HAVING count() != 2
  ORDER BY at LIMIT 5`

/** Unlike the job that looks on while a market runs, this asks for the last bars too: all has been stored by now. */
async function wrongCandles (clickhouse: ClickHouse, { parameters: { instrumentId } }: Flow): Promise<string[]> {
  const wrong: string[] = []
  for (const base of ['1s', '1m'] as const) {
    const rows = await clickhouse.rows<{ at: string }>(wrongBars(base), { instrument: instrumentId, base })
    wrong.push(...rows.map(({ at }) => `the ${base} candle at ${at} is not what its fills are`))
  }
  return wrong
}

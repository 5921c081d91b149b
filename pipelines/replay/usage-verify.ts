// Holds what a usage replay came to against its trace, and each telling of it against the others. It says what differs;
// an empty list is what everybody hopes for.

import { audit } from '../../analytics/audit.ts'
import type { ClickHouse } from '../../analytics/client.ts'
import { topics } from '../../schemas/topics.ts'
import type { HolderId, Instant, InstrumentId } from '../../schemas/units.ts'
import { KafkaSummaries } from '../jobs/log-summaries.ts'
import { reconcile } from '../jobs/reconcile.ts'
import type { Context } from '../process/context.ts'
import { balanceDifferences, readReplica } from './account-balances.ts'
import { countLetters } from './read-back.ts'
import {
  countRecords, tallyLog, tallyReplica, tallyStored, type Fates, type ReplicaTally, type StoredTally, type Tally
} from './usage-tally.ts'
import type { Trace } from './usage-trace.ts'

/** All that was found, before anything is said of it. */
export type UsageFound = {
  readonly trace: Pick<Trace, 'name' | 'inputTokens' | 'outputTokens'> & { readonly requests: number }
  readonly log: Tally
  readonly replica: ReplicaTally
  readonly stored: StoredTally
  /** `sent` as the replay counted, `log` in the topic, `stored` in ClickHouse. */
  readonly readings: Readonly<Record<'sent' | 'log' | 'stored', number>>
  readonly unbilled: Readonly<Record<'log' | 'stored', number>>
  readonly deadLetters: Readonly<Record<'log' | 'stored', number>>
  /** Positions that a sweep has moved something of. */
  readonly sweeps: number
  /** Simulated, from the first step to the last. */
  readonly from: Instant
  readonly until: Instant
}

export type UsageVerdict = UsageFound & {
  readonly accounts: number
  /** In words, one a difference. */
  readonly differences: readonly string[]
}

export type ToVerify = Pick<UsageFound, 'from' | 'until'> & {
  readonly clickHouse: ClickHouse
  readonly trace: Trace
  readonly instrumentId: InstrumentId
  readonly holders: readonly HolderId[]
  /** How many were sent. */
  readonly readings: number
}

/** Jobs leave alone for a moment what has just expired. */
const graceMs = 60_000

export async function verifyUsage (context: Context, to: ToVerify): Promise<UsageVerdict> {
  const { clickHouse, holders } = to
  const found = await find(context, to)
  return {
    ...found,
    accounts: holders.length,
    differences: [
      ...usageDifferences(found),
      ...await balanceDifferences(context, clickHouse, holders),
      ...await tableDifferences(context, clickHouse)
    ]
  }
}

async function find (context: Context, to: ToVerify): Promise<UsageFound> {
  const { clickHouse, trace, instrumentId, holders, readings, from, until } = to
  const all = Array.from({ length: topics.ledger.partitions }, (_, partition) => partition)
  const ledgers = await readReplica(context, all)
  const rows = await rowsOf(clickHouse)
  const { name, requests: { length: requests }, inputTokens, outputTokens } = trace
  return {
    trace: { name, requests, inputTokens, outputTokens },
    log: await tallyLog(context),
    replica: tallyReplica(ledgers, holders, until - graceMs as Instant),
    stored: await tallyStored(clickHouse, instrumentId),
    readings: { sent: readings, log: await countRecords(context, topics.usage.name), stored: rows.readings },
    unbilled: { log: await countRecords(context, topics.reconciliation.name), stored: rows.unbilled },
    deadLetters: { log: await countLetters(context), stored: rows.deadLetters },
    sweeps: rows.sweeps,
    from,
    until
  }
}

/** What does not come to the same, in words. */
export function usageDifferences (found: UsageFound): string[] {
  const { trace, log, replica, stored, readings, unbilled, deadLetters } = found
  return [
    ...traceDifferences('in the log', log, trace),
    ...traceDifferences('in ClickHouse', stored, trace),
    ...fateDifferences(log, replica),
    ...sameFates('tokens', log.fates, stored.fates),
    ...sameFates('picodollars', log.costs, stored.costs),
    ...differs('picodollars of requests in ClickHouse', log.cost, stored.cost),
    ...(stored.isKept ? [] : ['ClickHouse says that lots, journal and receipts do not come to the same']),
    ...differs('lots that have expired and are not booked', 0, replica.unbooked),
    ...differs('readings in the log', readings.sent, readings.log),
    ...differs('readings in ClickHouse', readings.sent, readings.stored),
    ...differs('records in reconciliation', 0, unbilled.log),
    ...differs('unbilled usage in ClickHouse', 0, unbilled.stored),
    ...differs('dead letters', 0, deadLetters.log),
    ...differs('dead letters in ClickHouse', 0, deadLetters.stored)
  ]
}

type Value = number | bigint

function differs (what: string, expected: Value, found: Value): string[] {
  return BigInt(expected) === BigInt(found) ? [] : [`${what}: expected ${expected}, found ${found}`]
}

function traceDifferences (where: string, tally: Tally, trace: UsageFound['trace']): string[] {
  return [
    ...differs(`requests captured ${where}`, trace.requests, tally.requests),
    ...differs(`input tokens ${where}`, trace.inputTokens, tally.inputTokens),
    ...differs(`output tokens ${where}`, trace.outputTokens, tally.outputTokens),
    ...differs(`tokens billed ${where}`, trace.inputTokens + trace.outputTokens, tally.billed)
  ]
}

const gone = ({ drawn, left, expired, regranted }: Fates): bigint => drawn + left + expired + regranted

/** What was drawn of a lot is also what it was opened with less what became of the rest, of which the replica knows. */
function fateDifferences ({ fates, costs, cost, billed }: Tally, replica: ReplicaTally): string[] {
  return [
    ...differs('tokens opened, by what became of them', fates.opened, gone(fates)),
    ...differs('picodollars of lots, by what became of them', costs.opened, gone(costs)),
    ...differs('tokens drawn against those billed', billed, fates.drawn),
    ...differs('picodollars over requests against those over lots', cost, costs.drawn),
    ...differs('picodollars over requests against lots less what the replica has of them', cost,
      costs.opened - costs.expired - costs.regranted - replica.costLeft),
    ...differs('tokens drawn in the replica', fates.drawn, replica.drawn),
    ...differs('tokens left in the replica', fates.left, replica.left),
    ...differs('breakage in the replica', fates.expired, replica.expired),
    ...differs('tokens that units became in the replica', fates.opened - fates.regranted, replica.converted)
  ]
}

function sameFates (what: string, expected: Fates, found: Fates): string[] {
  return (['opened', 'drawn', 'left', 'expired', 'regranted'] as const)
    .flatMap(fate => differs(`${what} ${fate} in ClickHouse`, expected[fate], found[fate]))
}

type Rows = Record<'readings' | 'unbilled' | 'deadLetters' | 'sweeps', number>

async function rowsOf (clickHouse: ClickHouse): Promise<Rows> {
  const [row] = await clickHouse.rows<Record<keyof Rows, string>>(`
    SELECT
      toString((SELECT count() FROM meter_events)) AS readings,
      toString((SELECT count() FROM unbilled_usage)) AS unbilled,
      toString((SELECT count() FROM dead_letters)) AS deadLetters,
      toString((SELECT count() FROM sweeps)) AS sweeps`)
  const { readings, unbilled, deadLetters, sweeps } = row!
  return {
    readings: Number(readings), unbilled: Number(unbilled), deadLetters: Number(deadLetters), sweeps: Number(sweeps)
  }
}

async function tableDifferences (context: Context, clickHouse: ClickHouse): Promise<string[]> {
  const summaries = new KafkaSummaries({ ...context, read: value => context.binder.read(value) })
  const { differences } = await reconcile(summaries, audit(clickHouse))
  return differences.map(({ table, of, what, expected, found }) =>
    `${table} of ${of}, ${what}: expected ${expected}, found ${found}`)
}

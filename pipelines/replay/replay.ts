// A replay: a flow through the real pipeline, waited for, and held against all that is known of it. Who runs matching
// and the sinks, and what is done to them meanwhile, is the caller's business.

import { connectClickHouse, type ClickHouse } from '../../analytics/client.ts'
import { migrate } from '../../analytics/migrate.ts'
import { instrumentById } from '../../schemas/instruments.ts'
import type { Context } from '../process/context.ts'
import { KafkaSummaries } from '../jobs/log-summaries.ts'
import { provide } from '../provide.ts'
import { deleteTopics } from '../runtime/kafka/topics.ts'
import { sinkNames } from '../sinks/run-sinks.ts'
import type { Flow } from './flow.ts'
import { accountReports } from './account-reports.ts'
import { accounts } from './accounts.ts'
import { balanceDifferences } from './account-balances.ts'
import type { BareFlow } from './bare-flow.ts'
import { AccountLog } from './read-accounts.ts'
import { countLetters, readBack } from './read-back.ts'
import { sendThroughAccounts } from './send-accounts.ts'
import { sendFlow } from './send-flow.ts'
import { verify, type Expected, type Verdict, type Verified } from './verify.ts'
import { Watch, type Progress } from './watch.ts'

export type ReplayOptions = {
  readonly flow: Flow
  /** Messages a second; as fast as it goes when left out. */
  readonly rate?: number | undefined
  /** By way of the ledger, as orders of accounts made for it. */
  readonly throughAccounts?: boolean
  readonly progress?: (progress: Progress) => void
  readonly signal?: AbortSignal
  /** How long nothing may move before it is given up: two minutes. */
  readonly stallMs?: number
  readonly expected?: Expected
}

/** All from the first message on. */
export type Seconds = {
  readonly sent: number
  readonly matched: number
  readonly stored: number
  readonly checked: number
}

export type Outcome = { readonly verdict: Verdict, readonly seconds: Seconds }

const stallMsDefault = 120_000

/** Where the flow's instrument is in the topics by instrument. */
export function partitionOf ({ parameters: { instrumentId } }: Flow): number {
  const instrument = instrumentById(instrumentId)
  if (instrument === undefined) throw new Error(`no instrument is called ${instrumentId}`)
  return instrument.index
}

/** Makes the topics and tables of the context's prefix and database, with the flow's instrument listed. */
export async function prepareReplay (context: Context, flow: Flow): Promise<void> {
  const listings = new Map([[partitionOf(flow), flow.parameters]])
  await provide(context, { isSimulated: true, at: flow.startsAt, listings })
  await migrate(context.config.clickhouse)
}

/** Sends what the log does not have yet, waits until every sink has all of it, and checks. */
export async function runReplay (context: Context, options: ReplayOptions): Promise<Outcome> {
  const { flow, rate, throughAccounts = false, progress, stallMs = stallMsDefault } = options
  const partition = partitionOf(flow)
  const giveUp = new AbortController()
  const signal = options.signal === undefined ? giveUp.signal : AbortSignal.any([giveUp.signal, options.signal])
  const clickhouse = connectClickHouse(context.config.clickhouse)
  const watch = new Watch(context, { flow, partition, throughAccounts, clickhouse, progress, stallMs, signal })
  try {
    await watch.open()
    const began = performance.now()
    const since = (at = performance.now()): number => (at - began) / 1000
    const to = { flow, partition, rate, signal, sent: (messages: number) => { watch.sent(messages) } }
    const sending = (throughAccounts ? sendThroughAccounts(context, to) : sendFlow(context, to)).then(bare => {
      watch.sentAll()
      return { bare, sent: since() }
    })
    // The first to fail decides, and the other is told in `finally`.
    const [{ bare, sent }, matchedAt] = await Promise.all([sending, watch.untilStored()])
    const stored = since()
    const read = bare === undefined
      ? { flow, found: await readBack(context, flow, partition) }
      : await readThroughAccounts(context, { flow, bare, partition, clickhouse })
    const verdict = await verify(clickhouse, { ...read, expected: options.expected })
    return { verdict, seconds: { sent, matched: since(matchedAt), stored, checked: since() } }
  } finally {
    giveUp.abort()
    await watch.close()
    await clickhouse.close()
  }
}

type ThroughAccounts = {
  readonly flow: Flow
  readonly bare: BareFlow
  readonly partition: number
  readonly clickhouse: ClickHouse
}

/** What it came to, to be held against what the same flow comes to without accounts. */
async function readThroughAccounts (
  context: Context, { flow, bare, partition, clickhouse }: ThroughAccounts
): Promise<Verified> {
  const log = new AccountLog(context, partition)
  await log.read(flow)
  const reports = await accountReports(log, flow)
  const { binder } = context
  const said = await new KafkaSummaries({ ...context, read: value => binder.read(value) }).summarize()
  // Of fills it knows those of minutes that are over.
  const summary = { ...said, fills: log.fillsSummary(flow) }
  return {
    flow: { ...flow, checkpoints: [...flow.checkpoints, ...bare.reports.checkpoints, bare.reports.summary()] },
    found: { reports, summary, deadLetters: await countLetters(context) },
    accounts: { accounts: accounts.length, differences: await balanceDifferences(context, clickhouse, accounts) }
  }
}

/** Deletes the topics, groups and tables of a replay. Its processes must have ended. */
export async function removeReplay (context: Context): Promise<void> {
  const { kafka, config } = context
  await deleteTopics(kafka, config.topicPrefix)
  const admin = kafka.admin()
  await admin.connect()
  try {
    const ours = new Set(['metering', 'ledger', 'matching', ...sinkNames].map(role => context.group(role)))
    const { groups } = await admin.listGroups()
    const there = groups.map(({ groupId }) => groupId).filter(group => ours.has(group))
    if (there.length > 0) await admin.deleteGroups(there)
  } finally {
    await admin.disconnect()
  }
  const clickhouse = connectClickHouse({ ...config.clickhouse, database: 'default' })
  try {
    await clickhouse.command('DROP DATABASE IF EXISTS {database:Identifier}', { database: config.clickhouse.database })
  } finally {
    await clickhouse.close()
  }
}

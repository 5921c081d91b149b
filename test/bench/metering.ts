// How fast readings go from their topic through metering and the ledger into ClickHouse, beside kafkajs moving the same
// records and doing nothing with them.
//
//   ours    this process sends the readings; metering, the ledger and the sinks run in processes of their own; until
//           ClickHouse has the last receipt and the last reading
//   floor   this process sends all records that this has written on `usage`, `ledger` and `ledger-entries`, one topic
//           after the other, while another process reads them
//
// Each reading ends a request, which must hold its tokens and have started: that, and the lots, come before the clock.

import { connectClickHouse, type ClickHouse } from '../../analytics/client.ts'
import { migrate } from '../../analytics/migrate.ts'
import type { Context } from '../../pipelines/process/context.ts'
import type { ProvideOptions } from '../../pipelines/provide.ts'
import { flowStart } from '../../pipelines/replay/flow.ts'
import { castOf, openingCommands, type Cast } from '../../pipelines/replay/usage-accounts.ts'
import { UsageLedger } from '../../pipelines/replay/usage-ledger.ts'
import { UsageMarket } from '../../pipelines/replay/usage-market.ts'
import { UsageRequests } from '../../pipelines/replay/usage-requests.ts'
import { UsageSender } from '../../pipelines/replay/usage-sender.ts'
import { countRecords, tallyLog, tallyStored } from '../../pipelines/replay/usage-tally.ts'
import type { TracedRequest } from '../../pipelines/replay/usage-trace.ts'
import { requestView } from '../../pipelines/ledger/usage/views.ts'
import { holderView } from '../../pipelines/ledger/views.ts'
import type { Outgoing } from '../../pipelines/runtime/log.ts'
import { writeOrigin } from '../../pipelines/runtime/origin.ts'
import { readStretch } from '../../pipelines/runtime/read.ts'
import type { ProcessSpec } from '../../pipelines/supervisor/supervisor.ts'
import { instrumentBySymbol, setParameters } from '../../schemas/instruments.ts'
import { topicOf, topics } from '../../schemas/topics.ts'
import { partitionOfHolder, tokens, tokensPerUnit, units } from '../../schemas/units.ts'
import type { BenchOptions } from './bench.ts'
import { handOver, timed } from './hand-over.ts'
import { openProducer, produce, sendsOf } from './raw.ts'
import { median, type BenchRow } from './row.ts'
import { inWorld, nodeArgs, roleMain, type World } from './world.ts'

const instrument = instrumentBySymbol('text-prime')!
const at = flowStart
const consumers = 64
const [inputTokens, outputTokens] = [700, 300]
const readingsASecondGoal = 50_000
const lookMs = 20
const stallMs = 120_000

const market: ProvideOptions = {
  isSimulated: true, at, listings: new Map([[instrument.index, setParameters(instrument)]])
}

/** Nobody lets the market buy: all of it is bought before. */
const cast: Cast = ((whole: Cast) => ({
  ...whole, consumers: whole.consumers.map(({ holder }) => ({ holder, kind: 'ahead' as const }))
}))(castOf(consumers))

const requestsOf = (count: number): TracedRequest[] => Array.from({ length: count }, (_, number) =>
  ({ number, afterMs: 0, inputTokens: tokens(inputTokens), outputTokens: tokens(outputTokens) }))

export async function metering (options: BenchOptions): Promise<BenchRow[]> {
  const count = options.small ? 1000 : 100_000
  const rounds = options.small ? 1 : 3
  const seconds: { ours: number, floor: number }[] = []
  let written = 0
  for (let round = 1; round <= rounds; round++) {
    const { ours, records } = await inWorld(options, market, world => throughMarket(world, count))
    const floor = await inWorld(options, market, world => moved(world, records))
    written = [...records.values()].reduce((sum, { length }) => sum + length, 0)
    seconds.push({ ours, floor })
    options.progress(`round ${round}: ${ours.toFixed(2)} s; kafkajs: ${floor.toFixed(2)} s for ${written} records`)
  }
  const ratio = median(seconds.map(({ ours, floor }) => floor / ours))
  const goal = options.small ? null : 0.4
  return [{
    name: 'metering',
    unit: 'readings/s',
    value: Math.round(median(seconds.map(({ ours }) => count / ours))),
    beside: 'kafkajs, two processes',
    besideValue: Math.round(median(seconds.map(({ floor }) => count / floor))),
    ratio: Number(ratio.toFixed(3)),
    goal,
    ok: goal === null || ratio >= goal,
    conditions: `${count} final readings of as many requests, of ${consumers} holders in ${topics.ledger.partitions} partitions; ` +
      `every token billed, none unbilled; ${written} records on usage, ledger and ledger-entries; metering, the ledger and ` +
      `the sinks in a process each; ${rounds} rounds, in turns; ${readingsASecondGoal}/s is wanted where kafkajs has ` +
      `${readingsASecondGoal / 0.4}/s; beside: one process sends these records while another reads them, topic by topic`
  }]
}

type Through = { readonly ours: number, readonly records: ReadonlyMap<string, readonly Outgoing[]> }

async function throughMarket (world: World, count: number): Promise<Through> {
  const { context, supervisor } = world
  await migrate(context.config.clickhouse)
  await Promise.all(processes(context).map(spec => supervisor.start(spec)))
  const requests = requestsOf(count)
  await prepare(context, requests)
  const readings = readingRecords(context, requests)
  const before = await endsOf(context)
  const clickHouse = connectClickHouse(context.config.clickhouse)
  const producer = await openProducer(context.kafka)
  try {
    const sends = sendsOf(readings, context.topic)
    const ours = await timed(() => Promise.all([produce(producer, sends), untilStored(clickHouse, count)]))
    await assertRight(context, clickHouse, count)
    return { ours, records: await writtenSince(context, before) }
  } finally {
    await producer.disconnect()
    await clickHouse.close()
  }
}

function processes ({ group }: Context): ProcessSpec[] {
  return ['ledger', 'matching', 'metering', 'sinks'].map(role =>
    ({ name: role, args: [...nodeArgs(), roleMain, role], roles: [role], groups: [group(role)] }))
}

/** Accounts, lots, and requests that hold and have started. */
async function prepare (context: Context, requests: readonly TracedRequest[]): Promise<void> {
  const { signal } = new AbortController()
  const ledger = new UsageLedger(context, { stallMs, signal })
  const sender = new UsageSender(context, { name: 'bench-opening', partition: instrument.index, signal })
  const book = new UsageMarket({ sender, ledger, instrument, suppliers: cast.suppliers })
  await ledger.open()
  try {
    await sender.tick(at)
    await sender.send(openingCommands(cast, instrument.instrumentId).map(command => ({ command, at })))
    const isOpen = (holder: Cast['holders'][number]): boolean => holderView(ledger.of(holder), holder) !== undefined
    await ledger.until(() => cast.holders.every(isOpen), () => 'accounts are not open')
    const each = (inputTokens + outputTokens) * Math.ceil(requests.length / consumers)
    const quantity = units(Math.ceil(each / tokensPerUnit))
    await book.supply(quantity * consumers, at)
    await book.buy(cast.consumers.map(({ holder }) => ({ holder, quantity, autoTransfer: true })), at)
    const asked = new UsageRequests('bench', instrument.instrumentId, cast)
    await sender.send(requests.map(request => ({ command: asked.authorize(request, book.dearest), at })))
    await sender.send(requests.map(request => ({ command: asked.start(request), at })))
    for (const request of requests) {
      const { holder } = asked.start(request)
      const isStarted = (): boolean => requestView(ledger.of(holder), holder, asked.idOf(request))?.status === 'started'
      await ledger.until(isStarted, () => `request ${request.number} has not started`)
    }
  } finally {
    await ledger.close()
  }
}

function readingRecords ({ binder }: Context, requests: readonly TracedRequest[]): Outgoing[] {
  const asked = new UsageRequests('bench', instrument.instrumentId, cast)
  const sequences = new Map<number, number>()
  return requests.map(request => {
    const final = { request, sequence: 1, isFinal: true, outputTokens: request.outputTokens, occurredAt: at }
    const reading = asked.reading(final)
    const partition = partitionOfHolder(reading.holder, topics.usage.partitions)
    const sequence = (sequences.get(partition) ?? 0) + 1
    sequences.set(partition, sequence)
    const origin = writeOrigin({ source: 'bench readings 0', offset: sequence, index: 0, sequence })
    const value = binder.current.encode(reading)
    const place = { topic: topics.usage.name, partition }
    return { ...place, key: String(reading.holder), value, headers: { origin }, timestamp: at }
  })
}

async function untilStored (clickHouse: ClickHouse, count: number): Promise<void> {
  const sql = 'SELECT toString((SELECT count() FROM usage_receipts_raw)) AS receipts, toString((SELECT count() FROM meter_events_raw)) AS readings'
  for (const until = performance.now() + stallMs; ;) {
    const [found] = await clickHouse.rows<Record<'receipts' | 'readings', string>>(sql)
    if (Number(found?.receipts) >= count && Number(found?.readings) >= count) return
    if (performance.now() > until) throw new Error(`ClickHouse has ${JSON.stringify(found)} of ${count}`)
    await new Promise(resolve => { setTimeout(resolve, lookMs) })
  }
}

async function assertRight (context: Context, clickHouse: ClickHouse, count: number): Promise<void> {
  const expected = { requests: count, billed: BigInt(count * (inputTokens + outputTokens)) }
  const [log, stored] = [await tallyLog(context), await tallyStored(clickHouse, instrument.instrumentId)]
  for (const { requests, billed, cost } of [log, stored]) {
    if (requests === expected.requests && billed === expected.billed && cost === log.costs.drawn) continue
    throw new Error(`${requests} requests were billed ${billed} tokens for ${cost}, and not ${expected.requests} ${expected.billed}`)
  }
  const unbilled = await countRecords(context, topics.reconciliation.name)
  if (unbilled > 0) throw new Error(`${unbilled} readings were not billed`)
}

const written = [topics.usage, topics.ledger, topics.ledgerEntries].map(({ name }) => name)

/** By topic and partition. */
async function endsOf ({ log, topic }: Context): Promise<Map<string, number>> {
  const ends = new Map<string, number>()
  for (const name of written) {
    for (let partition = 0; partition < topicOf(name).partitions; partition++) {
      ends.set(`${name} ${partition}`, (await log.extent(topic(name), partition)).end)
    }
  }
  return ends
}

async function writtenSince (
  { log, topic }: Context, before: ReadonlyMap<string, number>
): Promise<Map<string, Outgoing[]>> {
  const records = new Map(written.map((name): [string, Outgoing[]] => [name, []]))
  for (const [place, from] of before) {
    const [name = '', number] = place.split(' ')
    const partition = Number(number)
    const { end } = await log.extent(topic(name), partition)
    await readStretch(log, { topic: topic(name), partition, from, until: end }, batch => {
      for (const { key, value, headers, timestamp } of batch) {
        records.get(name)!.push({ topic: name, partition, key: key?.toString() ?? null, value, headers, timestamp })
      }
    })
  }
  return records
}

async function moved (world: World, records: Through['records']): Promise<number> {
  let seconds = 0
  for (const [name, own] of records) seconds += await handOver(world, interleaved(own), [world.context.topic(name)])
  return seconds
}

/** As they were written: partitions side by side, and not one after the other. */
function interleaved (records: readonly Outgoing[]): Outgoing[] {
  const lanes = [...Map.groupBy(records, ({ partition }) => partition).values()]
  const longest = Math.max(0, ...lanes.map(({ length }) => length))
  return Array.from({ length: longest }, (_, index) => lanes.flatMap(lane => lane[index] ?? [])).flat()
}

// The sinks of the market, wired to a log and to ClickHouse.

import type { ClickHouse } from '../../analytics/client.ts'
import { deadLetterPartition, topicOf, topics } from '../../schemas/topics.ts'
import type { DeadLetter } from '../runtime/dead-letters.ts'
import type { Log } from '../runtime/log.ts'
import { Positions } from '../runtime/positions.ts'
import type { Named } from '../runtime/stage.ts'
import type { SinkKind } from './fold.ts'
import { inspectSnapshots } from './inspect.ts'
import {
  bookDeltasCheck, candlesSink, commandOutcomesSink, deadLettersSink, fillsSink, journalSink, orderStatesSink,
  orderUpdatesSink
} from './kinds.ts'
import { Sink, type SinkEvent, type SinkOptions } from './sink.ts'
import {
  lotChangesSink, meterEventsSink, requestReportsSink, unbilledUsageSink, usageReceiptsSink
} from './usage-kinds.ts'

export type SinkContext = {
  readonly log: Log
  readonly clickhouse: ClickHouse
  readonly topic: (name: string) => string
  readonly group: (role: string) => string
  readonly read: (value: Buffer | null) => Named | Promise<Named>
  readonly encode: (value: Named) => Buffer
  readonly failed: (error: unknown) => void
  readonly report: (sink: string, event: SinkEvent) => void
}

const kinds = [
  fillsSink, candlesSink, orderUpdatesSink, orderStatesSink, commandOutcomesSink, journalSink, lotChangesSink,
  usageReceiptsSink, meterEventsSink, unbilledUsageSink, requestReportsSink, deadLettersSink, bookDeltasCheck
] as unknown as readonly SinkKind<never>[]

const byName = Map.groupBy(kinds, ({ name }) => name)

/** Each is a consumer group's, after the prefix. */
export const sinkNames = [...byName.keys()]

/** Its key is its origin: written twice, it is one row. */
function setAside ({ log, topic, encode }: SinkContext, letter: DeadLetter): Promise<void> {
  return log.send([{
    topic: topic(topics.deadLetters.name),
    partition: deadLetterPartition(letter.topic, letter.partition),
    key: `${letter.topic}/${letter.partition}/${letter.offset}`,
    value: encode(letter),
    headers: {},
    timestamp: letter.at
  }])
}

function open (context: SinkContext, name: string, taken: readonly SinkKind<never>[]): Sink {
  const { log, clickhouse, topic, group, read, failed, report } = context
  const [{ reads, takesAnonymous, takesCommands }] = taken as [SinkKind<never>]
  const snapshots = { topic: topic(topics.snapshots.name), partitions: topics.snapshots.partitions }
  const options: SinkOptions = {
    name,
    log,
    topic: topic(reads),
    group: group(name),
    kinds: taken,
    carries: new Set(topicOf(reads).records),
    read,
    insert: block => clickhouse.insert(block),
    positions: new Positions(log, { ...snapshots, name }),
    takesAnonymous: takesAnonymous ?? false,
    takesCommands: takesCommands ?? false,
    setAside: letter => setAside(context, letter),
    failed,
    report: event => { report(name, event) }
  }
  return new Sink(options)
}

export type RunningSinks = { readonly sinks: readonly Sink[], close (): Promise<void> }

/** Starts them all; resolves once each owns what it was given. */
export async function runSinks (context: SinkContext): Promise<RunningSinks> {
  const sinks = [...byName].map(([name, taken]) => open(context, name, taken))
  await Promise.all(sinks.map(sink => sink.start()))
  const { log, failed } = context
  const stopInspection = await inspectSnapshots({
    log,
    topic: context.topic(topics.snapshots.name),
    partitions: topics.snapshots.partitions,
    setAside: letter => setAside(context, letter),
    failed
  })
  return {
    sinks,
    async close () {
      await Promise.all([stopInspection(), ...sinks.map(sink => sink.close())])
    }
  }
}

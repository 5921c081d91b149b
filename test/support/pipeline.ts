// The sinks on the real servers, with topics and a database of a test's own, and fills to feed them.

import { connectClickHouse, type ClickHouse } from '../../analytics/client.ts'
import { migrate } from '../../analytics/migrate.ts'
import { openContext, type Context } from '../../pipelines/process/context.ts'
import { readConfig } from '../../pipelines/runtime/config.ts'
import { provideTopics } from '../../pipelines/runtime/kafka/topics.ts'
import type { Outgoing } from '../../pipelines/runtime/log.ts'
import { writeOrigin } from '../../pipelines/runtime/origin.ts'
import { runSinks } from '../../pipelines/sinks/run-sinks.ts'
import type { Sink, SinkEvent } from '../../pipelines/sinks/sink.ts'
import type { Fill } from '../../schemas/matching/records.ts'
import { topics } from '../../schemas/topics.ts'
import { stackEnv } from './stack.ts'

export type SinksUnderTest = {
  readonly context: Context
  readonly clickHouse: ClickHouse
  readonly sinks: readonly Sink[]
  readonly events: readonly SinkEvent[]
  close (): Promise<void>
}

/** Call it in `beforeAll`, with a prefix and a database that test/support/stack.ts has made. */
export async function startSinks (prefix: string, database: string, variables = stackEnv()): Promise<SinksUnderTest> {
  const env = { ...variables, TOPIC_PREFIX: prefix, CLICKHOUSE_DATABASE: database, LOG_LEVEL: 'warn' }
  const context = await openContext(readConfig(env), 'test', error => { throw error as Error })
  await provideTopics(context.kafka, { prefix, replicationFactor: 1, isSimulated: true })
  await migrate(context.config.clickhouse)
  const clickHouse = connectClickHouse(context.config.clickhouse)
  const events: SinkEvent[] = []
  const running = await runSinks({
    ...context,
    clickhouse: clickHouse,
    read: value => context.binder.read(value),
    encode: value => context.binder.current.encode(value),
    report: (_, event) => { events.push(event) }
  })
  return {
    context,
    clickHouse,
    sinks: running.sinks,
    events,
    async close () {
      await running.close()
      await clickHouse.close()
      await context.log.close()
    }
  }
}

/** As matching would have emitted them: one source, sequences from 1. */
export function fillRecords ({ binder, topic }: Context, partition: number, fills: readonly Fill[]): Outgoing[] {
  return fills.map((fill, index) => ({
    topic: topic(topics.fills.name),
    partition,
    key: fill.instrumentId,
    value: binder.current.encode(fill),
    headers: { origin: writeOrigin({ source: `test fills ${partition}`, offset: index, index: 0, sequence: index + 1 }) },
    timestamp: fill.matchedAt
  }))
}

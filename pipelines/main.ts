// Starts the roles named on the command line, in this process: node pipelines/main.ts clock matching sinks

import { Counter, Gauge } from 'prom-client'
import { connectClickHouse } from '../analytics/client.ts'
import { migrate } from '../analytics/migrate.ts'
import { instrumentById } from '../schemas/instruments.ts'
import { topics, type Topic } from '../schemas/topics.ts'
import type { InstrumentId } from '../schemas/units.ts'
import { runClock } from './clock.ts'
import type { Context } from './process/context.ts'
import { runJanitor } from './jobs/run-janitor.ts'
import { runLotJobs } from './jobs/run-lot-jobs.ts'
import { runReconcile } from './jobs/run-reconcile.ts'
import { followInstruments } from './instrument-mirror.ts'
import { ledger } from './ledger/stage.ts'
import { measureLedger, measureMatching, measureMetering, watchMetering } from './market-metrics.ts'
import { matching } from './matching/stage.ts'
import { metering } from './metering/stage.ts'
import { meteringView } from './metering/views.ts'
import { provide } from './provide.ts'
import { runRoles, type Role } from './process/run-roles.ts'
import { runStage } from './process/run-stage.ts'
import { runSinks } from './sinks/run-sinks.ts'
import type { SinkEvent } from './sinks/sink.ts'
import { topology, trimmed } from './topology.ts'

const usage = `Runs roles of the market's pipeline in this process.

  node pipelines/main.ts ROLE...

  provide    makes topics, schemas, tables and instruments where they are missing, and ends; --activate: switches a
             market of an earlier release to this one's behaviour, once all its processes are of this release
  clock      lets time pass: one record a second to every partition that a stage reads
  ledger     what holders ask, and what matching tells, in; orders, their states and the journal out
  matching   order commands in; fills, order updates and book deltas out
  metering   readings of what requests took in; to the ledger what is to be billed
  sinks      fills, candles, order updates and dead letters into ClickHouse
  jobs       holds ClickHouse against the log and inserts again what is missing; trims what no restore needs; books
             what sweeps have moved and what has expired

Where the parts are is read from the environment: KAFKA_BROKERS, SCHEMA_REGISTRY_URL, CLICKHOUSE_URL and their
credentials (docker/README.md). METRICS_PORT opens /metrics and /health on the loopback. \`npm start\` sets them and starts every role.`

const words = process.argv.slice(2)
const flags = words.filter(word => word.startsWith('-'))
const names = words.filter(word => !word.startsWith('-'))

const roles: Record<string, Role> = {
  provide: async context => {
    const { outdated } = await provide(context, { activates: flags.includes('--activate') })
    for (const stage of outdated) {
      context.logger.warn(`${stage} goes on as in an earlier release until \`npm run admin -- activate-version\` switches it`)
    }
    await migrate(context.config.clickhouse)
    return () => Promise.resolve()
  },
  clock: context => {
    const stop = runClock(context, topology.map(({ reads }) => reads))
    return Promise.resolve(() => {
      stop()
      return Promise.resolve()
    })
  },
  ledger: async context => {
    const host = runStage(context, ledger(), { leads: true, measure: measureLedger(context.metrics) })
    await host.warm()
    await host.join()
    return () => host.close()
  },
  matching: async context => {
    const host = runStage(context, matching(), { leads: true, measure: measureMatching(context.metrics) })
    await host.warm()
    await host.join()
    return () => host.close()
  },
  metering: async context => {
    const host = runStage(context, metering(), { leads: true, measure: measureMetering(context.metrics) })
    watchMetering(context.metrics, () => partitionsOf(topics.usage).flatMap(partition => {
      const machine = host.machine(partition)
      return machine === undefined ? [] : [meteringView(machine.state)]
    }))
    await host.warm()
    await host.join()
    return () => host.close()
  },
  sinks: async context => {
    const clickhouse = connectClickHouse(context.config.clickhouse)
    const running = await runSinks({
      ...context,
      clickhouse,
      read: value => context.binder.read(value),
      encode: value => context.binder.current.encode(value),
      report: reportSinks(context)
    })
    return async () => {
      await running.close()
      await clickhouse.close()
    }
  },
  jobs: async context => {
    const { binder, config } = context
    const instruments = await followInstruments(context)
    const clickhouse = connectClickHouse(config.clickhouse)
    const stops = [
      runReconcile({ ...context, clickhouse, read: value => binder.read(value), partitionOf }),
      runJanitor(context, trimmed),
      runLotJobs({ ...context, clickhouse, encode: value => binder.current.encode(value) })
    ]
    return async () => {
      await Promise.all(stops.map(stop => stop()))
      await instruments.close()
      await clickhouse.close()
    }
  }
}

const partitionsOf = ({ partitions }: Topic): number[] =>
  Array.from({ length: partitions }, (_, partition) => partition)

function partitionOf (instrument: InstrumentId): number {
  const found = instrumentById(instrument)
  if (found === undefined) throw new Error(`no instrument is called ${instrument}`)
  return found.index
}

function reportSinks ({ metrics, logger }: Context): (sink: string, event: SinkEvent) => void {
  const registers = [metrics]
  const rows = new Counter({ name: 'sink_rows_total', help: 'Rows that ClickHouse has acknowledged.', labelNames: ['sink'], registers })
  const letters = new Counter({ name: 'sink_dead_letters_total', help: 'Records set aside by sinks.', labelNames: ['sink', 'reason'], registers })
  const duplicates = new Counter({ name: 'sink_duplicates_total', help: 'Records dropped as seen.', labelNames: ['sink'], registers })
  const waiting = new Gauge({ name: 'sink_is_waiting', help: '1 while ClickHouse can not take what a sink has.', labelNames: ['sink'], registers })
  return (sink, event) => {
    switch (event.kind) {
      case 'inserted':
        rows.inc({ sink }, event.rows)
        waiting.set({ sink }, 0)
        break
      case 'waiting':
        waiting.set({ sink }, 1)
        logger.warn({ sink, error: String(event.error) }, `${sink} waits: nothing is lost, it goes on when it can`)
        break
      case 'dead-letter':
        letters.inc({ sink, reason: event.reason })
        break
      case 'duplicate':
        duplicates.inc({ sink })
    }
  }
}

if (flags.includes('--help') || flags.includes('-h')) {
  console.log(usage)
} else if (names.length === 0 || names.some(name => !(name in roles)) || flags.some(flag => flag !== '--activate')) {
  console.error(`${usage}\n\nunknown or no role: ${words.join(' ')}`)
  process.exitCode = 2
} else {
  await runRoles(new Map(names.map(name => [name, roles[name]!])), { ends: names.every(name => name === 'provide') })
}

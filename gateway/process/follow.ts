// What a gateway follows of the log: replicas of the stages whose state it answers from, and mirrors of who is who.

import type { ClickHouse } from '../../analytics/client.ts'
import { Directory } from '../../pipelines/identities/directory.ts'
import { followInstruments } from '../../pipelines/instrument-mirror.ts'
import type { Ledger } from '../../pipelines/ledger/ledger.ts'
import { ledger } from '../../pipelines/ledger/stage.ts'
import { matching } from '../../pipelines/matching/stage.ts'
import type { Context } from '../../pipelines/process/context.ts'
import { followMirror } from '../../pipelines/process/mirror.ts'
import { runStage } from '../../pipelines/process/run-stage.ts'
import type { Applied } from '../../pipelines/runtime/replica.ts'
import type { Identity } from '../../schemas/identity/records.ts'
import type { LedgerCommand } from '../../schemas/ledger/commands.ts'
import type { LedgerOutput } from '../../schemas/ledger/records.ts'
import type { Supply } from '../../schemas/suppliers/records.ts'
import { topics, type Topic } from '../../schemas/topics.ts'
import { instant } from '../../schemas/units.ts'
import { bookPort } from '../adapters/books.ts'
import { writerName } from '../adapters/consume.ts'
import { GatheredSends } from '../adapters/gathered-sends.ts'
import { healthPort } from '../adapters/health.ts'
import { identityPort } from '../adapters/identities.ts'
import { IdentityLog } from '../adapters/identity-log.ts'
import { LedgerCommands } from '../adapters/ledger-commands.ts'
import { ledgerPort, witness, type LedgerReplica } from '../adapters/ledger.ts'
import { reportReadings } from '../adapters/readings.ts'
import { placeOf, replicasView } from '../adapters/replicas.ts'
import type { Suppliers } from '../adapters/suppliers.ts'
import { UsageRequests } from '../adapters/usage-requests.ts'
import { Watch } from '../adapters/watch.ts'
import type { Ports } from '../ports.ts'

export const elapsedMs = (): number => performance.now()
export const now = () => instant(Date.now())

const partitionsOf = ({ partitions }: Topic): number[] =>
  Array.from({ length: partitions }, (_, partition) => partition)

async function watching ({ log, topic }: Context, clickHouse: ClickHouse): Promise<Watch> {
  const watch = new Watch({ elapsedMs })
  const ends = async (...all: readonly Topic[]): Promise<Map<string, number>> => {
    const places = all.flatMap(each => partitionsOf(each).map(partition => [topic(each.name), partition] as const))
    return new Map(await Promise.all(places.map(async ([name, partition]): Promise<[string, number]> =>
      [placeOf(name, partition), (await log.extent(name, partition)).end])))
  }
  await watch.start({
    ends: () => ends(topics.orders, topics.ledger),
    deadLetters: async () => (await ends(topics.deadLetters)).values().reduce((sum, end) => sum + end, 0),
    clickHouse: () => clickHouse.rows('SELECT 1'),
    elapsedMs
  })
  return watch
}

export type Followed = {
  readonly ports: Pick<Ports, 'books' | 'ledger' | 'identities' | 'settings' | 'health'>
  readonly directory: Directory
  readonly requests: UsageRequests
  readonly replica: (partition: number) => LedgerReplica | undefined
  /** Whoever still waits for an outcome is told that it is unknown. */
  readonly giveUp: () => void
  close (): Promise<void>
}

type Said = { readonly commands: LedgerCommands, readonly requests: UsageRequests }

/** What is sent to the ledger, and who hears what becomes of it. */
function speaking (context: Context, replica: (partition: number) => LedgerReplica | undefined): Said {
  const { log, binder: { current }, logger } = context
  const topic = context.topic(topics.ledger.name)
  const encode = (command: LedgerCommand): Buffer => current.encode(command)
  const rejected = (error: unknown): void => { logger.warn({ error: String(error) }, 'a command was not acknowledged') }
  return {
    commands: new LedgerCommands({ log, topic, encode, decode: value => current.decode(value), now, rejected }),
    requests: new UsageRequests({
      log: new GatheredSends({ log, elapsedMs }),
      topic,
      encode,
      partitions: topics.ledger.partitions,
      replica,
      now,
      writer: writerName(),
      rejected
    })
  }
}

/** Resolves once all of it is warm. */
export async function follow (context: Context, clickHouse: ClickHouse, suppliers: Suppliers): Promise<Followed> {
  const { log, metrics } = context
  const topic = context.topic(topics.ledger.name)
  const { current } = context.binder
  const replica = (partition: number): LedgerReplica | undefined => accounts.machine(partition)
  const { commands, requests } = speaking(context, replica)
  const seeCommands = witness(commands, topic)
  const see = (applied: Applied<Ledger, LedgerCommand, LedgerOutput>): void => {
    seeCommands(applied)
    requests.see(applied.outputs.map(({ value }) => value))
  }
  const books = runStage(context, matching(), { leads: false })
  const accounts = runStage(context, ledger(), { leads: false, witness: see })
  const directory = new Directory()
  const identityLog = new IdentityLog({
    log, topic: context.topic(topics.identities.name), encode: identity => current.encode(identity), directory, now
  })
  const mirrors = await Promise.all([
    followMirror(context, topics.identities, (key, value) => identityLog.apply(key, value as Identity | null)),
    followMirror(context, topics.suppliers, (key, value) => suppliers.apply(key, value as Supply | null)),
    followInstruments(context)
  ])
  await Promise.all([books.warm(), accounts.warm()])
  const watch = await watching(context, clickHouse)
  const ofOrders = { stage: 'matching', topic: context.topic(topics.orders.name), partitions: partitionsOf(topics.orders) }
  const ofLedger = { stage: 'ledger', topic, partitions: partitionsOf(topics.ledger) }
  const bookReplicas = replicasView({ ...ofOrders, replica: partition => books.machine(partition) }, watch)
  const accountReplicas = replicasView({ ...ofLedger, replica: partition => accounts.machine(partition) }, watch)
  const health = { stages: [bookReplicas, accountReplicas], watch, now }
  reportReadings(metrics, health)
  return {
    ports: {
      books: bookPort(bookReplicas),
      ledger: ledgerPort({ commands, replica, partitions: topics.ledger.partitions, topic, now }),
      identities: identityPort(directory, context.logger),
      settings: identityLog.port,
      health: healthPort(health)
    },
    directory,
    requests,
    replica,
    giveUp: () => { commands.close() },
    async close () {
      commands.close()
      watch.stop()
      await Promise.all([...mirrors.map(mirror => mirror.close()), books.close(), accounts.close()])
    }
  }
}

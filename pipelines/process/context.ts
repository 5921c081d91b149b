// What every role of a process shares: where the parts are, the log, the schemas, a logger, metrics.

import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { Kafka } from 'kafkajs'
import { pino, type Logger } from 'pino'
import { Registry as MetricsRegistry } from 'prom-client'
import { Registry } from '../../schemas/registry.ts'
import { brokerName, topicOf } from '../../schemas/topics.ts'
import type { Config } from '../runtime/config.ts'
import { connect } from '../runtime/kafka/client.ts'
import { KafkaLog } from '../runtime/kafka/kafka-log.ts'
import { RegistryBinder } from '../runtime/registry-binder.ts'

export type Context = {
  readonly config: Config
  readonly kafka: Kafka
  readonly log: KafkaLog
  readonly binder: RegistryBinder
  readonly logger: Logger
  readonly metrics: MetricsRegistry
  /** One run of one process: the name of its memberships and of the snapshots it writes. */
  readonly clientId: string
  /** The name on the broker of a topic of the table. */
  readonly topic: (name: string) => string
  /** A consumer group is called as its role, after the prefix. */
  readonly group: (role: string) => string
  /** Ends the process for a reason that must not be passed over. */
  readonly failed: (error: unknown) => void
}

/** What there is before this release's schemas have ids: for who fills an empty registry himself. */
export type Parts = Pick<Context, 'config' | 'kafka' | 'log' | 'logger' | 'clientId'>

export function openParts (config: Config, roles: string): Parts {
  const clientId = process.env['MARKET_CLIENT_ID'] ?? `${roles}-${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`
  const logger = pino({ level: config.logLevel, base: { roles } })
  const kafka = connect(config.kafka, clientId, logger)
  return { config, kafka, log: new KafkaLog(kafka), logger, clientId }
}

export async function openContext (config: Config, roles: string, failed: (error: unknown) => void): Promise<Context> {
  const parts = openParts(config, roles)
  const binder = await RegistryBinder.open(new Registry(config.registry))
  const { topicPrefix } = config
  return {
    ...parts,
    binder,
    metrics: new MetricsRegistry(),
    topic: name => brokerName(topicOf(name), topicPrefix),
    group: role => `${topicPrefix}${role}`,
    failed
  }
}

// Where the parts are: read from the environment once, by the main files, and handed on as values.

import { z } from 'zod'
import type { RegistryAddress } from '../../schemas/registry.ts'

const saslMechanism = z.enum(['plain', 'scram-sha-256', 'scram-sha-512'])

const environment = z.object({
  KAFKA_BROKERS: z.string().min(1, 'a comma-separated list of host:port'),
  KAFKA_TLS: z.stringbool().default(false),
  KAFKA_TLS_CA: z.string().optional(),
  KAFKA_SASL_MECHANISM: z.string().toLowerCase().pipe(saslMechanism).optional(),
  KAFKA_SASL_USERNAME: z.string().optional(),
  KAFKA_SASL_PASSWORD: z.string().optional(),
  KAFKA_REPLICATION_FACTOR: z.coerce.number().int().min(1).max(9).default(1),
  SCHEMA_REGISTRY_URL: z.url(),
  SCHEMA_REGISTRY_USERNAME: z.string().optional(),
  SCHEMA_REGISTRY_PASSWORD: z.string().optional(),
  CLICKHOUSE_URL: z.url(),
  CLICKHOUSE_USERNAME: z.string().default('default'),
  CLICKHOUSE_PASSWORD: z.string().default(''),
  CLICKHOUSE_DATABASE: z.string().regex(/^\w+$/).default('market'),
  TOPIC_PREFIX: z.string().regex(/^[\w.-]*$/).default(''),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info')
})

type Sasl =
  | { readonly mechanism: 'plain', readonly username: string, readonly password: string }
  | { readonly mechanism: 'scram-sha-256', readonly username: string, readonly password: string }
  | { readonly mechanism: 'scram-sha-512', readonly username: string, readonly password: string }

export type KafkaAddress = {
  readonly brokers: readonly string[]
  readonly tls?: { readonly caFile?: string }
  readonly sasl?: Sasl
  readonly replicationFactor: number
}

export type ClickHouseAddress = {
  readonly url: string
  readonly username: string
  readonly password: string
  readonly database: string
}

export type Config = {
  readonly kafka: KafkaAddress
  readonly registry: RegistryAddress
  readonly clickhouse: ClickHouseAddress
  /** Before every topic's name: sets a replay or a test apart from the market beside it. */
  readonly topicPrefix: string
  readonly logLevel: z.infer<typeof environment>['LOG_LEVEL']
}

/** Throws an error that names each variable that is missing or wrong. */
export function readConfig (env: Readonly<Record<string, string | undefined>>): Config {
  // A variable that is there and empty is one that is not there.
  const parsed = environment.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')))
  if (!parsed.success) {
    const faults = parsed.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`)
    throw new Error(`The environment does not say where the parts are. ${faults.join('; ')}. \`npm start\` sets them; see docker/README.md.`)
  }
  const values = parsed.data
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = values
  if (mechanism !== undefined && (username === undefined || password === undefined)) {
    throw new Error('KAFKA_SASL_MECHANISM is set: KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD have to be, too.')
  }
  const caFile = values.KAFKA_TLS_CA
  const { SCHEMA_REGISTRY_USERNAME: user, SCHEMA_REGISTRY_PASSWORD: secret } = values
  return {
    kafka: {
      brokers: values.KAFKA_BROKERS.split(',').map(broker => broker.trim()),
      replicationFactor: values.KAFKA_REPLICATION_FACTOR,
      ...(caFile !== undefined ? { tls: { caFile } } : values.KAFKA_TLS ? { tls: {} } : {}),
      ...(mechanism === undefined ? {} : { sasl: { mechanism, username: username ?? '', password: password ?? '' } })
    },
    registry: {
      url: values.SCHEMA_REGISTRY_URL,
      ...(user === undefined ? {} : { username: user }),
      ...(secret === undefined ? {} : { password: secret })
    },
    clickhouse: {
      url: values.CLICKHOUSE_URL,
      username: values.CLICKHOUSE_USERNAME,
      password: values.CLICKHOUSE_PASSWORD,
      database: values.CLICKHOUSE_DATABASE
    },
    topicPrefix: values.TOPIC_PREFIX,
    logLevel: values.LOG_LEVEL
  }
}

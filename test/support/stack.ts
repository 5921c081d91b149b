// What a test of the project `stack` asks for: where the parts are, and names of its own that are gone afterwards.
//
// The makers are called at the top of a test file or of a `describe`. The name is there at once; what bears it is made
// before the first test and deleted after the last.

import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type ClickHouseClient } from '@clickhouse/client'
import { Kafka, logLevel, type KafkaConfig, type SASLOptions } from 'kafkajs'
import { afterAll, beforeAll, inject, onTestFinished } from 'vitest'
import { startStack, type Stack, type StackOptions } from '../../docker/local/stack.ts'

type Variables = Readonly<Record<string, string>>

/** The variables that the product's processes read, for the stack of this run. */
export function stackEnv (): Variables {
  const env = inject('stackEnv') as Variables | undefined
  if (env === undefined) throw new Error('This test needs the stack: name its file *.stack.test.ts, or put it under test/integration.')
  return env
}

/** A prefix for topics and consumer groups. All that bear it are deleted after the file's last test. */
export function topicPrefix (): string {
  const prefix = `t${randomBytes(5).toString('hex')}.`
  afterAll(async () => await deleteTopics(prefix))
  return prefix
}

/** The name of a database that exists from before the first test until after the last. */
export function testDatabase (): string {
  const name = `market_t${randomBytes(5).toString('hex')}`
  const command = async (query: string) => {
    const client = clickHouseClient(stackEnv(), 'default')
    await client.command({ query }).finally(() => client.close())
  }
  beforeAll(async () => await command(`CREATE DATABASE IF NOT EXISTS ${name}`))
  afterAll(async () => await command(`DROP DATABASE IF EXISTS ${name}`))
  return name
}

/** A stack for one test alone, to be killed and restarted as it likes; stopped and removed when the test has ended. */
export async function ownStack (options: Partial<StackOptions> = {}): Promise<Stack> {
  const dataDir = options.dataDir ?? await temporaryDir()
  const stack = await startStack({ environment: {}, ...options, dataDir })
  onTestFinished(async () => await stack.stop())
  return stack
}

/** A directory that is removed when the test has ended. */
export async function temporaryDir (): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'market-test-'))
  onTestFinished(async () => await rm(dir, { recursive: true, force: true }))
  return dir
}

/** A client of a stack's ClickHouse, for tests that look at it from outside the product. */
export function clickHouseClient (env: Variables, database = env['CLICKHOUSE_DATABASE'] ?? 'market'): ClickHouseClient {
  return createClient({
    url: env['CLICKHOUSE_URL'] ?? '',
    username: env['CLICKHOUSE_USERNAME'] ?? 'default',
    password: env['CLICKHOUSE_PASSWORD'] ?? '',
    database
  })
}

/** A client of a stack's Kafka, for tests that look at it from outside the product. */
export async function kafkaClient (env: Variables, overrides: Partial<KafkaConfig> = {}): Promise<Kafka> {
  const ca = env['KAFKA_TLS_CA']
  const username = env['KAFKA_SASL_USERNAME']
  const sasl = { mechanism: env['KAFKA_SASL_MECHANISM'] ?? 'plain', username, password: env['KAFKA_SASL_PASSWORD'] } as SASLOptions
  return new Kafka({
    clientId: 'test',
    brokers: (env['KAFKA_BROKERS'] ?? '').split(','),
    logLevel: logLevel.NOTHING,
    ssl: ca === undefined ? env['KAFKA_TLS'] === 'true' : { ca: await readFile(ca, 'utf8') },
    ...(username === undefined ? {} : { sasl }),
    ...overrides
  })
}

async function deleteTopics (prefix: string): Promise<void> {
  const admin = (await kafkaClient(stackEnv())).admin()
  await admin.connect()
  try {
    const topics = (await admin.listTopics()).filter(topic => topic.startsWith(prefix))
    if (topics.length > 0) await admin.deleteTopics({ topics })
    const { groups } = await admin.listGroups()
    const ours = groups.map(group => group.groupId).filter(group => group.startsWith(prefix))
    // A member that a test left behind keeps its group; the topics are what takes the space.
    if (ours.length > 0) await admin.deleteGroups(ours).catch(() => {})
  } finally {
    await admin.disconnect()
  }
}

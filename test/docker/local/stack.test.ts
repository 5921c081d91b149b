// The launcher as a person runs it, on the real parts. One start serves several claims: each costs seconds.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigResourceTypes } from 'kafkajs'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { environmentFor } from '../../../docker/local/environment.ts'
import { ask } from '../../../docker/local/http.ts'
import { descendants, stillRunning } from '../../support/processes.ts'
import { clickHouseClient, kafkaClient } from '../../support/stack.ts'

const main = join(import.meta.dirname, '../../../docker/local/main.ts')
const dirs: string[] = []
const launchers = new Set<ChildProcess>()

afterEach(() => { for (const launcher of launchers) launcher.kill('SIGKILL') })
afterAll(async () => await Promise.all(dirs.map(async dir => await rm(dir, { recursive: true, force: true }))))

async function newDir (): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'market-test-'))
  dirs.push(dir)
  return dir
}

type Launcher = { process: ChildProcess, stderr: () => string, exitCode: Promise<number | null> }
type Launched = Launcher & { env: Record<string, string> }

function run (dataDir: string, variables: NodeJS.ProcessEnv = {}): Launcher & { stdout: () => string } {
  const env = { ...environmentFor({}), ...variables }
  const launcher = spawn(process.execPath, [main, '--data', dataDir], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  launchers.add(launcher)
  let stdout = ''
  let stderr = ''
  launcher.stdout.on('data', chunk => { stdout += String(chunk) })
  launcher.stderr.on('data', chunk => { stderr += String(chunk) })
  const exitCode = once(launcher, 'close').then(() => {
    launchers.delete(launcher)
    return launcher.exitCode
  })
  return { process: launcher, stdout: () => stdout, stderr: () => stderr, exitCode }
}

/** Starts the stack and resolves once it has printed where everything is. */
async function launch (dataDir: string): Promise<Launched> {
  const launcher = run(dataDir)
  await vi.waitUntil(() => launcher.stdout().includes('CLICKHOUSE_READER_PASSWORD') || launcher.process.exitCode !== null, { timeout: 120_000 })
  const lines = [...launcher.stdout().matchAll(/^export (\w+)='(.*)'$/gm)]
  expect(lines.length, launcher.stderr()).toBeGreaterThan(0)
  return { ...launcher, env: Object.fromEntries(lines.map(([, name, value]) => [name!, value!])) }
}

const subjects = (env: Record<string, string>) => `${env['SCHEMA_REGISTRY_URL']!}/subjects`

async function fill (env: Record<string, string>): Promise<number> {
  const admin = (await kafkaClient(env)).admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 3 }], waitForLeaders: true })
  await admin.disconnect()
  const client = clickHouseClient(env)
  await client.command({ query: 'CREATE TABLE kept (a UInt8) ENGINE = MergeTree ORDER BY a AS SELECT 7 AS a' })
  await client.close()
  const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' }
  const registered = await ask(`${subjects(env)}/kept/versions`, { method: 'POST', headers, body: '{"schema":"\\"string\\""}' })
  return (JSON.parse(registered!.body) as { id: number }).id
}

async function contents (env: Record<string, string>) {
  const admin = (await kafkaClient(env)).admin()
  await admin.connect()
  const partitions = (await admin.fetchTopicMetadata({ topics: ['kept'] })).topics[0]?.partitions.length
  const journal = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: 'kafkasql-journal', configNames: ['retention.ms'] }]
  })
  await admin.disconnect()
  const client = clickHouseClient(env)
  const rows = await (await client.query({ query: 'SELECT a FROM kept', format: 'JSONEachRow' })).json()
  await client.close()
  const version = await ask(`${subjects(env)}/kept/versions/latest`)
  return {
    partitions,
    rows,
    schemaId: (JSON.parse(version!.body) as { id: number }).id,
    journalRetention: journal.resources[0]?.configEntries[0]?.configValue
  }
}

test('a start goes on where the last left off, beside another stack; nothing outlives the launcher', async () => {
  const dir = await newDir()
  const first = await launch(dir)
  const schemaId = await fill(first.env)

  const twice = run(dir)
  expect(await twice.exitCode).toBe(1)
  expect(twice.stderr()).toContain(`process ${first.process.pid} runs the stack there`)

  // Killed: no chance to stop anything.
  const orphans = await descendants(first.process.pid!)
  expect(orphans.length).toBeGreaterThanOrEqual(3)
  first.process.kill('SIGKILL')
  await vi.waitUntil(async () => (await stillRunning(orphans)).length === 0, { timeout: 5000 })

  const [second, other] = await Promise.all([launch(dir), launch(await newDir())])
  expect(await contents(second.env)).toEqual({ partitions: 3, rows: [{ a: 7 }], schemaId, journalRetention: '-1' })
  expect((await ask(subjects(other.env)))?.body).toBe('[]')

  // Ctrl-C, with the other one beside it.
  const parts = await descendants(second.process.pid!)
  second.process.kill('SIGINT')
  expect(await second.exitCode).toBe(0)
  expect(await stillRunning(parts)).toEqual([])
  expect((await ask(subjects(other.env)))?.body).toBe('[]')
  other.process.kill('SIGTERM')
  expect(await other.exitCode).toBe(0)
}, 180_000)

test('a part whose address is given is not started', async () => {
  const given = { KAFKA_BROKERS: 'kafka.example:9092', SCHEMA_REGISTRY_URL: 'http://registry.example', SCHEMA_REGISTRY_PASSWORD: 'theirs' }
  const launcher = run(await newDir(), given)
  await vi.waitUntil(() => launcher.stdout().includes('CLICKHOUSE_URL'), { timeout: 60_000 })
  expect(launcher.stdout()).toContain("export KAFKA_BROKERS='kafka.example:9092'\nexport SCHEMA_REGISTRY_URL='http://registry.example'")
  expect(launcher.stdout()).toContain("export SCHEMA_REGISTRY_PASSWORD='theirs'")
  expect(await descendants(launcher.process.pid!)).toHaveLength(1)
  launcher.process.kill('SIGINT')
  expect(await launcher.exitCode).toBe(0)
})

test('a part that dies is reported, and the rest is stopped', async () => {
  const given = { KAFKA_BROKERS: 'kafka.example:9092', SCHEMA_REGISTRY_URL: 'http://registry.example' }
  const launcher = run(await newDir(), given)
  await vi.waitUntil(() => launcher.stdout().includes('CLICKHOUSE_URL'), { timeout: 60_000 })
  const [clickHouse] = await descendants(launcher.process.pid!)
  process.kill(clickHouse!.pid, 'SIGKILL')
  expect(await launcher.exitCode).toBe(1)
  expect(launcher.stderr()).toMatch(/ClickHouse .* ended by SIGKILL without having been told to/)
})

test('without Java the three ways out are named, and nothing is started', async () => {
  const launcher = run(await newDir(), { PATH: '', JAVA_HOME: undefined })
  expect(await launcher.exitCode).toBe(1)
  expect(launcher.stderr()).toContain('Java 17 or later was not found')
  expect(launcher.stderr()).toContain('openjdk-17')
  expect(launcher.stderr()).toContain('docker compose -f docker/compose.yml up')
  expect(launcher.stderr()).toContain('KAFKA_BROKERS')
  expect(launcher.stderr()).not.toContain('ready')
})

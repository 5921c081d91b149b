// Events over HTTP become commands in the ledger's log, each once, however often they are posted and whatever is killed
// in between; what is not billed is in the reconciliation. Judged at the log, as a reader that obeys origins sees it.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { environmentFor } from '../../docker/local/environment.ts'
import { freePorts } from '../../docker/local/ports.ts'
import { metering } from '../../pipelines/metering/stage.ts'
import { openContext, type Context } from '../../pipelines/process/context.ts'
import { readConfig } from '../../pipelines/runtime/config.ts'
import { evict } from '../../pipelines/runtime/kafka/membership.ts'
import { Marks, readOrigin } from '../../pipelines/runtime/origin.ts'
import { readToEnd } from '../../pipelines/runtime/read.ts'
import type { Named } from '../../pipelines/runtime/stage.ts'
import { Supervisor } from '../../pipelines/supervisor/supervisor.ts'
import { topicOf } from '../../schemas/topics.ts'
import { microdollars, partitionOfHolder, units, type HolderId } from '../../schemas/units.ts'
import { enrol } from '../support/people.ts'
import { stackEnv, testDatabase, topicPrefix } from '../support/stack.ts'
import { signatureOf, traderOf } from '../support/trader.ts'

const prefix = topicPrefix()
const database = testDatabase()
const supplier = traderOf(21, 'metering')
const consumers = [11, 12, 13]
const path = '/v1/usage-events'
const root = join(import.meta.dirname, '../..')

let context: Context
let supervisor: Supervisor
let gateway: string
let metrics: string
let logDir: string

beforeAll(async () => {
  const variables = { ...stackEnv(), TOPIC_PREFIX: prefix, CLICKHOUSE_DATABASE: database, LOG_LEVEL: 'warn' }
  context = await openContext(readConfig(variables), 'test', error => { throw error as Error })
  logDir = await mkdtemp(join(tmpdir(), 'market-test-'))
  supervisor = new Supervisor({
    env: environmentFor(variables),
    logDir,
    evict: (group, clientId) => evict(context.kafka, group, clientId),
    report: () => { /* What is killed here is killed on purpose. */ },
    backoff: { firstMs: 20, longestMs: 100, healthyMs: 60_000 }
  })
  const [port, metricsPort] = await freePorts(2)
  gateway = `http://127.0.0.1:${port}`
  metrics = `http://127.0.0.1:${metricsPort}/metrics`
  const main = join(root, 'pipelines/main.ts')
  await supervisor.runToEnd({ name: 'provide', args: [main, 'provide'], roles: ['provide'] })
  const roles = ['clock', 'metering']
  const groups = [context.group(metering().name)]
  const env = { METRICS_PORT: String(metricsPort) }
  const ofGateway = { PORT: String(port), SPOOL_DIR: join(logDir, 'spool') }
  await Promise.all([
    supervisor.start({ name: 'metering', args: [main, ...roles], roles, groups, env }),
    supervisor.start({ name: 'gateway', args: [join(root, 'gateway/main.ts')], roles: ['gateway'], env: ofGateway })
  ])
  const supply = { instruments: [], quantity: units(1) }
  await enrol(context, [{ trader: supplier, cash: microdollars(1_000_000), supply }])
  await vi.waitFor(async () => expect((await post([])).status).toBe(200), { timeout: 20_000 })
})

afterAll(async () => {
  await supervisor.stop()
  await context.log.close()
  await rm(logDir, { recursive: true, force: true })
})

type Change = { id: string, consumer?: number, output?: number, phase?: string, ageMs?: number, data?: object }

function event ({ id, consumer = 11, output = 50, phase = 'final', ageMs = 0, data = {} }: Change): object {
  const tokens = { input_tokens: 100, output_tokens: output }
  return {
    specversion: '1.0',
    id,
    source: '/edge/1',
    type: `market.usage.${phase}`,
    time: new Date(Date.now() - ageMs).toISOString(),
    data: { request_id: `request-${id}`, consumer, instrument_id: 'text-prime', sequence: 1, ...tokens, ...data }
  }
}

type Answer = { status: number, body: { data: { accepted?: boolean, status?: number }[] } }

/** Signed anew each time, as one event or as a batch of them. */
async function post (body: object): Promise<Answer> {
  const text = JSON.stringify(body)
  const type = Array.isArray(body) ? 'application/cloudevents-batch+json' : 'application/cloudevents+json'
  const headers = { ...signatureOf(supplier, { method: 'POST', path }, text), 'content-type': type }
  const response = await fetch(`${gateway}${path}`, { method: 'POST', body: text, headers })
  return { status: response.status, body: await response.json() as Answer['body'] }
}

type Said = Named & { readonly requestId: string }

/** What metering said on a topic for a consumer, in order; throws at a gap. */
async function said (name: 'ledger' | 'reconciliation', consumer: number): Promise<Said[]> {
  const partition = partitionOfHolder(consumer as HolderId, topicOf(name).partitions)
  const marks = new Marks()
  const found: Said[] = []
  await readToEnd(context.log, { topic: context.topic(name), partition }, ({ headers, value }) => {
    const origin = headers.origin === undefined ? null : readOrigin(headers.origin)
    if (origin?.source.startsWith(`${metering().name} `) !== true) return
    const verdict = marks.see(origin)
    if (verdict === 'gap') throw new Error('what metering said is missing')
    if (verdict === 'new') found.push(context.binder.current.decode(value) as Said)
  })
  return found
}

async function saidOfAll (name: 'ledger' | 'reconciliation'): Promise<Said[]> {
  return (await Promise.all(consumers.map(consumer => said(name, consumer)))).flat()
}

const patience = { timeout: 20_000, interval: 100 }

test('an event that is posted twice, with metering killed in between, is captured once', async () => {
  const measured = event({ id: 'once' })
  expect(await post(measured)).toMatchObject({ status: 202, body: { data: { accepted: true } } })
  await supervisor.kill('metering')
  expect((await post(measured)).status).toBe(202)
  // Whatever is said of the later one is said after the earlier ones.
  await post(event({ id: 'after', output: 7 }))
  await vi.waitFor(async () => expect((await said('ledger', 11)).at(-1)).toMatchObject({ requestId: 'request-after' }), patience)
  expect(await said('ledger', 11)).toMatchObject([
    { kind: 'capture-usage', requestId: 'request-once', source: 'supplier:21', eventId: '/edge/1 once', inputTokens: 100, outputTokens: 50 },
    { kind: 'capture-usage', requestId: 'request-after' }
  ])
  expect(await said('reconciliation', 11)).toEqual([])
  const shown = await (await fetch(metrics)).text()
  expect(shown).toMatch(/^metering_repeated_readings 1$/m)
  expect(shown).toMatch(/^metering_readings_total\{command="capture-usage"\} \d+$/m)
})

test('progress extends, failures void, and what is not billed is told with its reason', async () => {
  const consumer = 12
  const failure = { fault: 'supplier', reason: 'stalled' }
  const { body } = await post([
    event({ id: 'p', consumer, phase: 'progress', data: { more: 8192 } }),
    event({ id: 'f', consumer, phase: 'failed', data: failure }),
    event({ id: 'c', consumer }),
    event({ id: 'c', consumer, output: 51 }),
    event({ id: 'old', consumer, ageMs: 2 * 60 * 60 * 1000 }),
    event({ id: 'bad', consumer, output: -1 })
  ])
  expect(body.data.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202, 400])
  await vi.waitFor(async () => expect(await said('reconciliation', consumer)).toHaveLength(2), patience)
  expect((await said('ledger', consumer)).map(({ kind }) => kind)).toEqual(['extend-usage', 'void-usage', 'capture-usage'])
  expect(await said('reconciliation', consumer)).toMatchObject([
    { kind: 'unbilled-usage', reason: 'contradicts', requestId: 'request-c', tokens: 151 },
    { kind: 'unbilled-usage', reason: 'too_late', requestId: 'request-old', tokens: 150 }
  ])
})

test('under load, with metering killed three times and everything posted twice, each event counts once', async () => {
  const batches = 30
  const before = (await saidOfAll('ledger')).length
  const all = Array.from({ length: batches }, (_, batch) => Array.from({ length: 20 }, (_, index) =>
    event({ id: `load-${batch}-${index}`, consumer: consumers[index % consumers.length]! })))
  const send = async (): Promise<void> => {
    for (const batch of all) {
      expect((await post(batch)).status).toBe(200)
      await sleep(20)
    }
  }
  const sending = Promise.all([send(), sleep(200).then(send)])
  for (let kill = 0; kill < 3; kill++) {
    await sleep(400)
    await supervisor.kill('metering')
  }
  await sending
  const expected = all.flat().length
  await vi.waitFor(async () => expect((await saidOfAll('ledger')).length - before).toBe(expected), patience)
  const requests = (await saidOfAll('ledger')).map(({ requestId }) => requestId).filter(id => id.startsWith('request-load'))
  expect(new Set(requests).size).toBe(expected)
  expect((await saidOfAll('reconciliation')).filter(({ requestId }) => requestId.startsWith('request-load'))).toEqual([])
})

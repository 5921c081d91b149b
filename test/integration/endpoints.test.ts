// The signed client of test/contracts at every endpoint of the real market: its processes, its servers.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { environmentFor } from '../../docker/local/environment.ts'
import { freePort } from '../../docker/local/ports.ts'
import { marketProcesses } from '../../pipelines/market.ts'
import { openContext, type Context } from '../../pipelines/process/context.ts'
import { readConfig } from '../../pipelines/runtime/config.ts'
import { evict } from '../../pipelines/runtime/kafka/membership.ts'
import { Supervisor } from '../../pipelines/supervisor/supervisor.ts'
import { identityKey } from '../../schemas/identity/records.ts'
import { topics } from '../../schemas/topics.ts'
import { instant } from '../../schemas/units.ts'
import type { Client } from '../contracts/client.ts'
import { Conformance, faultsIn, neverAsked, type Description } from '../contracts/conformance.ts'
import { day, type Day } from '../contracts/day.ts'
import { clientsOf, everyone, identitiesOf, openingOf } from '../contracts/people.ts'
import { fromHolder } from '../support/people.ts'
import { stackEnv, testDatabase, topicPrefix } from '../support/stack.ts'

const prefix = topicPrefix()
const database = testDatabase()

let context: Context
let supervisor: Supervisor
let logDir: string
let address: string
let people: Day
let clients: readonly Client[]

async function enrolled ({ log, binder, topic }: Context): Promise<void> {
  const timestamp = instant(Date.now())
  await log.send(everyone.flatMap(identitiesOf).map(identity => ({
    topic: topic(topics.identities.name),
    partition: 0,
    key: identityKey(identity),
    value: binder.current.encode(identity),
    headers: {},
    timestamp
  })))
  await log.send(everyone.flatMap(openingOf).map(command => fromHolder({ binder, topic }, command)))
}

beforeAll(async () => {
  const variables = { ...stackEnv(), TOPIC_PREFIX: prefix, CLICKHOUSE_DATABASE: database, LOG_LEVEL: 'warn' }
  logDir = await mkdtemp(join(tmpdir(), 'market-test-'))
  context = await openContext(readConfig(variables), 'test', error => { throw error as Error })
  supervisor = new Supervisor({
    env: environmentFor(variables),
    logDir,
    evict: (group, clientId) => evict(context.kafka, group, clientId),
    report: () => {},
    backoff: { firstMs: 20, longestMs: 100, healthyMs: 60_000 }
  })
  const gatewayPort = await freePort()
  address = `http://127.0.0.1:${gatewayPort}`
  const { provide, leader, sinks, gateway } = marketProcesses({
    topicPrefix: prefix, gatewayPort, metricsPorts: {}, folder: logDir
  })
  await supervisor.runToEnd(provide)
  await Promise.all([leader, sinks, gateway].map(spec => supervisor.start(spec)))
  await enrolled(context)
  const asking = clientsOf(address)
  people = asking.people
  clients = asking.clients
  const isKnown = async (): Promise<void> => {
    const answers = await Promise.all([people.trader, people.sub, people.supplier].map(each => each.get('/currency-trading-accounts')))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(JSON.stringify(answers)).toContain('110.00000000')
  }
  await vi.waitFor(isKnown, { timeout: 30_000, interval: 100 })
})

afterAll(async () => {
  await supervisor.stop()
  await context.log.close()
  await rm(logDir, { recursive: true, force: true })
})

test.each(day)('%s', async (_name, run) => { await run(people) })

test('every operation was asked, and every answer is as described', async () => {
  const conformance = new Conformance(await (await fetch(`${address}/openapi.json`)).json() as Description)
  expect(neverAsked(conformance, clients)).toEqual(['POST /transfers/consumption-to-trading'])
  expect(faultsIn(conformance, clients)).toEqual([])
})

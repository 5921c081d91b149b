// The libraries that clients have, against the real stack, in each delivery mode; and every answer they got is billed
// once, for what it said it took.

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stackEnv, testDatabase, topicPrefix } from '../../support/stack.ts'
import { InferenceMarket } from '../../support/inference.ts'
import { delivery } from '../../../schemas/identity/records.ts'
import { model, visionModel } from './calls/call.ts'
import { calls } from './calls/calls.ts'
import { capturesOf, summaryOf } from './captures.ts'

const prefix = topicPrefix()
const database = testDatabase()
const taken: number[] = []
let market: InferenceMarket
let dir: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'market-test-'))
  const env = { ...stackEnv(), TOPIC_PREFIX: prefix, CLICKHOUSE_DATABASE: database, LOG_LEVEL: 'warn' }
  const instruments = [model, visionModel]
  market = await InferenceMarket.start({ env, dir, instruments, failed: error => { throw error } })
}, 120_000)

afterAll(async () => {
  await market.close()
  await rm(dir, { recursive: true, force: true })
})

describe.each(calls)('%s', (_library, ofLibrary) => {
  describe.each(delivery)('delivery %s', mode => {
    test.each(ofLibrary)('%s', async (_name, run) => {
      taken.push(...await run({ url: market.url, key: market.key, mode }))
    })
  })
})

test('what was answered was billed, each answer once', async () => {
  const sum = taken.reduce((total, tokens) => total + tokens, 0)
  expect(taken.length).toBeGreaterThan(0)
  // An edge's readings arrive when they do.
  await vi.waitFor(async () => {
    const summary = summaryOf(await capturesOf(market.context, market.consumer.holder))
    expect(summary).toEqual({ answers: taken.length, requests: taken.length, tokens: sum })
  }, { timeout: 20_000, interval: 200 })
})

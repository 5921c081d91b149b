// The short form of the soak of lots: the jobs on the real stack, killed in between and run twice at once.

import { expect, test } from 'vitest'
import { soakLots } from '../soak/lots/soak.ts'
import { stackEnv, testDatabase, topicPrefix } from '../support/stack.ts'

const prefix = topicPrefix()
const database = testDatabase()

test('lots that are due are booked once each, however often the jobs are killed and run beside each other', async () => {
  const env = { ...stackEnv(), TOPIC_PREFIX: prefix, CLICKHOUSE_DATABASE: database, LOG_LEVEL: 'warn' }
  const soak = await soakLots({ env, buyers: 60, lotsEach: 5, kills: 2, say: () => {} })
  const { lots, asked, killedInBetween, faults } = soak
  expect(faults).toEqual([])
  expect(lots).toBe(300)
  expect(killedInBetween).toBeGreaterThan(0)
  expect(asked.expiries).toBeGreaterThan(lots)
  expect(asked.sweeps).toBeGreaterThan(60)
}, 180_000)

// The short form of the orders of `npm run soak`: forty accounts trade through two gateways while the ledger, matching
// and a gateway are killed, and then every process is restarted, one after the other; and all that must hold holds.

import { expect, test } from 'vitest'
import { killsOf, rollingRestart } from '../soak/orders/plan.ts'
import { soakOrders } from '../soak/orders/soak.ts'
import { seededRandom } from '../soak/random.ts'
import { stackEnv, temporaryDir, testDatabase, topicPrefix } from '../support/stack.ts'

const prefix = topicPrefix()
const database = testDatabase()
const commands = 2000

test('every order comes to one end, and balances agree to the microdollar, whatever is killed or restarted', async () => {
  const soak = await soakOrders({
    env: { ...stackEnv(), TOPIC_PREFIX: prefix, CLICKHOUSE_DATABASE: database, LOG_LEVEL: 'warn' },
    logDir: await temporaryDir(),
    commands,
    accounts: 40,
    atOnce: 24,
    hasStandbys: false,
    seed: 20_261_121,
    blows: processes => [
      ...killsOf({
        processes: ['ledger', 'matching', 'gateway-1'],
        kills: 3,
        from: 0.05 * commands,
        until: 0.5 * commands,
        random: seededRandom(3)
      }),
      ...rollingRestart({ processes, from: 0.5 * commands, until: 0.9 * commands })
    ],
    say: () => {}
  })
  expect(soak.faults).toEqual([])
  expect(soak.told).toHaveLength(commands)
  expect(soak.fills).toBeGreaterThan(100)
  expect(soak.recoveries.map(({ how, process }) => `${how} ${process}`).sort()).toEqual([
    'kill gateway-1', 'kill ledger', 'kill matching',
    'restart gateway-1', 'restart gateway-2', 'restart ledger', 'restart matching', 'restart sinks'
  ])
  const asked = new Set(soak.told.map(({ intention }) => intention.kind))
  expect([...asked].sort()).toEqual(['amend', 'cancel', 'place'])
}, 120_000)

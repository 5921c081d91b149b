// The short form of `npm run soak`: the beginning of the recorded flow, while matching and the sinks are killed,
// ClickHouse is away and garbage comes in between; then everything that a replay checks.

import { expect, test } from 'vitest'
import { sinkNames } from '../../pipelines/sinks/run-sinks.ts'
import { instrumentBySymbol } from '../../schemas/instruments.ts'
import { flowWithOracle } from '../soak/oracle.ts'
import { soakPipeline } from '../soak/pipeline.ts'
import { planOf } from '../soak/plan.ts'
import { seededRandom } from '../soak/random.ts'
import { ownStack, stackEnv, temporaryDir, topicPrefix } from '../support/stack.ts'

const prefix = topicPrefix()
const messages = 40_000

test('kills, a ClickHouse that is away, and garbage change nothing of what a flow comes to', async () => {
  // Nobody else's ClickHouse may be killed; Kafka and the registry are shared.
  const shared = Object.fromEntries(Object.entries(stackEnv()).filter(([name]) => !name.startsWith('CLICKHOUSE_')))
  const stack = await ownStack({ environment: shared })
  const flow = flowWithOracle(instrumentBySymbol('text-prime')!.instrumentId, messages)
  const random = seededRandom(20_261_121)
  const plan = planOf({
    messages, matchingKills: 3, sinkKills: 2, servers: ['garbage', 'ClickHouse away', 'garbage'], random
  })
  const soak = await soakPipeline({
    env: { ...stack.env, TOPIC_PREFIX: prefix, LOG_LEVEL: 'warn' },
    servers: { clickHouse: stack.clickHouse! },
    logDir: await temporaryDir(),
    flow,
    plan,
    random,
    awayMs: 2500,
    slack: 4000,
    say: () => {}
  })
  const { verdict } = soak.outcome
  expect(verdict.differences).toEqual([])
  expect(verdict.messages).toBe(messages)
  expect(verdict.reportSha256).toBe(flow.checkpoints[0]!.sha256)
  expect(verdict.fillsInClickHouse).toBe(verdict.trades)
  expect(verdict.trades).toBeGreaterThan(100)
  expect(verdict.deadLetters).toBe(soak.deadLettersSent)
  expect(soak.deadLettersSent).toBeGreaterThan(10)
  expect(soak.recoveries.map(({ of }) => of).sort()).toEqual(['matching', 'matching', 'matching', 'sinks', 'sinks'])
  const away = soak.interruptions.find(({ mishap }) => mishap === 'ClickHouse away')!
  expect(away.matched[1]).toBeGreaterThan(away.matched[0])
  expect(away.waiting.filter(sink => sinkNames.includes(sink))).not.toEqual([])
}, 120_000)

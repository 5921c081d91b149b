// The short form of `npm run soak -- --only usage`: the beginning of a trace, in bunches spread over half a day, with a
// kill of metering, of the ledger and of the sinks; then everything that a usage replay checks.

import { expect, test } from 'vitest'
import { readTrace, type Trace } from '../../pipelines/replay/usage-trace.ts'
import { instrumentBySymbol } from '../../schemas/instruments.ts'
import { stackEnv, temporaryDir, testDatabase, topicPrefix } from '../support/stack.ts'
import { seededRandom } from './random.ts'
import { usageKills } from './usage/plan.ts'
import { soakUsage } from './usage/soak.ts'

const prefix = topicPrefix()
const database = testDatabase()

const requests = 240
const [aBunch, apartMs] = [16, 40 * 60_000]

/** Lots expire and sweeps pass within it, in few steps. */
async function bunched (): Promise<Trace> {
  const trace = await readTrace('conv', requests)
  const together = trace.requests.map(request =>
    ({ ...request, afterMs: Math.floor(request.number / aBunch) * apartMs }))
  return { ...trace, requests: together }
}

test('kills change nothing of what a trace comes to, token by token', async () => {
  const trace = await bunched()
  const soak = await soakUsage({
    env: { ...stackEnv(), TOPIC_PREFIX: prefix, CLICKHOUSE_DATABASE: database, LOG_LEVEL: 'warn' },
    logDir: await temporaryDir(),
    trace,
    instrument: instrumentBySymbol('text-prime')!,
    consumers: 6,
    timeScale: 1,
    kills: usageKills(requests, 1, seededRandom(20_261_122)),
    say: () => {}
  })
  const { log, differences, sweeps } = soak.outcome.verdict
  expect(differences).toEqual([])
  expect(log).toMatchObject({
    requests, inputTokens: BigInt(trace.inputTokens), outputTokens: BigInt(trace.outputTokens)
  })
  expect(soak.recoveries.map(({ process }) => process).sort()).toEqual(['ledger', 'metering', 'sinks'])
  expect(sweeps).toBeGreaterThan(0)
  expect(log.fates.expired).toBeGreaterThan(0n)
}, 180_000)

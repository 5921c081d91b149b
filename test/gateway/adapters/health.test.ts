import { Registry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import { behindMsMax, healthPort, lagMax, silenceMsMax, type HealthContext } from '../../../gateway/adapters/health.ts'
import { reportReadings } from '../../../gateway/adapters/readings.ts'
import { placeOf, replicasView } from '../../../gateway/adapters/replicas.ts'
import { Watch } from '../../../gateway/adapters/watch.ts'
import { Matching } from '../../../pipelines/matching/matching.ts'
import { instant } from '../../../schemas/units.ts'

const wall = 1_700_000_000_000

type World = {
  /** Where the log ends; none while the brokers do not answer. */
  ends: Map<string, number> | undefined
  clickHouse: boolean
  next: number
  stageTime: number
  elapsed: number
}

const endsOf = (...ends: number[]) => new Map(ends.map((end, partition) => [placeOf('orders-1', partition), end]))
const ends = endsOf(10, 10)
const well = (): World => ({ ends, clickHouse: true, next: 10, stageTime: wall - 100, elapsed: 0 })

async function watching (world: World): Promise<HealthContext> {
  const elapsedMs = () => world.elapsed
  const watch = new Watch({ elapsedMs })
  await watch.start({
    ends: () => world.ends === undefined ? Promise.reject(new Error('no broker')) : Promise.resolve(world.ends),
    deadLetters: () => Promise.resolve(3),
    clickHouse: () => world.clickHouse ? Promise.resolve() : Promise.reject(new Error('refused')),
    elapsedMs
  })
  watch.stop()
  const state = new Matching()
  const replica = () => ({ state, next: world.next, now: instant(world.stageTime) })
  const [matching, ledger] = [['matching', [0, 1]], ['ledger', [0]]] as const
  const stages = [matching, ledger].map(([stage, partitions]) => replicasView({ stage, topic: 'orders-1', partitions, replica }, watch))
  return { stages, watch, now: () => instant(wall) }
}

/** Changes what is, lets it be asked, then lets time pass. */
async function checks (change: Partial<World>): Promise<Record<string, string>> {
  const { elapsed = 0, ...rest } = change
  const world = { ...well(), ...rest }
  const context = await watching(world)
  world.elapsed = elapsed
  return Object.fromEntries(healthPort(context).checks().map(({ name, status, code }) => [name, `${status} ${code}`]))
}

const allWell = { log: 'ok connected', replicas: 'ok warm', clock: 'ok running', clickhouse: 'ok connected' }

describe('checks', () => {
  test.each<[string, Partial<World>, Record<string, string>]>([
    ['all is well', {}, {}],
    ['a little behind', { next: 1, stageTime: wall - behindMsMax }, {}],
    ['brokers that never answered', { ends: undefined, elapsed: silenceMsMax + 1 }, { log: 'fail unreachable', replicas: 'fail restoring', clickhouse: 'warn unreachable' }],
    ['nothing answers any more', { elapsed: silenceMsMax + 1 }, { log: 'fail unreachable', clickhouse: 'warn unreachable' }],
    ['far behind', { ends: endsOf(10, lagMax + 11) }, { replicas: 'fail lagging' }],
    ['no clock', { stageTime: wall - behindMsMax - 1 }, { clock: 'fail behind' }],
    ['no clock ever', { stageTime: 0 }, { clock: 'fail not_started' }],
    ['ClickHouse away', { clickHouse: false }, { clickhouse: 'warn unreachable' }]
  ])('%s', async (_name, change, expected) => {
    expect(await checks(change)).toEqual({ ...allWell, ...expected })
  })
})

test('what is known is in the metrics, what is not is left out', async () => {
  const texts = await Promise.all([well(), { ...well(), stageTime: 0, clickHouse: false }].map(async world => {
    const registry = new Registry()
    reportReadings(registry, await watching(world))
    return await registry.metrics()
  }))
  for (const stage of ['matching', 'ledger']) {
    expect(texts[0]).toMatch(new RegExp(`^stage_time_behind_seconds\\{stage="${stage}"\\} 0\\.1$`, 'm'))
  }
  expect(texts[0]).toMatch(/^dead_letters 3$/m)
  expect(texts[0]).toMatch(/^clickhouse_is_reachable 1$/m)
  expect(texts[1]).not.toMatch(/^stage_time_behind_seconds/m)
  expect(texts[1]).toMatch(/^clickhouse_is_reachable 0$/m)
})

// One seed, one history: traffic and trouble for two simulated minutes, then calm, then the judge.

import { judge } from './judge.ts'
import { World } from './world.ts'

export type Verdict = {
  readonly seed: number
  readonly faults: readonly string[]
  readonly crashes: number
  readonly records: number
}

const troubleMs = 90_000
const calmMs = 40_000

function traffic (world: World, until: number): void {
  const { scheduler } = world
  const { random } = scheduler
  const commands = (): void => {
    if (scheduler.now > until) return
    world.command()
    scheduler.after(random.below(1200), commands)
  }
  const clock = (): void => {
    // Calm or not, time passes. One clock is wrong at a time: against two that agree there is no rule.
    const isWrong = world.broker.skew === 0 && scheduler.now < until && random.chance(0.1)
    world.tick(isWrong ? (random.chance(0.5) ? 3_600_000 : -3_600_000) : random.below(400) - 200)
    scheduler.after(900 + random.below(200), clock)
  }
  commands()
  clock()
  if (random.chance(0.5)) clock()
}

/** Kills, freezes, evicts, compacts, trims, forgets: each at its own random moments. */
function trouble (world: World, until: number): { crashes: number } {
  const { scheduler, broker } = world
  const { random } = scheduler
  const count = { crashes: 0 }
  const often = (ms: number, act: () => void): void => {
    const again = (): void => {
      if (scheduler.now > until) return
      act()
      scheduler.after(1 + random.below(ms * 2), again)
    }
    scheduler.after(random.below(ms * 2), again)
  }
  const leaders = () => [...world.processes.values()].filter(process => process.life.alive && process.isLeading)
  const one = () => leaders()[random.below(leaders().length)]
  const crash = (): void => {
    const process = one()
    if (process === undefined) return
    count.crashes++
    process.kill()
    scheduler.after(random.below(3000), () => { process.client.evict() })
    scheduler.after(random.below(6000), () => { world.spawn() })
    // Where all were down for long, the broker forgets where the group stood.
    if (leaders().length > 0 || random.chance(0.5)) return
    for (const stage of ['bank', 'market']) broker.offsets(stage).clear()
  }
  often(9000, crash)
  // A burst leaves much applied and not yet sent: the moment at which a crash costs most.
  often(12_000, () => {
    for (let command = 0; command < 40; command++) world.command()
    for (let crashes = random.below(3); crashes > 0; crashes--) scheduler.after(random.below(150), crash)
  })
  often(12_000, () => {
    const process = one()
    if (process === undefined) return
    const ms = 1 + random.below(8000)
    process.life.frozenUntil = scheduler.now + ms
    if (!random.chance(0.7)) return
    scheduler.after(random.below(ms), () => { process.client.evict() })
    scheduler.after(ms + random.below(2000), () => { if (process.life.alive) process.client.rejoin() })
  })
  often(6000, () => { broker.partitionsOf('snapshots').forEach(partition => { partition.compact() }) })
  often(8000, () => { one()?.tidy().catch(() => {}) })
  often(4000, () => { world.garbage() })
  often(10_000, () => { world.spoil() })
  often(40_000, () => {
    broker.skew = random.chance(0.5) ? 3_600_000 : -3_600_000
    scheduler.after(random.below(5000), () => { broker.skew = 0 })
  })
  return count
}

type History = { readonly world: World, readonly crashes: number }

export async function simulate (seed: number, prepare: (world: World) => void = () => {}): Promise<History> {
  const world = new World(seed)
  const { scheduler } = world
  const { random } = scheduler
  prepare(world)
  const until = scheduler.now + troubleMs
  if (random.chance(0.3)) world.garbage()
  world.activate()
  if (random.chance(0.3)) world.activate()
  traffic(world, until)
  for (let processes = 1 + random.below(3); processes > 0; processes--) {
    scheduler.after(random.below(2000), () => { world.spawn() })
  }
  scheduler.after(random.below(20_000), () => { world.spawn(false) })
  const count = trouble(world, until)
  await scheduler.until(until + 6000)
  world.spawn()
  await scheduler.until(until + calmMs)
  world.isOver = true
  await scheduler.until(until + calmMs + 3000)
  return { world, crashes: count.crashes }
}

export async function verdictOf (seed: number): Promise<Verdict> {
  try {
    const { world, crashes } = await simulate(seed)
    const inputs = world.inputs().map(({ topic, partition }) => world.broker.partition(topic, partition))
    const records = inputs.reduce((sum, { archive }) => sum + archive.length, 0)
    return { seed, faults: judge(world), crashes, records }
  } catch (error) {
    // A core that was given what it never should be is a fault like any other.
    return { seed, faults: [`the history broke off: ${String(error)}`], crashes: 0, records: 0 }
  }
}

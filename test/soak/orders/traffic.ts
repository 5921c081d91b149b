// Many accounts at once, each one thing at a time, while processes of the market are killed or restarted one by one.

import { setTimeout as sleep } from 'node:timers/promises'
import type { SplitMarket } from '../../support/split-market.ts'
import type { Desk, Told } from './desk.ts'
import type { Blow } from './plan.ts'
import { Recoveries, type Recovery } from './recoveries.ts'

export type TrafficOptions = {
  readonly market: SplitMarket
  readonly desks: readonly Desk[]
  readonly commands: number
  /** How many are on their way at most. */
  readonly atOnce: number
  readonly blows: readonly Blow[]
  readonly instruments: readonly string[]
  readonly say: (line: string) => void
  readonly signal: AbortSignal
}

export type Traffic = {
  readonly told: readonly Told[]
  readonly recoveries: readonly Recovery[]
  readonly seconds: number
}

const lookMs = 5
const lineMs = 10_000

export async function runTraffic (options: TrafficOptions): Promise<Traffic> {
  const { market, desks, commands, atOnce, say, signal, instruments } = options
  const told: Told[] = []
  const recoveries = new Recoveries(instruments, market.gatewayUrls.length)
  const idle = [...desks]
  let begun = 0
  const began = performance.now()
  const work = async (): Promise<void> => {
    while (begun < commands) {
      signal.throwIfAborted()
      begun++
      const desk = idle.shift()!
      const each = await desk.next()
      idle.push(desk)
      told.push(each)
      recoveries.hear(each)
    }
  }
  const saying = setInterval(() => { say(`${told.length} commands answered`) }, lineMs)
  try {
    const working = Promise.all(Array.from({ length: Math.min(atOnce, desks.length) }, work))
    const blows = strike(options, { recoveries, answered: () => told.length })
    await Promise.all([working, blows])
  } finally {
    clearInterval(saying)
  }
  return { told, recoveries: recoveries.all, seconds: (performance.now() - began) / 1000 }
}

type Progress = { readonly recoveries: Recoveries, readonly answered: () => number }

/** One after the other: the next only once the one before is live again. */
async function strike (
  { blows, market, say, signal }: TrafficOptions, { recoveries, answered }: Progress
): Promise<void> {
  for (const blow of blows) {
    while (answered() < blow.at) await sleep(lookMs, undefined, { signal })
    const over = recoveries.begin(blow)
    if (blow.how === 'kill') await market.supervisor.kill(blow.process)
    else await market.restart(blow.process)
    over()
    const { process, how, at, againMs } = recoveries.all.at(-1)!
    say(`${process} ${how === 'kill' ? 'killed' : 'restarted'} at command ${at}: live again after ${againMs.toFixed(0)} ms`)
  }
}

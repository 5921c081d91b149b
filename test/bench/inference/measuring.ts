// Measures arms in turns: how many a second, what one costs, how long one takes.

import { ProcessorTime } from '../processor-time.ts'
import { quantile } from '../paced.ts'
import { median } from '../row.ts'
import type { Arm, Load } from './arms.ts'
import type { Kind } from './asked.ts'
import type { Pace } from './load-job.ts'

/** Medians of the rounds. */
export type Rate = { readonly aSecond: number, readonly cpuUs: number }
/** Milliseconds, of all turns together. */
export type Times = { readonly p50: number, readonly p99: number, readonly count: number }

export type Measuring = {
  readonly load: Load
  readonly isSmall: boolean
  readonly progress: (line: string) => void
  /** What the upstream answers. */
  readonly says: (kind: Kind, firstTokenMs?: number) => Promise<readonly string[]>
  /** Requests of ours that were answered. */
  billed: number
}

/** A closed run's: tokens that come one by one take long, and more of them are under way. */
const connections: Readonly<Record<Kind, number>> = { json: 32, sse: 32, paced: 48 }

async function closed (m: Measuring, arm: Arm, { kind, ms }: { kind: Kind, ms: number }): Promise<Rate> {
  const pace: Pace = { kind: 'closed', connections: connections[kind], ms }
  const job = arm.job({ kind, pace, says: await m.says(kind) })
  const time = new ProcessorTime(new Map(arm.pid === null ? [] : [['tested', arm.pid]]))
  const { requests, seconds } = await m.load.run(arm.name, job)
  const used = time.shares().find(({ name }) => name === 'tested')?.seconds ?? 0
  if (arm.isBilled) m.billed += requests
  return { aSecond: requests / seconds, cpuUs: used * 1e6 / requests }
}

/** By the names of the arms. The first, long turn of each warms its code, and is not kept. */
export async function rates (m: Measuring, arms: readonly Arm[], kind: Kind): Promise<ReadonlyMap<string, Rate>> {
  const ms = m.isSmall ? 300 : 4000
  const taken = new Map<string, Rate[]>(arms.map(({ name }) => [name, []]))
  if (!m.isSmall) for (const arm of arms) await closed(m, arm, { kind, ms: 3 * ms })
  for (let round = 0; round < (m.isSmall ? 1 : 3); round++) {
    for (const arm of arms) {
      const rate = await closed(m, arm, { kind, ms })
      taken.get(arm.name)!.push(rate)
      m.progress(`${kind} ${arm.name}: ${Math.round(rate.aSecond)}/s, ${Math.round(rate.cpuUs)} µs`)
    }
  }
  return new Map(Array.from(taken, ([name, all]) =>
    [name, { aSecond: median(all.map(({ aSecond }) => aSecond)), cpuUs: median(all.map(({ cpuUs }) => cpuUs)) }]))
}

export type Steady = { readonly aSecond: number, readonly seconds: number, readonly firstTokenMs?: number }

/** At a steady rate, from when each was sent: to the first byte of a stream, or to the last of what is sent whole. */
export async function times (
  m: Measuring, arms: readonly Arm[], { kind, aSecond, seconds, ...asked }: Steady & { kind: Kind }
): Promise<ReadonlyMap<string, Times>> {
  const taken = new Map<string, number[]>(arms.map(({ name }) => [name, []]))
  const says = await m.says(kind, asked.firstTokenMs)
  const pace: Pace = { kind: 'open', aSecond, count: Math.ceil(aSecond * (m.isSmall ? 1 : seconds)) }
  for (let turn = 0; turn < (m.isSmall ? 1 : 4); turn++) {
    for (const arm of arms) {
      const { requests, firstMs, wholeMs } = await m.load.run(arm.name, arm.job({ kind, pace, says, ...asked }))
      if (arm.isBilled) m.billed += requests
      taken.get(arm.name)!.push(...(kind === 'json' ? wholeMs : firstMs))
    }
  }
  return new Map(Array.from(taken, ([name, all]) => {
    const found = { p50: quantile(all, 0.5), p99: quantile(all, 0.99), count: all.length }
    const inWords = [found.p50, found.p99].map(ms => ms.toFixed(2)).join(', p99 ')
    m.progress(`${kind} ${name}: p50 ${inWords} ms at ${Math.round(aSecond)}/s`)
    return [name, found]
  }))
}

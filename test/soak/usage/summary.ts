// What a trace came to while processes were killed, for a person and for a program.

import { usageJson, usageText } from '../../../pipelines/replay/usage-text.ts'
import { spreadOf, type Spread } from '../summary.ts'
import { struck } from './plan.ts'
import type { UsageSoak } from './soak.ts'

const spreadsOf = ({ recoveries }: UsageSoak): [string, Spread][] => struck.map(process =>
  [process, spreadOf(recoveries.filter(recovery => recovery.process === process).map(({ againMs }) => againMs))])

export function usageSoakText (soak: UsageSoak): string {
  const kills = spreadsOf(soak).map(([process, { count, medianMs, maxMs }]) =>
    `${`${process} killed → live again`.padEnd(46)} ${String(count).padStart(3)} times, median ${medianMs} ms, max ${maxMs} ms`)
  return [...kills, usageText(soak.outcome)].join('\n')
}

export function usageSoakJson (soak: UsageSoak): Record<string, unknown> {
  const { recoveries, outcome } = soak
  const told = JSON.parse(usageJson(outcome)) as Record<string, unknown>
  return { ...told, kills: recoveries.length, recoveryMs: Object.fromEntries(spreadsOf(soak)) }
}

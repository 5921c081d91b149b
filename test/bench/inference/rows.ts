// What was measured as lines of the table, each goal beside what it is about.

import type { BenchRow } from '../row.ts'
import type { Kind } from './asked.ts'
import type { Rate, Times } from './measuring.ts'

type Line = {
  readonly name: string
  readonly unit: string
  readonly value: number
  readonly beside: string
  readonly besideValue: number
  /** Higher is better. */
  readonly ratio: number
  readonly goal: number | null
}

export type Told = { readonly conditions: string, readonly isSmall: boolean }

/** A hundredth of what is measured is as good as nothing, and something can be divided by it. */
const rounded = (value: number): number => Math.max(0.01, Number(value.toFixed(2)))

export function row ({ value, besideValue, ratio, goal, ...names }: Line, { conditions, isSmall }: Told): BenchRow {
  const figures = { value: rounded(value), besideValue: rounded(besideValue), ratio: Number(ratio.toFixed(2)) }
  const counts = isSmall ? null : goal
  return { ...names, ...figures, goal: counts, ok: counts === null || ratio >= counts, conditions }
}

const words: Readonly<Record<Kind, string>> = { json: 'JSON', sse: 'SSE', paced: 'SSE token by token' }

/** Goals of processor time, by ours and what is beside it. */
const goals: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  direct: { Portkey: 3 },
  redirect: { Portkey: 2, LiteLLM: 10 }
}

/** What is said of all of them is said once. */
const saidOnce = ([first, ...others]: readonly BenchRow[]): BenchRow[] =>
  first === undefined ? [] : [first, ...others.map(each => ({ ...each, conditions: 'as above' }))]

/** Ours beside each of the others. */
export function rateRows (kind: Kind, rates: ReadonlyMap<string, Rate>, told: Told): BenchRow[] {
  const all = Array.from(rates, ([name, { aSecond, cpuUs }]) => `${name} ${Math.round(aSecond)}/s ${Math.round(cpuUs)} µs`).join(', ')
  const more = { ...told, conditions: `${all}; ${told.conditions}` }
  return saidOnce(['direct', 'redirect'].flatMap(name => ['bare proxy', 'Portkey', 'LiteLLM'].flatMap(beside => {
    const [ours, theirs] = [rates.get(name), rates.get(beside)]
    if (ours === undefined || theirs === undefined) return []
    return [row({
      name: `${name}, ${words[kind]}, processor time`,
      unit: 'µs a request',
      value: ours.cpuUs,
      beside,
      besideValue: theirs.cpuUs,
      ratio: theirs.cpuUs / Math.max(0.01, ours.cpuUs),
      goal: goals[name]?.[beside] ?? null
    }, more)]
  })))
}

/** What is added to the upstream alone. */
export function addedRows (kind: Kind, times: ReadonlyMap<string, Times>, told: Told): BenchRow[] {
  const alone = times.get('upstream alone')!
  const all = Array.from(times, ([name, { p50, p99 }]) => `${name} ${p50.toFixed(2)} / ${p99.toFixed(2)}`).join(', ')
  const more = { ...told, conditions: `p50 / p99 in ms: ${all}; ${alone.count} each; ${told.conditions}` }
  return saidOnce((['p50', 'p99'] as const).flatMap(share => ['direct', 'redirect'].flatMap(name => ['bare proxy', 'Portkey'].flatMap(beside => {
    const [ours, theirs] = [times.get(name), times.get(beside)]
    if (ours === undefined || theirs === undefined) return []
    const [value, besideValue] = [rounded(ours[share] - alone[share]), rounded(theirs[share] - alone[share])]
    return [row({
      name: `${name}, ${words[kind]}, added ${share}`,
      unit: 'ms',
      value,
      beside,
      besideValue,
      ratio: besideValue / value,
      goal: name === 'direct' && beside === 'Portkey' ? 1 : null
    }, more)]
  }))))
}

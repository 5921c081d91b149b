// What is done to which process, and after how many answers.

import type { Random } from '../random.ts'

export type Blow = {
  /** Commands answered. */
  readonly at: number
  readonly process: string
  /** `kill`: as a power cut would. `restart`: asked to end, as before a new release. */
  readonly how: 'kill' | 'restart'
}

/** Commands answered, between which it happens. */
type Stretch = { readonly processes: readonly string[], readonly from: number, readonly until: number }

/** Kills of processes that are drawn, each of them once before any is drawn twice. */
export function killsOf (
  { processes, from, until, kills, random }: Stretch & { readonly kills: number, readonly random: Random }
): Blow[] {
  const left: string[] = []
  return Array.from({ length: kills }, (_, index) => {
    if (left.length === 0) left.push(...processes)
    const [process] = left.splice(Math.floor(random.next() * left.length), 1)
    const at = Math.floor(from + (until - from) * (index + random.next()) / kills)
    return { at, process: process!, how: 'kill' as const }
  })
}

/** Every process once, one after the other. */
export function rollingRestart ({ processes, from, until }: Stretch): Blow[] {
  const at = (index: number): number => Math.floor(from + (until - from) * index / processes.length)
  return processes.map((process, index) => ({ at: at(index), process, how: 'restart' }))
}

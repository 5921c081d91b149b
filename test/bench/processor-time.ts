// The processor time of processes, as the kernel counts it: who does the work of a market.

import { readFileSync } from 'node:fs'

const ticksASecond = 100

/** Of a process and all its threads, in seconds; 0 where it can't be read. */
function secondsOf (pid: number): number {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The fields follow the program's name, which may hold spaces and ends with the last bracket.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / ticksASecond
  } catch {
    return 0
  }
}

/** Of the whole machine, idle time left out. */
function machineSeconds (): number {
  try {
    const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] =
      readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]!.split(/\s+/).map(Number)
    return (user + nice + system + irq + softirq) / ticksASecond
  } catch {
    return 0
  }
}

export type Share = { readonly name: string, readonly seconds: number }

export class ProcessorTime {
  readonly #pids: ReadonlyMap<string, number>
  readonly #before: ReadonlyMap<string, number>
  readonly #machineBefore = machineSeconds()

  constructor (pids: ReadonlyMap<string, number>) {
    this.#pids = pids
    this.#before = new Map(Array.from(pids, ([name, pid]): [string, number] => [name, secondsOf(pid)]))
  }

  /** Since it was made; what is left of the machine's are the servers and whatever else runs. */
  shares (): Share[] {
    const own = Array.from(this.#pids, ([name, pid]): Share =>
      ({ name, seconds: secondsOf(pid) - (this.#before.get(name) ?? 0) }))
    const rest = machineSeconds() - this.#machineBefore - own.reduce((sum, { seconds }) => sum + seconds, 0)
    return [...own, { name: 'servers and the rest', seconds: Math.max(0, rest) }]
  }
}

/** Of each order, in microseconds. */
export const perOrder = (shares: readonly Share[], orders: number): string =>
  shares.map(({ name, seconds }) => `${name} ${Math.round(seconds * 1_000_000 / orders)}`).join(', ')

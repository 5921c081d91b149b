// Which core is whose: the gateway under test has one to itself, and everything else of this run has the others.

import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

export type Cores = { readonly tested: string, readonly rest: string }

/** As the kernel lists them: 0-1,3. */
function allowed (): number[] {
  try {
    const [, list = ''] = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
    return list.split(',').filter(part => part !== '').flatMap(part => {
      const [first = 0, last = first] = part.split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, index) => first + index)
    })
  } catch {
    return []
  }
}

/** Null where there is one core only, or nothing to pin with: then everybody shares what there is. */
export function coresOf (): Cores | null {
  const [tested, ...rest] = allowed().reverse()
  if (tested === undefined || rest.length === 0 || spawnSync('taskset', ['--version']).status !== 0) return null
  return { tested: String(tested), rest: rest.join(',') }
}

/** All threads of a process; those that it starts later stay where these are. */
export function pin (pid: number, cores: string): void {
  const { status, stderr } = spawnSync('taskset', ['-a', '-c', '-p', cores, String(pid)], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${pid} could not be pinned: ${stderr}`)
}

function parentOf (pid: number): number | null {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(line.slice(line.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return null // It has ended.
  }
}

/** This process and all that it has started, servers of its own included. */
export function family (): number[] {
  const parents = new Map(readdirSync('/proc').filter(name => /^\d+$/.test(name)).map(name => [Number(name), parentOf(Number(name))]))
  const isOurs = (pid: number | null): boolean =>
    pid !== null && pid > 0 && (pid === process.pid || isOurs(parents.get(pid) ?? null))
  return [...parents.keys()].filter(isOurs)
}

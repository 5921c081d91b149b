// What a test needs to know of processes that it did not start itself.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export type Process = { pid: number, parent: number, state: string, command: string }

/** All processes that run. One that has ended and waits to be collected (a zombie) runs no more. */
export async function running (): Promise<Process[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,state=,args='], { maxBuffer: 64 * 1024 * 1024 })
  return stdout.trim().split('\n').flatMap(line => {
    const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s*(.*)$/.exec(line) ?? []
    if (pid === undefined || state === undefined || state.startsWith('Z')) return []
    return [{ pid: Number(pid), parent: Number(parent), state, command: command ?? '' }]
  })
}

/** A process's children and theirs. */
export async function descendants (pid: number): Promise<Process[]> {
  const all = await running()
  const childrenOf = (parent: number) => all.filter(process => process.parent === parent)
  const below = (parent: number): Process[] => childrenOf(parent).flatMap(child => [child, ...below(child.pid)])
  return below(pid)
}

/** Those of the given processes that still run. An id that now belongs to another command does not count. */
export async function stillRunning (processes: readonly Process[]): Promise<Process[]> {
  const now = await running()
  return processes.filter(({ pid, command }) => now.some(other => other.pid === pid && other.command === command))
}

// One owner a folder: a file with the owner's process id, and when that process started where the system tells, because
// ids are given again (in a container the first process always has the same one).

import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Those of this process: its own id in a lock says nothing of whether it is this run that holds it. */
const held = new Set<string>()

function codeOf (error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/** When a process started, in the system's own unit; empty where the system doesn't tell or there is none. */
function startOf (pid: number): string {
  try {
    // Behind the name of the program, which is in parentheses and may have any character in it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\)/s, '').trim().split(' ')
    return fields[19] ?? ''
  } catch {
    return ''
  }
}

function isAlive (pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

/** Whether somebody lives who wrote this. */
function isOwned (content: string): boolean {
  const [pid, start = ''] = content.trim().split(' ')
  if (!/^\d+$/.test(pid!) || Number(pid) === process.pid) return false
  return isAlive(Number(pid)) && (start === '' || startOf(Number(pid)) === start)
}

/** False where another lock is there. */
function writes (path: string): boolean {
  try {
    writeFileSync(path, `${process.pid} ${startOf(process.pid)}\n`, { flag: 'wx' })
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** Puts a stale lock aside. It may be another's by now, who was faster: then it is put back. */
function clear (path: string, stale: string): void {
  const aside = `${path}.${process.pid}`
  try {
    renameSync(path, aside)
    if (readFileSync(aside, 'latin1') !== stale) linkSync(aside, path)
    unlinkSync(aside)
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes(codeOf(error))) throw error
  }
}

/** Takes the folder for this process; the function that gives it back. Throws where somebody has it. */
export function lock (folder: string): () => void {
  const path = join(folder, 'lock')
  const refuse = (who: string): never => { throw new Error(`The spool ${folder} is in use by ${who}.`) }
  if (held.has(path)) refuse('this process')
  for (let attempt = 0; !writes(path); attempt += 1) {
    let content = ''
    try {
      content = readFileSync(path, 'latin1')
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
      continue
    }
    if (isOwned(content) || attempt === 3) refuse(`process ${content.trim().split(' ')[0]}`)
    clear(path, content)
  }
  held.add(path)
  return () => {
    if (held.delete(path)) unlinkSync(path)
  }
}

// One holder at a time for a directory: a file that names the process that holds it.
//
// A holder that was killed leaves its file behind. It is stale once no process has its id and its start time. The start
// time, where the kernel tells it, keeps a later process with the same id from being taken for the holder.

import { link, mkdir, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export type Lock = { release (): Promise<void> }
export type Holder = { heldBy: number }

const heldHere = new Set<string>()

/** The lock, or who holds it. */
export async function tryLock (file: string): Promise<Lock | Holder> {
  if (heldHere.has(file)) return { heldBy: process.pid }
  heldHere.add(file)
  let outcome: Lock | Holder | undefined
  try {
    outcome = await claim(file)
    return outcome
  } finally {
    if (outcome === undefined || 'heldBy' in outcome) heldHere.delete(file)
  }
}

async function claim (file: string): Promise<Lock | Holder> {
  await mkdir(dirname(file), { recursive: true })
  const mine = `${process.pid} ${await startTime(process.pid)}`
  const written = `${file}.${process.pid}`
  await writeFile(written, mine)
  try {
    for (;;) {
      // A link, unlike a write, either makes the whole file or fails.
      if (await succeeds(link(written, file), 'EEXIST')) return { release: async () => await release(file) }
      const theirs = await readFile(file, 'utf8').catch(() => '')
      const [pid, started] = theirs.split(' ')
      const isHeld = theirs !== mine && started !== undefined && started === await startTime(Number(pid))
      if (isHeld) return { heldBy: Number(pid) }
      await removeStale(file, theirs)
    }
  } finally {
    await rm(written, { force: true })
  }
}

type Wait = { waiting: (pid: number) => void, signal?: AbortSignal | undefined }

/** Waits for the lock for as long as it takes; says once that it waits, and for whom. */
export async function waitForLock (file: string, { waiting, signal }: Wait): Promise<Lock> {
  for (let tries = 0; ; tries++) {
    const outcome = await tryLock(file)
    if ('release' in outcome) return outcome
    if (tries === 0) waiting(outcome.heldBy)
    await sleep(200, undefined, { signal })
  }
}

async function release (file: string): Promise<void> {
  await rm(file, { force: true })
  heldHere.delete(file)
}

/**
 * Many may find the same stale file. Who removes it does so alone and looks again first: a dead holder's file stays as
 * it is until then, so nobody's new one is taken for it.
 */
async function removeStale (file: string, content: string): Promise<void> {
  const alone = `${file}.removal`
  if (!await succeeds(mkdir(alone), 'EEXIST')) {
    await removeAbandoned(alone)
    return
  }
  try {
    if (await readFile(file, 'utf8').catch(() => undefined) === content) await rm(file, { force: true })
  } finally {
    await rmdir(alone)
  }
}

/** Removing takes a moment. What lasts longer was left by a process that was killed in that moment. */
async function removeAbandoned (alone: string): Promise<void> {
  await sleep(20)
  const madeAt = (await stat(alone).catch(() => undefined))?.mtimeMs ?? Date.now()
  if (Date.now() - madeAt > 5000) await rm(alone, { recursive: true, force: true })
}

async function succeeds (attempt: Promise<void>, expected: string): Promise<boolean> {
  try {
    await attempt
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === expected) return false
    throw error
  }
}

/** When a process was started, as the kernel counts; `running` where it does not tell; `none` when there is none. */
async function startTime (pid: number): Promise<string> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return 'none'
  }
  try {
    // The fields follow the program's name, which may hold spaces and ends with the last bracket.
    const line = await readFile(`/proc/${pid}/stat`, 'utf8')
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
    const [state] = fields
    return state === 'Z' ? 'none' : fields[19] ?? 'running' // A zombie has ended and only waits to be collected.
  } catch {
    return 'running'
  }
}

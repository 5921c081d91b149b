// Entries on disk until they are acknowledged. Everything is synchronous: what `append` has returned is with the
// operating system, and no other entry comes between its bytes.

import { fsyncSync, closeSync, mkdirSync, openSync, readdirSync, unlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { recordLine, type Damage } from './lines.ts'
import { lock } from './lock.ts'
import { Segment, type SpoolEntry } from './segment.ts'

export type { Damage } from './lines.ts'
export type { SpoolEntry } from './segment.ts'

export type SpoolOptions = {
  /** A new file is begun beyond it. */
  readonly segmentBytes?: number
  /** Of all files together; beyond it nothing more is taken. */
  readonly bytesMax?: number
  /** Whether entries survive a loss of power, and not only the end of the process. */
  readonly isSynced?: boolean
  /** What an earlier process left and can't be read. */
  readonly damaged?: (damage: Damage) => void
}

export class SpoolFull extends Error {
  constructor (folder: string, bytesMax: number) {
    super(`The spool ${folder} is full: ${bytesMax} bytes wait to be acknowledged.`)
    this.name = 'SpoolFull'
  }
}

export type Spool = {
  /** Throws `SpoolFull`, or what the disk throws; then nothing of it is kept. */
  append (bytes: Buffer): SpoolEntry
  /** Entries that are not pending are passed over. */
  acknowledge (...entries: readonly SpoolEntry[]): void
  /** In the order in which they were appended. */
  pending (): SpoolEntry[]
  /** On disk, acknowledged entries that share a file with pending ones included. */
  readonly bytes: number
  close (): void
}

const nameOf = (sequence: number): string => String(sequence).padStart(12, '0')
const namePattern = /^(\d{12})\.(log|done)$/

/** What is there, oldest first; acknowledgements whose records are gone are removed. */
function segmentsIn (folder: string, damaged: (damage: Damage) => void): Segment[] {
  const names = readdirSync(folder).sort()
  for (const name of names) {
    const [, number, kind] = namePattern.exec(name) ?? []
    if (kind === 'done' && !names.includes(`${number}.log`)) unlinkSync(join(folder, name))
  }
  return names.filter(name => name.endsWith('.log') && namePattern.test(name)).map(name => {
    const segment = new Segment(join(folder, name.slice(0, -'.log'.length)))
    segment.read().forEach(damaged)
    return segment
  })
}

/** A file's name is kept by its folder, which has to be flushed too. */
function syncFolder (folder: string): void {
  const file = openSync(folder, 'r')
  fsyncSync(file)
  closeSync(file)
}

class FolderSpool implements Spool {
  readonly #folder: string
  readonly #options: Required<SpoolOptions>
  readonly #unlock: () => void
  #segments: Segment[]
  /** What is appended to; none until there is something to append, so that what was left is never written to. */
  #active: Segment | null = null
  #sequence: number
  #isClosed = false

  constructor (folder: string, options: Required<SpoolOptions>) {
    this.#folder = folder
    this.#options = options
    this.#unlock = lock(folder)
    this.#segments = segmentsIn(folder, options.damaged)
    this.#sequence = Math.max(0, ...this.#segments.map(({ sequenceMax }) => sequenceMax))
    this.#removeDone()
  }

  get bytes (): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  append (bytes: Buffer): SpoolEntry {
    if (this.#isClosed) throw new Error(`The spool ${this.#folder} is closed.`)
    const { bytesMax, isSynced } = this.#options
    const entry = { sequence: this.#sequence + 1, bytes }
    const line = recordLine(entry.sequence, bytes)
    if (this.bytes + line.length > bytesMax) this.#removeDone(null)
    if (this.bytes + line.length > bytesMax) throw new SpoolFull(this.#folder, bytesMax)
    const segment = this.#activeFor(line.length, entry.sequence)
    try {
      segment.append(entry, line, isSynced)
    } catch (error) {
      // Nothing is appended behind what may be half a line.
      this.#active = null
      throw error
    }
    this.#sequence = entry.sequence
    return entry
  }

  #activeFor (bytes: number, sequence: number): Segment {
    const { segmentBytes, isSynced } = this.#options
    if (this.#active !== null && this.#active.bytes + bytes <= segmentBytes) return this.#active
    this.#removeDone(null)
    this.#active = new Segment(join(this.#folder, nameOf(sequence)))
    this.#segments.push(this.#active)
    if (isSynced) syncFolder(this.#folder)
    return this.#active
  }

  acknowledge (...entries: readonly SpoolEntry[]): void {
    if (this.#isClosed) throw new Error(`The spool ${this.#folder} is closed.`)
    const sequences = entries.map(({ sequence }) => sequence)
    for (const segment of this.#segments) {
      const here = sequences.filter(sequence => segment.has(sequence))
      if (here.length > 0) segment.acknowledge(here)
    }
    this.#removeDone()
  }

  /** The active one stays while there is room in it: a file for each entry would be made and removed otherwise. */
  #removeDone (kept: Segment | null = this.#active): void {
    this.#segments = this.#segments.filter(segment => {
      if (!segment.isDone || segment === kept) return true
      segment.remove()
      if (segment === this.#active) this.#active = null
      return false
    })
  }

  pending (): SpoolEntry[] {
    return this.#segments.flatMap(segment => [...segment.pending()])
  }

  close (): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const segment of this.#segments) if (segment.isDone) segment.remove(); else segment.close()
    this.#unlock()
  }
}

const noteNothing = (): void => { /* Nobody wants to know. */ }

/** Takes the folder, made where it is missing, and what an earlier process left in it. */
export function openSpool (folder: string, options: SpoolOptions = {}): Spool {
  const { segmentBytes = 2 ** 20, bytesMax = 2 ** 28, isSynced = false, damaged = noteNothing } = options
  const path = resolve(folder)
  mkdirSync(path, { recursive: true })
  return new FolderSpool(path, { segmentBytes, bytesMax, isSynced, damaged })
}

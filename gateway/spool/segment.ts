// A part of a spool on disk: the records that were appended to it, and beside them which of those are acknowledged.

import {
  closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, truncateSync, unlinkSync, writeFileSync
} from 'node:fs'
import { acknowledgementLine, readLines, type Damage, type Line } from './lines.ts'

export type SpoolEntry = {
  /** Rises with every entry; unique within a folder for as long as it is pending. */
  readonly sequence: number
  readonly bytes: Buffer
}

/** What is read of a file, its torn end cut off so that what is appended next starts a line of its own. */
function readFile (path: string): { lines: readonly Line[], bytes: number, damages: readonly Damage[] } {
  if (!existsSync(path)) return { lines: [], bytes: 0, damages: [] }
  const content = readFileSync(path)
  const read = readLines(path, content)
  if (read.bytes < content.length) truncateSync(path, read.bytes)
  return read
}

export class Segment {
  readonly #path: string
  readonly #pending = new Map<number, SpoolEntry>()
  #bytes = 0
  #sequenceMax = 0
  #log: number | null = null
  #done: number | null = null

  constructor (path: string) {
    this.#path = path
  }

  /** What an earlier process left; what of it can't be read is told. */
  read (): readonly Damage[] {
    const log = readFile(`${this.#path}.log`)
    const done = readFile(`${this.#path}.done`)
    for (const { sequence, bytes } of log.lines) {
      if (bytes === null) continue
      this.#pending.set(sequence, { sequence, bytes })
      this.#sequenceMax = Math.max(this.#sequenceMax, sequence)
    }
    for (const { sequence } of done.lines) this.#pending.delete(sequence)
    this.#bytes = log.bytes
    return [...log.damages, ...done.damages]
  }

  /** Of the records alone: acknowledgements are a small part of them. */
  get bytes (): number {
    return this.#bytes
  }

  get sequenceMax (): number {
    return this.#sequenceMax
  }

  get isDone (): boolean {
    return this.#pending.size === 0
  }

  pending (): IterableIterator<SpoolEntry> {
    return this.#pending.values()
  }

  has (sequence: number): boolean {
    return this.#pending.has(sequence)
  }

  /** All of the line or nothing of it: a disk that is full must not leave half a line in front of the next. */
  append (entry: SpoolEntry, line: Buffer, isSynced: boolean): void {
    this.#log ??= openSync(`${this.#path}.log`, 'a')
    try {
      writeFileSync(this.#log, line)
      if (isSynced) fsyncSync(this.#log)
    } catch (error) {
      ftruncateSync(this.#log, this.#bytes)
      throw error
    }
    this.#bytes += line.length
    this.#sequenceMax = entry.sequence
    this.#pending.set(entry.sequence, entry)
  }

  acknowledge (sequences: readonly number[]): void {
    this.#done ??= openSync(`${this.#path}.done`, 'a')
    writeFileSync(this.#done, Buffer.concat(sequences.map(acknowledgementLine)))
    for (const sequence of sequences) this.#pending.delete(sequence)
  }

  close (): void {
    for (const file of [this.#log, this.#done]) if (file !== null) closeSync(file)
    this.#log = null
    this.#done = null
  }

  /** The records first: acknowledgements without records mean nothing, records without those are sent again. */
  remove (): void {
    this.close()
    for (const path of [`${this.#path}.log`, `${this.#path}.done`]) if (existsSync(path)) unlinkSync(path)
  }
}

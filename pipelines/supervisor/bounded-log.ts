// A child's log: what it writes goes through the launcher, so that the file's size is known and the file changed while
// the child runs.

import { closeSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

const bytesMax = 4_000_000
const linesKept = 15

export class BoundedLog {
  readonly path: string
  readonly #bytesMax: number
  #file: number | undefined
  #size = 0
  #last: string[] = []
  #rest = ''

  constructor (path: string, bytesMaximum = bytesMax) {
    this.path = path
    this.#bytesMax = bytesMaximum
    mkdirSync(dirname(path), { recursive: true })
  }

  write (chunk: Buffer): void {
    try {
      if (this.#file === undefined || this.#size > this.#bytesMax) this.#begin()
      this.#size += writeSync(this.#file!, chunk)
    } catch {
      // A full disk costs log lines, and must not cost the market.
    }
    const lines = (this.#rest + chunk.toString('utf8')).split('\n')
    this.#rest = lines.pop()!
    this.#last = [...this.#last, ...lines].slice(-linesKept)
  }

  /** Sets what is there aside, as `<path>.1`. */
  #begin (): void {
    this.close()
    try {
      renameSync(this.path, `${this.path}.1`)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
    this.#file = openSync(this.path, 'a')
    this.#size = 0
  }

  /** The last lines, for a person. */
  get lastLines (): readonly string[] {
    return this.#rest === '' ? this.#last : [...this.#last, this.#rest]
  }

  close (): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }
}

// What a sink fills between two inserts: a block for each of its tables. They are cleared together, once all of them
// are stored.

import { Block, type Table } from '../../analytics/tables.ts'
import type { SinkKind } from './fold.ts'

export class Blocks {
  readonly #all: readonly Block<unknown>[]

  constructor (kinds: readonly SinkKind<never>[]) {
    this.#all = kinds.map(({ table }) => new Block(table as Table<unknown>))
  }

  /** By the place of the kind that fills it. */
  at (index: number): Block<unknown> {
    return this.#all[index]!
  }

  /** Those with anything in them. */
  get filled (): readonly Block<unknown>[] {
    return this.#all.filter(({ rows }) => rows > 0)
  }

  get rows (): number {
    let rows = 0
    for (const block of this.#all) rows += block.rows
    return rows
  }

  clear (): void {
    for (const block of this.#all) block.clear()
  }
}

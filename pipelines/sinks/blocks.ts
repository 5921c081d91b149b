// What a sink fills between two inserts: a block for each of its tables. They are cleared together, once all of them
// are stored.

import { Block, type Table } from '../../analytics/tables.ts'

export class Blocks {
  readonly #byKind: ReadonlyMap<string, Block<unknown>>
  readonly #all: readonly Block<unknown>[]

  /** By the kind of record that each table is made of. */
  constructor (tables: readonly { readonly kind: string, readonly table: Table<never> }[]) {
    this.#byKind = new Map(tables.map(({ kind, table }) => [kind, new Block(table as Table<unknown>)]))
    this.#all = [...this.#byKind.values()]
  }

  of (kind: string): Block<unknown> {
    return this.#byKind.get(kind)!
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

// Pages by keyset: a cursor names the row where a page ended, so that rows which arrive meanwhile move nothing.

import { createHash } from 'node:crypto'

export type Paging = {
  readonly next_cursor: string | null
  readonly prev_cursor: string | null
  /** Whether rows follow: true exactly when there is a next cursor. */
  readonly has_more: boolean
}

export type Page<Row> = { readonly rows: readonly Row[], readonly paging: Paging }

/** Where a page begins. Null: at the beginning, or for `tail` so that it ends at the end. */
export type Place<Key> =
  | { readonly way: 'first' | 'tail' }
  | { readonly way: 'next' | 'prev', readonly key: Key }

/** Whether rows are to be fetched against the order asked for; they are turned round afterwards. */
export const isFetchedBackwards = <Key>({ way }: Place<Key>): boolean => way === 'prev' || way === 'tail'

/**
 * Makes a page of rows fetched beyond the place, one more than `limit` if there are so many: the one too many tells
 * that there are others.
 */
export function pageOf<Row, Key> (fetched: readonly Row[], limit: number, asked: {
  readonly place: Place<Key>
  readonly cursorOf: (row: Row) => string
}): Page<Row> {
  const { place, cursorOf } = asked
  const hasOthers = fetched.length > limit
  const kept = fetched.slice(0, limit)
  const isBackwards = isFetchedBackwards(place)
  const rows = isBackwards ? kept.toReversed() : kept
  const hasNext = isBackwards ? place.way === 'prev' : hasOthers
  const hasPrevious = isBackwards ? hasOthers : place.way === 'next'
  const [first, last] = [rows.at(0), rows.at(-1)]
  const next = hasNext && last !== undefined ? cursorOf(last) : null
  const previous = hasPrevious && first !== undefined ? cursorOf(first) : null
  return { rows, paging: { next_cursor: next, prev_cursor: previous, has_more: next !== null } }
}

/** Short, and different for queries that differ: a cursor of one list must not be used on another. */
export const queryMark = (query: unknown): string =>
  createHash('sha256').update(JSON.stringify(query)).digest('base64url').slice(0, 8)

export const writeCursor = (mark: string, key: unknown): string =>
  Buffer.from(JSON.stringify({ q: mark, k: key })).toString('base64url')

/** The key in a cursor, still to be checked, or undefined when it is no cursor of the query with this mark. */
export function readCursor (mark: string, cursor: string): unknown {
  try {
    const content: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (typeof content !== 'object' || content === null || !('q' in content) || !('k' in content)) return undefined
    return content.q === mark ? content.k : undefined
  } catch {
    return undefined // Not JSON: it was never one of ours.
  }
}

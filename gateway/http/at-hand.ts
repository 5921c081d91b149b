// Lists that are in memory whole, such as the instruments: filtered, ordered and paged here rather than by a query.

import { z } from 'zod'
import type { AskedList, Field } from './listing.ts'
import { isFetchedBackwards, pageOf, writeCursor, type Place } from './paging.ts'

/** What an entry is filtered and ordered by, as text, beside what is shown of it. */
export type Entry = {
  /** Where it stands among the others; orders what is otherwise equal. */
  readonly index: number
  readonly fields: Readonly<Record<string, string>>
  readonly row: object
}

/** The value ordered by, and the entry's index. */
export type EntryKey = readonly [string, number]
export const entryKey: z.ZodType<EntryKey> = z.tuple([z.string(), z.number().int()])

type Asked = AskedList<Readonly<Record<string, Field & { readonly schema: z.ZodType<string, string> }>>, EntryKey>

const compare = ([a, i]: EntryKey, [b, j]: EntryKey): number => a < b ? -1 : a > b ? 1 : i - j

/** The page counts that older clients read. */
const meta = (total: number, page: number, size: number): object => ({
  current_offset: (page - 1) * size,
  current_page: page,
  page_size: size,
  total_count: total,
  total_pages: Math.ceil(total / size),
  has_next_page: page * size < total,
  has_previous_page: page > 1
})

export function listAtHand (entries: readonly Entry[], asked: Asked): object {
  const { conditions, orderBy, order, limit, mark, page } = asked
  const keyOf = ({ fields, index }: Entry): EntryKey => [fields[orderBy] ?? '', index]
  const found = entries
    .filter(({ fields }) => conditions.every(({ field, op, value }) => (fields[field] === value) === (op === '==')))
    .toSorted((a, b) => order === 'asc' ? compare(keyOf(a), keyOf(b)) : compare(keyOf(b), keyOf(a)))
  const place: Place<EntryKey> = page === null || page === 1
    ? asked.place
    : { way: 'next', key: ['', 0] } // Only says that rows come before it: the offset below finds the page.
  const ahead = isFetchedBackwards(place) ? found.toReversed() : found
  const start = page === null ? firstBeyond(ahead.map(keyOf), asked) : (page - 1) * limit
  const { rows, paging } = pageOf(ahead.slice(start, start + limit + 1), limit, {
    place, cursorOf: entry => writeCursor(mark, keyOf(entry))
  })
  const data = rows.map(({ row }) => row)
  return page === null ? { data, paging } : { data, paging, meta: meta(found.length, page, limit) }
}

/** Where the entries beyond the cursor begin, among keys in the order they are walked in. */
function firstBeyond (keys: readonly EntryKey[], { place, order }: Asked): number {
  if (!('key' in place)) return 0
  const isRising = (order === 'asc') === (place.way === 'next')
  const start = keys.findIndex(key => isRising ? compare(key, place.key) > 0 : compare(key, place.key) < 0)
  return start === -1 ? keys.length : start
}

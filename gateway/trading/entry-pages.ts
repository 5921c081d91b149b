// Pages of what is in the journal. An entry's sequence orders all that a holder's accounts went through, so a cursor is
// one number.

import { z } from 'zod'
import type { AskedList, Field, Fields, Listing } from '../http/listing.ts'
import { isFetchedBackwards, pageOf, writeCursor, type Page } from '../http/paging.ts'
import type { Direction } from '../ports.ts'
import { anInstant } from './parameters.ts'

export const since = { schema: anInstant, ops: ['==', '>='] } as const satisfies Field
export const until = { schema: anInstant, ops: ['==', '<='] } as const satisfies Field

type Names = readonly [string, ...string[]]

/** Newest first unless asked otherwise: the oldest fifty are what nobody asks for. */
export const entryListing = <F extends Fields>(fields: F, orderBy: Names): Listing<F, number> => ({
  fields,
  orderBy,
  order: 'desc',
  limit: { default: 50, max: 100 },
  key: z.int().min(0),
  hasPages: false
})

/** What is fetched for a page: one row more than it shows, so as to tell whether there are others. */
export type Window = { readonly beyond: number | null, readonly limit: number, readonly order: Direction }

export async function entryPage<Row extends { readonly entry: number }> (
  asked: Pick<AskedList<Fields, number>, 'place' | 'limit' | 'order' | 'mark'>,
  fetched: (window: Window) => Promise<readonly Row[]>
): Promise<Page<Row>> {
  const { place, limit, mark } = asked
  const opposite = asked.order === 'asc' ? 'desc' : 'asc'
  const order = isFetchedBackwards(place) ? opposite : asked.order
  const rows = await fetched({ beyond: 'key' in place ? place.key : null, limit: limit + 1, order })
  return pageOf(rows, limit, { place, cursorOf: row => writeCursor(mark, row.entry) })
}

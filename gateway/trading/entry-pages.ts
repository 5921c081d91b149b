// Pages of what analytics has of one holder's accounts. An entry's sequence orders all that they went through, so that
// a cursor of the journal is one number; what is added up from it has a key of its own.

import { z } from 'zod'
import type { AskedList, Field, Fields, Listing } from '../http/listing.ts'
import { isFetchedBackwards, pageOf, writeCursor, type Page } from '../http/paging.ts'
import type { Direction } from '../ports.ts'
import { anInstant } from './parameters.ts'

export const since = { schema: anInstant, ops: ['==', '>='] } as const satisfies Field
export const until = { schema: anInstant, ops: ['==', '<='] } as const satisfies Field

type Names = readonly [string, ...string[]]

/** Newest first unless asked otherwise: the oldest fifty are what nobody asks for. */
export const keyedListing = <F extends Fields, Key>(
  fields: F, orderBy: Names, key: z.ZodType<Key>
): Listing<F, Key> => ({ fields, orderBy, order: 'desc', limit: { default: 50, max: 100 }, key, hasPages: false })

export const entryListing = <F extends Fields>(fields: F, orderBy: Names): Listing<F, number> =>
  keyedListing(fields, orderBy, z.int().min(0))

/** What is fetched for a page: one row more than it shows, so as to tell whether there are others. */
export type Window<Key> = { readonly beyond: Key | null, readonly limit: number, readonly order: Direction }

type Asked<Key> = Pick<AskedList<Fields, Key>, 'place' | 'limit' | 'order' | 'mark'>

export async function keyedPage<Row, Key> (asked: Asked<Key>, { fetched, keyOf }: {
  readonly fetched: (window: Window<Key>) => Promise<readonly Row[]>
  readonly keyOf: (row: Row) => Key
}): Promise<Page<Row>> {
  const { place, limit, mark } = asked
  const opposite = asked.order === 'asc' ? 'desc' : 'asc'
  const order = isFetchedBackwards(place) ? opposite : asked.order
  const rows = await fetched({ beyond: 'key' in place ? place.key : null, limit: limit + 1, order })
  return pageOf(rows, limit, { place, cursorOf: row => writeCursor(mark, keyOf(row)) })
}

export const entryPage = async <Row extends { readonly entry: number }>(
  asked: Asked<number>, fetched: (window: Window<number>) => Promise<readonly Row[]>
): Promise<Page<Row>> => keyedPage(asked, { fetched, keyOf: ({ entry }) => entry })

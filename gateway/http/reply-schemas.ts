// What replies are made of, as zod schemas: the description of the API shows them, and tests hold every reply to them.
// A row is a strict object here, so that a field nobody described fails a test; clients are told that fields may come.

import { z } from 'zod'

export const amount = z.string().regex(/^-?\d+\.\d{8}$/)
  .meta({ description: 'Dollars with eight places.', examples: ['0.10090000'] })

export const time = z.iso.datetime({ precision: 3 }).meta({ examples: ['2026-06-15T12:00:30.000Z'] })

/** A whole number as text: units, or a sum that may pass 2^53. */
export const wholeText = z.string().regex(/^-?\d+$/).meta({ examples: ['5'] })

/** A JSON number while that is exact, text when it no longer is. */
export const wholeEither = z.union([z.int(), z.string().regex(/^\d+$/)])

export const side = z.enum(['buy', 'sell'])

export const logPosition = z.strictObject({ topic: z.string(), partition: z.int(), offset: z.int() })
  .meta({ id: 'LogPosition', description: 'The record in the log that the answer was read at.' })

const cursor = z.string().nullable()
const paging = z.strictObject({ next_cursor: cursor, prev_cursor: cursor, has_more: z.boolean() })
  .meta({ id: 'Paging', description: 'Cursors for next and prev; has_more is true exactly when there is a next_cursor.' })

const pageCounts = z.strictObject({
  current_offset: z.int(),
  current_page: z.int(),
  page_size: z.int(),
  total_count: z.int(),
  total_pages: z.int(),
  has_next_page: z.boolean(),
  has_previous_page: z.boolean()
}).meta({ id: 'PageCounts', description: 'Only where the list was asked for by page or page_size.' })

export const one = (row: z.ZodType): z.ZodType => z.strictObject({ data: row })

export const page = (row: z.ZodType): z.ZodType => z.strictObject({ data: z.array(row), paging })

/** Of a list that is at hand whole, so that it can be counted. */
export const countedPage = (row: z.ZodType): z.ZodType =>
  z.strictObject({ data: z.array(row), paging, meta: pageCounts.optional() })

/** Of a 204: the status says it all. */
export const nothing = z.undefined()

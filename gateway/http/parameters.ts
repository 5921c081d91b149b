// The values that every list takes, as zod schemas from text.

import { z } from 'zod'
import type {} from 'zod-openapi' // What `meta` may say to the description.

/** To a reader of the description it is a number, though it comes as text. */
function asInteger (jsonSchema: { type?: unknown, pattern?: unknown }, minimum: number, maximum: number): void {
  delete jsonSchema.pattern
  Object.assign(jsonSchema, { type: 'integer', minimum, maximum })
}

/** A whole number within [min, max]. */
export const whole = (min: number, max: number): z.ZodType<number, string> =>
  z.string().regex(/^\d{1,15}$/, 'is not a whole number').transform(Number)
    .pipe(z.number().min(min, `is at least ${min}`).max(max, `is at most ${max}`))
    .meta({ override: ({ jsonSchema }) => asInteger(jsonSchema, min, max) })

export const pageSize = (max: number): z.ZodType<number, string> =>
  whole(1, max).meta({ description: `How many rows, 1 to ${max}.` })

export const pageNumber = whole(1, 1_000_000).meta({ description: 'The page, from 1.' })

export const direction = z.enum(['asc', 'desc'], 'is asc or desc')

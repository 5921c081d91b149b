// The fields of a JSON body, read by a zod schema: all faults told at once, each under its path; what nobody asked for
// is left alone and named, so that a misspelt flag does not go unnoticed.

import { z } from 'zod'
import { invalid, type FieldFaults } from '../errors.ts'

export type Body = z.ZodType

export type ReadBody<B extends Body> = { readonly value: z.output<B>, readonly ignored: readonly string[] }

const kinds = new Set(['invalid_type', 'invalid_union', 'invalid_value'])

const messageOf = ({ code, message, input }: z.core.$ZodIssue): string =>
  kinds.has(code) && input === undefined ? 'is missing' : message

function faultsOf (issues: readonly z.core.$ZodIssue[]): FieldFaults {
  const faults: Record<string, string[]> = {}
  for (const issue of issues) {
    const field = issue.path.length === 0 ? 'body' : issue.path.join('.')
    faults[field] = [...faults[field] ?? [], messageOf(issue)]
  }
  return faults
}

/** `refused`: from what is wrong with it to what is thrown. */
export function readBody<B extends Body> (schema: B, body: unknown, refused = invalid): ReadBody<B> {
  const result = schema.safeParse(body ?? {}, { reportInput: true })
  if (!result.success) throw refused(faultsOf(result.error.issues))
  const known = schema instanceof z.ZodObject ? new Set(Object.keys(schema.shape)) : null
  const sent = typeof body === 'object' && body !== null && !Array.isArray(body) ? Object.keys(body) : []
  const ignored = known === null ? [] : sent.filter(name => !known.has(name) && /^[\w-]{1,60}$/.test(name))
  return { value: result.data, ignored }
}

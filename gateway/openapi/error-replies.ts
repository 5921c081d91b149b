// How a request can fail, by kind of route: the statuses, and the codes that each of them comes with.

import { z } from 'zod'
import type { ZodOpenApiResponseObject, ZodOpenApiResponsesObject } from 'zod-openapi'
import { statusOf, type ErrorCode } from '../errors.ts'
import type { Route } from '../http/route.ts'
import { replyHeaderRefs } from './reply-headers.ts'

const faults = z.record(z.string(), z.array(z.string()))

export const errorReply = z.strictObject({
  errors: z.strictObject({
    detail: z.union([z.string(), faults]).meta({ description: 'The code, or what is wrong by field.' }),
    message: z.string()
  }),
  error: z.strictObject({
    code: z.enum(Object.keys(statusOf) as [ErrorCode, ...ErrorCode[]]),
    message: z.string(),
    details: z.record(z.string(), z.union([z.string(), z.array(z.string())]))
  })
}).meta({ id: 'Error', description: 'Two dialects in one: errors is the documented one, error is what other clients read.' })

/** Those that any request of the kind can meet. */
function statuses ({ method, path, access }: Pick<Route, 'method' | 'path' | 'access'>): number[] {
  return [
    400, 413, 422, 429, 500, 503,
    ...(path.includes(':') ? [404] : []),
    ...(access === 'public' ? [] : [401]),
    ...(Array.isArray(access) ? [403] : []),
    ...(method === 'GET' ? [] : [403, 404, 409, 415, 504])
  ]
}

const codesOf = (status: number): string[] =>
  Object.entries(statusOf).filter(([, each]) => each === status).map(([code]) => code)

const reference = (status: number): string => `Error${status}`

/** One a status, for routes to refer to. */
export const errorReplies: Readonly<Record<string, ZodOpenApiResponseObject>> = Object.fromEntries(
  [...new Set(Object.values(statusOf))].map(status => [reference(status), {
    description: codesOf(status).join(', '),
    headers: replyHeaderRefs,
    content: { 'application/json': { schema: errorReply } }
  }])
)

export function errorRefs (route: Pick<Route, 'method' | 'path' | 'access'>): ZodOpenApiResponsesObject {
  return Object.fromEntries([...new Set(statuses(route))].map(status =>
    [String(status), { $ref: `#/components/responses/${reference(status)}` }]))
}

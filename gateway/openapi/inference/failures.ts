// How a request for inference can fail: the statuses and their codes, in the form that the surface's clients read.

import { z } from 'zod'
import type { ZodOpenApiResponseObject, ZodOpenApiResponsesObject } from 'zod-openapi'
import { faultStatus, type FaultCode } from '../../surfaces/fault.ts'
import { headerRefs, retryRefs } from './headers.ts'

/** In whose words. */
export type Form = 'openai' | 'anthropic'

const faults = z.record(z.string(), z.array(z.string()))
const code = z.enum(Object.keys(faultStatus) as [FaultCode, ...FaultCode[]])
const ours = {
  errors: z.object({
    detail: z.union([z.string(), faults]).meta({ description: 'The code, or what is wrong by field.' }), message: z.string()
  }),
  request_id: z.string()
}

const forms: Readonly<Record<Form, { readonly name: string, readonly schema: z.ZodType }>> = {
  openai: {
    name: 'Inference',
    schema: z.object({
      error: z.object({ message: z.string(), type: z.string(), code, param: z.string().nullable() }), ...ours
    }).meta({ id: 'InferenceError', description: 'As OpenAI\'s clients read it, and the market\'s own.' })
  },
  anthropic: {
    name: 'Messages',
    schema: z.object({
      type: z.literal('error'), error: z.object({ type: z.string(), message: z.string(), code }), ...ours
    }).meta({ id: 'MessagesError', description: 'As Anthropic\'s clients read it, and the market\'s own.' })
  }
}

const statuses = [...new Set<number>(Object.values(faultStatus))]
const codesOf = (status: number): string[] =>
  Object.entries(faultStatus).filter(([, each]) => each === status).map(([name]) => name)
const reference = (form: Form, status: number): string => `${forms[form].name}${status}`

/** One a form and status, for operations to refer to. */
export const failureReplies: Readonly<Record<string, ZodOpenApiResponseObject>> = Object.fromEntries(
  (['openai', 'anthropic'] as const).flatMap(form => statuses.map(status => [reference(form, status), {
    description: codesOf(status).join(', '),
    headers: { ...headerRefs, ...retryRefs },
    content: { 'application/json': { schema: forms[form].schema } }
  }] as const))
)

export const failureRefs = (form: Form, fails: readonly number[]): ZodOpenApiResponsesObject =>
  Object.fromEntries(fails.map(status => [status, { $ref: `#/components/responses/${reference(form, status)}` as const }]))

// Of another method than those described, and of headers that no server reads, nothing is said anywhere.
const undescribed: readonly number[] = [405, 431]
const anywhere = [500, 503]
const withKey = [...anywhere, 401, 403, 429]

/** What each kind of operation can fail with. */
export const fails = {
  answering: statuses.filter(status => !undescribed.includes(status)),
  counting: [...withKey, 400, 404, 408, 413, 415, 422],
  reading: [...withKey, 404, 422],
  listing: [...anywhere, 422, 429],
  finding: [...anywhere, 404, 429],
  anyone: anywhere
} as const satisfies Record<string, readonly number[]>

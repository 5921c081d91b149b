// Operations of inference, written as OpenAPI has them.

import { z } from 'zod'
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject, ZodOpenApiResponsesObject } from 'zod-openapi'
import { jsonType } from '../../http/media-types.ts'
import { operationId, parametersOf, pathOf } from '../parameters.ts'
import { failureRefs, failureReplies } from './failures.ts'
import { answerRefs, headerRefs, inferenceHeaders, redirectRefs } from './headers.ts'
import type { Operation } from './operations.ts'

const prefixes = ['/v1', '/api/v1'].map(url => ({ url }))
const root = [{ url: '/' }]

const needed = [{ bearer: [] }, { apiKey: [] }]
/** An empty one stands for none. */
const security = { needed, optional: [...needed, {}], none: [] }

const securitySchemes = {
  bearer: { type: 'http' as const, scheme: 'bearer', description: 'A consumption key, on any path of inference.' },
  apiKey: { type: 'apiKey' as const, in: 'header' as const, name: 'x-api-key', description: 'The same key, as Anthropic\'s clients send it.' }
}

function repliesOf ({ answer, events, form, fails }: Operation): ZodOpenApiResponsesObject {
  const json = { [jsonType]: { schema: answer } }
  const failed = failureRefs(form, fails)
  if (events === undefined) {
    return { ...failed, 200: { description: 'As asked.', headers: headerRefs, content: json } }
  }
  const streamed = { 'text/event-stream': { schema: z.string().meta({ description: events }) } }
  return {
    ...failed,
    200: { description: 'As asked: whole, or streamed.', headers: answerRefs, content: { ...json, ...streamed } },
    307: { description: 'Send it again, body and all, to where it says. No key is needed there.', headers: redirectRefs }
  }
}

const requestOf = (schema: z.ZodType | undefined) =>
  schema === undefined ? {} : { requestBody: { required: true, content: { [jsonType]: { schema } } } }

function written (operation: Operation): ZodOpenApiOperationObject {
  const { summary, description, tag, key, asks, headers = {}, isDeprecated } = operation
  const optional = Object.entries(headers).map(([name, schema]) => [name, schema.optional()] as const)
  const header = z.object(Object.fromEntries(optional))
  return {
    operationId: operationId(operation),
    summary,
    ...(description === undefined ? {} : { description }),
    ...(isDeprecated === true ? { deprecated: true } : {}),
    tags: [tag],
    security: security[key],
    requestParams: { ...parametersOf(operation), header },
    ...requestOf(asks.body),
    responses: repliesOf(operation)
  }
}

const tags = [
  { name: 'Inference', description: 'What OpenAI\'s and Anthropic\'s clients ask for, drawn from the tokens you hold.' },
  { name: 'Receipts', description: 'What your requests took and cost.' }
]

const introduction = `
**Inference.** Under \`/v1\` and \`/api/v1\`, with a consumption key as \`Authorization: Bearer …\` or as \`x-api-key\`. An
answer may be a 307: the same request goes to its \`location\`. What had no effect is listed in \`x-grid-ignored\`; the
receipt of a request is found by its \`x-grid-request-id\`.
`.trim()

export type Inference = {
  readonly tags: typeof tags
  readonly introduction: string
  readonly paths: ZodOpenApiPathsObject
  readonly components: {
    readonly securitySchemes: typeof securitySchemes
    readonly headers: typeof inferenceHeaders
    readonly responses: typeof failureReplies
  }
}

/** What the description of the API has more of where inference is served. */
export function describeInference (operations: readonly Operation[]): Inference {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const operation of operations) {
    const { method, isAtRoot } = operation
    const item = paths[pathOf(operation)] ??= { servers: isAtRoot === true ? root : prefixes }
    item[method.toLowerCase()] = written(operation)
  }
  const components = { securitySchemes, headers: inferenceHeaders, responses: failureReplies }
  return { tags, introduction, paths, components }
}

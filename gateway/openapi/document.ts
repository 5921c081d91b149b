// The API's description, OpenAPI 3.1: written from the routes, so that what is validated is what is described.

import { readFileSync } from 'node:fs'
import { z } from 'zod'
import {
  createDocument, type CreateDocumentOptions, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject
} from 'zod-openapi'
import { jsonType } from '../http/media-types.ts'
import type { Route } from '../http/route.ts'
import { errorRefs, errorReplies } from './error-replies.ts'
import type { Inference } from './inference/description.ts'
import { introduction, tagOf, tags } from './introduction.ts'
import { operationId, parametersOf, pathOf } from './parameters.ts'
import { replyHeaderRefs, replyHeaders } from './reply-headers.ts'

/** The three headers go together: one signature takes all of them. */
const security = [{ signature: [], timestamp: [], fingerprint: [] }]
const header = (name: string, description: string) => ({ type: 'apiKey' as const, in: 'header' as const, name, description })
const securitySchemes = {
  signature: header('x-thegrid-signature', 'Ed25519 over timestamp, METHOD, path and body; 64 bytes in base64.'),
  timestamp: header('x-thegrid-timestamp', 'Unix seconds; within 30 s of the server.'),
  fingerprint: header('x-thegrid-fingerprint', 'SHA-256 of the raw public key in base64 without padding.')
}

const isEmpty = (schema: z.ZodType): boolean => schema instanceof z.ZodVoid || schema instanceof z.ZodUndefined

function repliesOf ({ replies = {}, ...route }: Route): ZodOpenApiResponsesObject {
  const good = Object.entries(replies).map(([status, schema]) => [status, {
    description: isEmpty(schema) ? 'Done; there is nothing to say.' : 'As asked.',
    headers: replyHeaderRefs,
    ...(isEmpty(schema) ? {} : { content: { 'application/json': { schema } } })
  }] as const)
  return { ...errorRefs(route), ...Object.fromEntries(good) }
}

function requestOf ({ body, bodies = body === undefined ? {} : { [jsonType]: body } }: Route['asks']) {
  const content = Object.fromEntries(Object.entries(bodies).map(([type, schema]) => [type, { schema }]))
  return Object.keys(content).length === 0 ? {} : { requestBody: { required: true, content } }
}

function operation (route: Route): ZodOpenApiOperationObject {
  const { summary, access, asks } = route
  const roles = Array.isArray(access) ? { description: `Needs the role ${access.join(' or ')}.` } : {}
  return {
    operationId: operationId(route),
    summary,
    tags: [tagOf(route)],
    ...roles,
    ...(access === 'public' ? {} : { security }),
    requestParams: parametersOf(route),
    ...requestOf(asks),
    responses: repliesOf(route)
  }
}

function pathsOf (routes: readonly Route[]): ZodOpenApiPathsObject {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {}
  for (const route of routes) {
    const path = paths[pathOf(route)] ??= {}
    path[route.method.toLowerCase()] = operation(route)
  }
  return paths
}

const examplesOf = (schema: unknown): unknown => schema instanceof z.ZodType ? schema.meta()?.['examples'] : undefined

/** Takes out what a reader has no use for, such as bounds that every number has, and puts back what zod leaves out. */
const plain: NonNullable<CreateDocumentOptions['override']> = ({ jsonSchema, zodSchema, io }) => {
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern
  const examples = examplesOf(zodSchema)
  // Of what is transformed, zod takes them for the outcome's.
  if (Array.isArray(examples)) jsonSchema.examples = examples
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
  // Fields may be added to replies; a client that breaks on one would break on our next release.
  if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
}

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }

/** `inference`: null where none is served. */
export function openApi (routes: readonly Route[], inference: Inference | null = null): object {
  const more = inference?.components
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: inference === null ? 'Trading API' : 'Trading and inference',
      version,
      description: inference === null ? introduction : `${introduction}\n\n${inference.introduction}`,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' }
    },
    servers: ['/v1', '/v1/trading', '/api/v1/trading', '/api/v1'].map(url => ({ url })),
    tags: [...tags, ...inference?.tags ?? []],
    paths: { ...pathsOf(routes), ...inference?.paths },
    components: {
      securitySchemes: { ...securitySchemes, ...more?.securitySchemes },
      headers: { ...replyHeaders, ...more?.headers },
      responses: { ...errorReplies, ...more?.responses }
    }
  }, { override: plain })
}

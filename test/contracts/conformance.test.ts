// What holds the answers to the description must itself see what is wrong.

import { expect, test } from 'vitest'
import type { Answer } from './client.ts'
import { Conformance } from './conformance.ts'

const row = {
  type: 'object', properties: { id: { type: 'string' }, at: { type: 'string', format: 'date-time' } }, required: ['id'], additionalProperties: false
}
const conformance = new Conformance({
  paths: {
    '/things': { get: { responses: { 200: { headers: { 'x-request-id': {} }, content: { 'application/json': { schema: row } } } } } },
    '/things/{thing}': { delete: { responses: { 204: {}, 404: { $ref: '#/components/responses/Error404' } } } },
    '/things/count': { get: { responses: { 204: { headers: { 'x-note': { $ref: '#/components/headers/x-note' }, 'x-mark': { required: false } } } } } },
    '/elsewhere': { servers: { responses: {} }, get: { responses: {} } }
  },
  components: { headers: { 'x-note': { required: false } }, responses: { Error404: { content: { 'application/json': { schema: { type: 'object', required: ['error'] } } } } } }
})

const answer = (status: number, body?: unknown, headers: Record<string, string> = { 'x-request-id': 'a' }): Answer =>
  ({ status, body, headers: new Headers(headers) })

test.each([
  ['as described', 'GET', '/things?a=b', answer(200, { id: 'a', at: '2026-06-15T12:00:30.000Z' }), 0],
  ['another status', 'GET', '/things', answer(201, { id: 'a' }), 1],
  ['a missing field', 'GET', '/things', answer(200, {}), 1],
  ['a field of another type', 'GET', '/things', answer(200, { id: 1 }), 1],
  ['another format', 'GET', '/things', answer(200, { id: 'a', at: 'yesterday' }), 1],
  ['an unknown field', 'GET', '/things', answer(200, { id: 'a', b: 1 }), 1],
  ['a missing header', 'GET', '/things', answer(200, { id: 'a' }, {}), 1],
  ['a header missing that need not be there', 'GET', '/things/count', answer(204, undefined, {}), 0],
  ['another media type', 'GET', '/things', answer(200, { id: 'a' }, { 'x-request-id': 'a', 'content-type': 'text/plain; charset=utf-8' }), 1],
  ['a body where none is described', 'DELETE', '/things/a', answer(204, {}), 1],
  ['an error as described', 'DELETE', '/things/a', answer(404, { error: {} }), 0],
  ['an error of another form', 'DELETE', '/things/a', answer(404, { errors: {} }), 1],
  ['what is not described at all', 'GET', '/other', answer(500, {}), 0]
] as const)('%s', (_what, method, path, answered, faults) => {
  expect(conformance.faults({ method, path, answer: answered })).toHaveLength(faults)
})

test('of two templates the exact one is meant', () => {
  expect(conformance.operationOf({ method: 'GET', path: '/things/count' })).toBe('GET /things/count')
  expect(conformance.operationOf({ method: 'DELETE', path: '/things/count' })).toBe('DELETE /things/{thing}')
})

test('what has servers of its own is not among the operations', () => {
  expect(conformance.operations).toEqual(['GET /things', 'DELETE /things/{thing}', 'GET /things/count'])
})

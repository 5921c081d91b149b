// The description says all that there is and nothing else.

import { expect, test } from 'vitest'
import { routes } from '../../../gateway/app.ts'
import { statusOf } from '../../../gateway/errors.ts'
import { openApi } from '../../../gateway/openapi/document.ts'
import { fakePorts } from '../support.ts'

type Parameter = { readonly in: string, readonly name: string, readonly schema: object }
type Operation = {
  readonly operationId: string
  readonly summary: string
  readonly tags: readonly string[]
  readonly security?: unknown
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: object
  readonly responses: Readonly<Record<string, { readonly $ref?: string }>>
}
type Document = {
  readonly openapi: string
  readonly tags: ReadonlyArray<{ readonly name: string }>
  readonly components: { readonly responses: Readonly<Record<string, { readonly description: string }>> }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

const known = routes(fakePorts())
const document = openApi(known) as Document
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, operation })))
const written = ({ path }: { path: string }): string => path.replaceAll(/:(\w+)/g, '{$1}')

test('every route is in it, and nothing else', () => {
  const described = operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`)
  expect(described.sort()).toEqual(known.map(route => `${route.method} ${written(route)}`).sort())
})

test('every route says what it answers', () => {
  const silent = known.filter(({ replies }) => Object.keys(replies ?? {}).length === 0).map(({ method, path }) => `${method} ${path}`)
  expect(silent).toEqual(['POST /transfers/consumption-to-trading']) // It never does anything but refuse.
})

test.each(known.map(route => [route.method, route.path, route] as const))('%s %s is described whole', (method, path, route) => {
  const operation = document.paths[written(route)]![method.toLowerCase()]!
  expect(operation.summary).toMatch(/\.$/)
  expect(document.tags.map(({ name }) => name)).toContain(operation.tags[0])
  expect(operation.security !== undefined).toBe(route.access !== 'public')
  expect(operation.requestBody !== undefined).toBe((route.asks.body ?? route.asks.bodies) !== undefined)
  const parameters = operation.parameters ?? []
  const named = (place: string) => parameters.filter(each => each.in === place).map(({ name }) => name)
  expect(named('path')).toEqual([...path.matchAll(/:(\w+)/g)].map(([, name]) => name))
  const fields = Object.keys(route.asks.listing?.fields ?? {})
  expect(named('query')).toEqual(expect.arrayContaining([...Object.keys(route.asks.query ?? {}), ...fields]))
  for (const { name, schema } of parameters) {
    expect(Object.keys(schema).some(key => /^(type|enum|const|anyOf|\$ref)$/.test(key)), `${path} ${name}`).toBe(true)
  }
})

test('operations are told apart by their ids', () => {
  const ids = operations.map(({ operation }) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.filter(id => !/^[a-z][\w]*$/.test(id))).toEqual([])
})

test('whatever it refers to is there', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path!)
  const at = (path: string): unknown => path.split('/').reduce<unknown>((place, name) =>
    (place as Record<string, unknown> | undefined)?.[name.replaceAll('~1', '/')], document)
  expect(references.length).toBeGreaterThan(100)
  expect(references.filter(path => at(path) === undefined)).toEqual([])
})

test('every status that we have is an error of it, with its codes', () => {
  const { responses } = document.components
  for (const [code, status] of Object.entries(statusOf)) {
    expect(responses[`Error${status}`]!.description.split(', ')).toContain(code)
  }
})

test('numbers in a query are numbers to its reader, and text on the wire', () => {
  const limit = document.paths['/trades']!['get']!.parameters!.find(({ name }) => name === 'limit')!
  expect(limit.schema).toMatchObject({ type: 'integer', minimum: 1, maximum: 100 })
})

// Inference is served outside of the routes, and described by hand: what is described is served, what is served is
// described, clients' bodies are among those that may be sent, and real answers are what the description says.

import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { gateway, routes } from '../../../gateway/app.ts'
import { placeOf, type Place } from '../../../gateway/consumption/paths.ts'
import { methods } from '../../../gateway/consumption/surface-app.ts'
import { simulatedUpstream, type SimulatedUpstream } from '../../../gateway/edge/simulated/upstream.ts'
import { openApi } from '../../../gateway/openapi/document.ts'
import { describeInference } from '../../../gateway/openapi/inference/description.ts'
import { operations } from '../../../gateway/openapi/inference/operations.ts'
import { surfacePaths } from '../../../gateway/serving/surface-paths.ts'
import type { Method } from '../../contracts/client.ts'
import { Conformance, type Description } from '../../contracts/conformance.ts'
import { ask, paths, type Answer, type Asking } from '../consumption/asking.ts'
import { smallConsumption, type SmallConsumption } from '../consumption/small-consumption.ts'
import { fakePorts } from '../support.ts'

type Operation = { readonly tags: readonly string[], readonly security: unknown, readonly summary: string }
type Document = Description & {
  readonly tags: ReadonlyArray<{ readonly name: string }>
  readonly components: { readonly securitySchemes: object }
}

const known = routes(fakePorts())
const document = openApi(known, describeInference(operations)) as Document
const item = (path: string) => document.paths[path.replaceAll(/:(\w+)/g, '{$1}')] as unknown as
  Readonly<Record<string, Operation>> & { readonly servers: ReadonlyArray<{ readonly url: string }> }

/** Where each is, as a client asks for it. */
const asked = operations.flatMap(operation => item(operation.path).servers.map(({ url }) => {
  const path = `${url === '/' ? '' : url}${operation.path.replaceAll(/:\w+/g, 'some_name')}`
  return { ...operation, place: placeOf(path), path }
}))

describe('the description of inference', () => {
  test.each(asked)('$method $path is served', ({ method, place }) => {
    expect(place).not.toBeNull()
    expect(methods[place!.kind]).toContain(method)
  })

  test('has all that is served', () => {
    const described = new Set(asked.map(({ method, place }) => `${method} ${place!.kind}`))
    // What says only where to look is not of the API; HEAD is a GET without its body.
    const undescribed: ReadonlyArray<Place['kind']> = ['base', 'unserved']
    const served = Object.entries(methods).filter(([kind]) => !undescribed.some(each => each === kind))
      .flatMap(([kind, allowed]) => allowed.filter(method => method !== 'HEAD').map(method => `${method} ${kind}`))
    expect([...described].sort()).toEqual(served.sort())
    const surfaces = asked.filter(({ place }) => place!.kind === 'inference').map(({ path }) => path)
    expect(surfaces).toEqual(expect.arrayContaining(Object.keys(surfacePaths)))
  })

  test('is there only where inference is served, beside all of the routes', () => {
    const trading = openApi(known) as Document
    expect(Object.keys(trading.paths)).not.toContain('/chat/completions')
    expect(Object.keys(trading.components.securitySchemes)).not.toContain('bearer')
    const paths = Object.keys(document.paths)
    expect(paths).toEqual(expect.arrayContaining(Object.keys(trading.paths)))
    expect(paths.length).toBe(Object.keys(trading.paths).length + new Set(operations.map(({ path }) => path)).size)
  })

  test('asks for a key in either of two ways, where one is needed', () => {
    const needed = [{ bearer: [] }, { apiKey: [] }]
    expect(item('/chat/completions')['post']!.security).toEqual(needed)
    expect(item('/models')['get']!.security).toEqual([...needed, {}])
    expect(item('/.well-known/jwks.json')['get']!.security).toEqual([])
    expect(document.components.securitySchemes).toMatchObject({
      bearer: { type: 'http', scheme: 'bearer' }, apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' }
    })
  })

  test('names what is there: tags, and whatever it refers to', () => {
    const tags = document.tags.map(({ name }) => name)
    for (const { method, path } of operations) {
      const { tags: own, summary } = item(path)[method.toLowerCase()]!
      expect(tags).toContain(own[0])
      expect(summary).toMatch(/\.$/)
    }
    const at = (path: string): unknown => path.split('/').reduce<unknown>((place, name) =>
      (place as Record<string, unknown> | undefined)?.[name.replaceAll('~1', '/')], document)
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path!)
    expect(references.filter(path => at(path) === undefined)).toEqual([])
  })
})

describe('bodies of clients', () => {
  const folder = join(import.meta.dirname, '../surfaces/bodies')
  const surfaceOf = (name: string): keyof typeof paths =>
    /^(claude|messages)/.test(name) ? 'messages' : /^(codex|responses)/.test(name) ? 'responses' : 'chat'
  const ajv = new Ajv2020({ strict: false })
  ajv.addSchema(document, 'api')

  test.each(readdirSync(folder))('%s is one that may be sent', name => {
    const recorded = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { readonly body?: object }
    const place = paths[surfaceOf(name)].replace('/v1', '').replaceAll('/', '~1')
    const schema = { $ref: `api#/paths/${place}/post/requestBody/content/application~1json/schema` }
    expect([ajv.validate(schema, { model: 'text-prime', ...recorded.body ?? recorded }), ajv.errors]).toEqual([true, null])
  })
})

describe('an answer is as described:', () => {
  const conformance = new Conformance(document)
  let upstream: SimulatedUpstream
  let small: SmallConsumption & { readonly url: string }

  beforeAll(async () => {
    upstream = await simulatedUpstream()
    small = await smallConsumption({ upstreams: [upstream.url] })
  })
  afterAll(async () => {
    await small.close()
    await upstream.close()
  })

  /** What of it is not as described. */
  function faultsOf (path: string, method: string, { status, headers, text, json }: Answer): string[] {
    const below = path.replace(/^(\/api)?\/v1/, '')
    expect(conformance.operationOf({ method: method as Method, path: below })).not.toBeNull()
    const body = text === '' ? undefined : json ?? text
    return conformance.faults({ method: method as Method, path: below, answer: { status, headers, body } })
  }

  const get = (path: string, asking: Asking = {}): Asking => ({ path, method: 'GET', ...asking })
  const stored = { surface: 'responses', fields: { store: true } } as const

  test.each<readonly [name: string, status: number, asking: Asking]>([
    ['a completion', 200, {}],
    ['a completion with reasoning', 200, { headers: { 'x-simulate': '{"reasoning_tokens":4}' } }],
    ['two at once, with an end to each', 200, { fields: { n: 2, max_tokens: 20 } }],
    ['a stream of it', 200, { fields: { stream: true } }],
    ['a completion in an envelope', 200, { path: '/api/v1/consumption/chat' }],
    ['a redirect', 307, { headers: { 'x-grid-delivery': 'redirect' }, redirect: 'manual' }],
    ['a message', 200, { surface: 'messages' }],
    ['a stream of it', 200, { surface: 'messages', fields: { stream: true } }],
    ['a response', 200, { surface: 'responses' }],
    ['one that is cut short', 200, { surface: 'responses', fields: { max_output_tokens: 3 } }],
    ['a stream of it', 200, { surface: 'responses', fields: { stream: true } }],
    ['a count', 200, { surface: 'messages', path: '/v1/messages/count_tokens' }],
    ['models', 200, get('/v1/models', { key: null })],
    ['models in pages', 200, get('/v1/models?limit=2')],
    ['a model', 200, get('/api/v1/models/text-prime')],
    ['keys', 200, get('/.well-known/jwks.json', { key: null })],
    ['receipts', 200, get('/v1/usage?limit=3')],
    ['sums', 200, get('/v1/usage/summary?group_by=model')],
    ['no key', 401, { key: null }],
    ['no key, to the other vendor\'s clients', 401, { surface: 'messages', key: 'wrong' }],
    ['no JSON', 400, { body: '{' }],
    ['no such model', 404, { fields: { model: 'gpt-4o' } }],
    ['no such model to count for', 404, { surface: 'messages', path: '/v1/messages/count_tokens', fields: { model: 'gpt-4o' } }],
    ['a field that is wrong', 422, { fields: { temperature: 7 } }],
    ['a field that is wrong', 422, { surface: 'messages', fields: { max_tokens: 0 } }],
    ['another media type', 415, { headers: { 'content-encoding': 'compress' } }],
    ['too much asked for', 422, get('/v1/usage?limit=1000')],
    ['no such request', 404, get('/v1/usage/req_none')],
    ['no such response', 404, get('/v1/responses/resp_none')],
    ['no such response to forget', 404, { path: '/v1/responses/resp_none', method: 'DELETE' }],
    ['models without end', 422, get('/v1/models?limit=9999', { key: null })],
    ['no such model', 404, get('/v1/models/gpt-4o', { key: null })],
    ['a supplier that fails', 502, { headers: {}, fields: { messages: [{ role: 'user', content: '#simulate {"fail":"status","status":500}' }] } }]
  ])('%s, %i', async (_name, status, asking) => {
    const { surface = 'chat', path = paths[surface], method = 'POST' } = asking
    const answer = await ask(small.url, asking)
    expect(answer.status).toBe(status)
    expect(faultsOf(path, method, answer)).toEqual([])
  })

  test('the description, which a gateway serves that serves inference', async () => {
    const server = gateway(fakePorts(), small.consumption).listen(0, '127.0.0.1')
    onTestFinished(() => { server.close() })
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const served = await (await fetch(`http://127.0.0.1:${port}/openapi.json`)).json() as Document
    expect(Object.keys(served.paths).sort()).toEqual(Object.keys(document.paths).sort())
  })

  test('a response that is kept, a receipt of it, and its end', async () => {
    const made = await ask(small.url, stored)
    const path = `/v1/responses/${String(made.json!['id'])}`
    for (const method of ['GET', 'DELETE']) {
      const answer = await ask(small.url, { path, method, body: null })
      expect(answer.status).toBe(200)
      expect(faultsOf(path, method, answer)).toEqual([])
    }
    const receipt = `/v1/usage/${String(made.headers.get('x-grid-request-id'))}`
    const answer = await ask(small.url, get(receipt))
    expect(answer.status).toBe(200)
    expect(faultsOf(receipt, 'GET', answer)).toEqual([])
  })
})

// What can't be answered is told in the words of its surface, with the market's own beside them; the ledger hears
// nothing of it, and no supplier.

import { generateKeyPairSync } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { once } from 'node:events'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { fingerprintOf } from '../../../pipelines/identities/signing-keys.ts'
import type { Consumption } from '../../../gateway/consumption/consumption.ts'
import { instant } from '../../../schemas/units.ts'
import { scriptedUpstream, type ScriptedUpstream } from '../relay/scripted-upstream.ts'
import { raw } from '../serving/raw.ts'
import { ask, bodyOf, codeOf, connect, expectForm, paths, type Asking, type SurfaceName } from './asking.ts'
import { smallConsumption, type SmallConsumption, type SmallOptions } from './small-consumption.ts'

type Small = SmallConsumption & { readonly url: string }

let upstream: ScriptedUpstream
let small: Small | null = null

async function market (options: Partial<SmallOptions> = {}): Promise<Small> {
  upstream = await scriptedUpstream()
  small = await smallConsumption({ upstreams: [upstream.url], account: { delivery: null }, ...options })
  return small
}

afterEach(async () => {
  await small?.close()
  await upstream.close()
  small = null
})

const surfaces = Object.keys(paths) as SurfaceName[]
const mib = 1024 * 1024

function expectNothingHappened ({ market: { told }, reports }: Small): void {
  expect(told.filter(({ kind }) => kind === 'authorization-state')).toEqual([])
  expect(reports).toEqual([])
  expect(upstream.waiting).toBe(0)
}

type Case = readonly [name: string, asking: Asking, status: number, code: string]

const long = 'word '.repeat(130_000)
const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }
const tool = { type: 'function', function: { name: 'f', parameters: { type: 'object' } } }

/** Right on every surface, but for what no client means. */
const deep = (levels: number): string =>
  `{"model":"text-prime","max_tokens":9,"input":"a","messages":[{"role":"user","content":"a"}],"tools":[${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}]}`

const common: readonly Case[] = [
  ['levels without end', { body: deep(100_000) }, 400, 'malformed'],
  ['one level too many', { body: deep(511) }, 400, 'malformed'],
  ['malformed JSON', { body: '{"model":' }, 400, 'malformed'],
  ['an empty body', { body: '' }, 400, 'malformed'],
  ['a missing key', { key: null }, 401, 'unauthorized'],
  ['an empty key', { key: '' }, 401, 'unauthorized'],
  ['a wrong key', { key: 'x'.repeat(43) }, 401, 'unauthorized'],
  ['a key of another scheme', { key: null, headers: { authorization: 'Basic YTpi' } }, 401, 'unauthorized'],
  ['an unknown instrument', { fields: { model: 'gpt-4o' } }, 404, 'model_not_found'],
  ['a form', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415, 'unsupported_media_type'],
  ['an unknown encoding', { headers: { 'content-encoding': 'lzma' } }, 415, 'unsupported_encoding'],
  ['two encodings', { headers: { 'content-encoding': 'gzip, br' } }, 415, 'unsupported_encoding'],
  ['what is not encoded as it says', { headers: { 'content-encoding': 'gzip' } }, 400, 'malformed'],
  ['no delivery at all', { headers: { 'x-grid-delivery': '' } }, 422, 'invalid'],
  ['an unknown delivery', { headers: { 'x-grid-delivery': 'by post' } }, 422, 'invalid'],
  ['an Idempotency-Key that is too long', { headers: { 'idempotency-key': 'x'.repeat(256) } }, 422, 'invalid']
]

const ofChat: readonly Case[] = [
  ['no messages', { body: '{"model":"text-prime"}' }, 422, 'invalid'],
  ['a list', { body: '[]' }, 400, 'malformed'],
  ['no model', { body: '{"messages":[{"role":"user","content":"a"}]}' }, 422, 'invalid'],
  ['a temperature out of range', { fields: { temperature: 9 } }, 422, 'invalid'],
  ['no room for an answer', { fields: { max_tokens: 0 } }, 422, 'invalid'],
  ['a tool choice without tools', { fields: { tool_choice: 'required' } }, 422, 'invalid'],
  ['the choice of a tool that is not there', {
    fields: { tools: [tool], tool_choice: { type: 'function', function: { name: 'g' } } }
  }, 422, 'invalid'],
  ['an image', { fields: { messages: [{ role: 'user', content: [image] }] } }, 422, 'invalid'],
  ['a prompt beyond the context', {
    fields: { messages: [{ role: 'user', content: long }] }
  }, 422, 'context_length_exceeded']
]

describe('refused before the ledger hears of it', () => {
  test.each(surfaces.flatMap(surface => common.map(each => [surface, ...each] as const)))('%s: %s', async (
    surface, _name, asking, status, code
  ) => {
    const it = await market()
    const answer = await ask(it.url, { surface, redirect: 'manual', ...asking })
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status, code })
    expectForm(surface, answer)
    expectNothingHappened(it)
  })

  test.each(ofChat)('chat: %s', async (_name, asking, status, code) => {
    const it = await market()
    const answer = await ask(it.url, { redirect: 'manual', ...asking })
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status, code })
    expectForm('chat', answer)
    expectNothingHappened(it)
  })

  test('a parameter is named, and so is its limit', async () => {
    const it = await market()
    const answer = await ask(it.url, { fields: { temperature: 9, top_p: 2 }, redirect: 'manual' })
    const { errors } = answer.json as { errors: { detail: Record<string, string[]> } }
    expect(Object.keys(errors.detail).sort()).toEqual(['temperature', 'top_p'])
    expect(errors.detail['temperature']![0]).toContain('2')
    const longer = await ask(it.url, { fields: { messages: [{ role: 'user', content: long }] }, redirect: 'manual' })
    expect(longer.json).toMatchObject({ errors: { detail: { messages: [expect.stringContaining('120000')] } } })
  })
})

describe('keys', () => {
  /** A trader's pair, known to the market by its fingerprint. */
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url')
  const seed = Buffer.from(privateKey.export({ format: 'jwk' }).d!, 'base64url')
  const fingerprint = fingerprintOf(raw)
  const identities = {
    signingKey: (text: string) => text === fingerprint ? {} : undefined
  } as unknown as Consumption['identities']

  test.each([
    ['its fingerprint', fingerprint],
    ['its public key', raw.toString('base64')],
    ['its seed', seed.toString('base64')],
    ['seed and public key', Buffer.concat([seed, raw]).toString('base64')]
  ])('a Trading key is told apart from a wrong one: %s', async (_name, key) => {
    const it = await market({ identities })
    const answer = await ask(it.url, { key, redirect: 'manual' })
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 401, code: 'trading_key' })
    expect(answer.text).not.toContain(key)
    expectNothingHappened(it)
  })

  test.each([
    ['has expired', { expiresAt: instant(1) }, 401, 'unauthorized'],
    ['is for other addresses', { addresses: ['10.0.0.0/8'] }, 403, 'address_not_allowed'],
    ['is for other instruments', { instruments: ['text-max'] }, 403, 'key_not_allowed']
  ])('one that %s', async (_name, key, status, code) => {
    const it = await market({ key: key as SmallOptions['key'] & object })
    const answer = await ask(it.url, { redirect: 'manual' })
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status, code })
    expectNothingHappened(it)
  })

  test('is taken as x-api-key on every surface', async () => {
    const it = await market()
    for (const surface of surfaces) {
      const headers = { 'x-api-key': 'b'.repeat(43), 'x-grid-delivery': 'redirect' }
      expect(await ask(it.url, { surface, key: null, headers, redirect: 'manual' })).toMatchObject({ status: 307 })
    }
  })

  test.each([
    ['of a proxy\'s', 'Basic cHJveHk6c2VjcmV0'],
    ['that is empty', 'Bearer '],
    ['that nobody has', 'Bearer stale']
  ])('is taken as x-api-key beside an Authorization %s', async (_name, authorization) => {
    const it = await market()
    const headers = { authorization, 'x-api-key': 'b'.repeat(43), 'x-grid-delivery': 'redirect' }
    for (const surface of surfaces) {
      expect(await ask(it.url, { surface, key: null, headers, redirect: 'manual' })).toMatchObject({ status: 307 })
    }
  })

  test('is the bearer\'s before the other, and neither may be unknown to all', async () => {
    const it = await market({ identities })
    const good = { 'x-api-key': 'stale', 'x-grid-delivery': 'redirect' }
    expect(await ask(it.url, { headers: good, redirect: 'manual' })).toMatchObject({ status: 307 })
    const bad = await ask(it.url, { key: 'unknown', headers: { 'x-api-key': 'stale' } })
    expect({ status: bad.status, code: codeOf(bad) }).toEqual({ status: 401, code: 'unauthorized' })
  })
})

describe('paths and methods', () => {
  test.each([
    ['/v1/v1/chat/completions', 'POST', 404],
    ['/v1/completions', 'POST', 404],
    ['/v1/embeddings', 'POST', 404],
    ['/r/v1/v1/messages', 'POST', 404],
    ['/v1/messages/batches', 'POST', 404],
    ['/v1/responses/input_tokens', 'POST', 404],
    ['/v1/responses/compact', 'POST', 404],
    ['/v1/responses/resp_1/cancel', 'POST', 404],
    ['/v1/conversations', 'POST', 404],
    ['/v1/chat/completions', 'GET', 405],
    ['/v1/messages', 'DELETE', 405],
    ['/r/v1/responses', 'GET', 405],
    ['/v1/models', 'POST', 405]
  ])('%s %s', async (path, method, status) => {
    const it = await market()
    const answer = await ask(it.url, { path, method })
    expect(answer.status).toBe(status)
    expect(answer.json).toMatchObject({ errors: { detail: status === 404 ? 'not_found' : 'method_not_allowed' } })
    expect(answer.headers.has('allow')).toBe(status === 405)
    expectForm(path.includes('/messages') ? 'messages' : 'chat', answer)
    expectNothingHappened(it)
  })
})

test.each(['market://', 'http://[/'])('a target that has no path is none of ours: %s', async target => {
  const it = await market()
  const { status, headers, json } = await raw(it.url, `GET ${target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`)
  expect([status, json['errors']!['detail']]).toEqual([404, 'not_found'])
  expect(headers['x-grid-request-id']).toMatch(/^req_/)
})

describe('bodies', () => {
  const encodings = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync }

  test.each(Object.entries(encodings))('of %s are read', async (coding, encode) => {
    const it = await market()
    const body = encode(Buffer.from(bodyOf('chat', { temperature: 9 })))
    expect(await ask(it.url, { body, headers: { 'content-encoding': coding } })).toMatchObject({ status: 422 })
  })

  test.each(Object.entries(encodings))('of %s that unfold to more than a body may have', async (coding, encode) => {
    const it = await market()
    const body = encode(Buffer.alloc(33 * mib, 32))
    const answer = await ask(it.url, { body, headers: { 'content-encoding': coding } })
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 413, code: 'too_large' })
    expectNothingHappened(it)
  })

  test('of more than 32 MiB, said beforehand', async () => {
    const it = await market()
    const answer = await ask(it.url, { body: Buffer.alloc(32 * mib + 1, 32) })
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 413, code: 'too_large' })
    expectNothingHappened(it)
  })

  test('of more than 32 MiB, found out on the way', async () => {
    const it = await market()
    const request = httpRequest(new URL(paths.chat, it.url), {
      method: 'POST', agent: false, headers: { authorization: `Bearer ${'b'.repeat(43)}` }
    })
    const answered = once(request, 'response')
    request.on('error', () => { /* Refused while it was sent: the answer is what counts. */ })
    const part = Buffer.alloc(mib, 32)
    for (let sent = 0; sent <= 33; sent++) request.write(part)
    const [response] = await answered as [{ statusCode: number }]
    request.destroy()
    expect(response.statusCode).toBe(413)
    expectNothingHappened(it)
  })

  test('that stand still are given up, and their connection with them', async () => {
    const it = await market({ settings: { bodyIdleMs: 30 } })
    const { answered } = connect(it.url, { body: '{', headers: { 'content-length': '100' } })
    const { status, reading, response } = await answered
    expect({ status, connection: response.headers.connection }).toEqual({ status: 408, connection: 'close' })
    expect(await reading.rest()).toContain('body_timeout')
    expectNothingHappened(it)
  })
})

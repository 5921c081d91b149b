import { describe, expect, test } from 'vitest'
import { arrayHistory, fakePorts, serve, type Ask } from './support.ts'

const json = { 'content-type': 'application/json' }

const post = (ask: Ask, body: string, headers: Record<string, string> = json): ReturnType<Ask> =>
  ask('/v1/markets', { method: 'POST', body, headers })

describe('what the client did', () => {
  test('an unknown route is 404, in both dialects of error', async () => {
    const { status, body } = await (await serve())('/v1/nothing')
    expect(status).toBe(404)
    expect(body).toEqual({
      errors: { detail: 'not_found', message: 'There is nothing at this path.' },
      error: { code: 'not_found', message: 'There is nothing at this path.', details: {} }
    })
  })

  test.each(['PUT', 'PATCH', 'POST', 'DELETE', 'OPTIONS'])('%s where only GET is possible is 405 and names what is', async method => {
    const { status, headers, body } = await (await serve())('/v1/markets', { method })
    expect(status).toBe(405)
    expect(headers.get('allow')).toBe('GET, HEAD')
    expect(body.error.code).toBe('method_not_allowed')
  })

  test('HEAD answers with the head of GET', async () => {
    const { status, headers, body } = await (await serve())('/v1/markets', { method: 'HEAD' })
    expect([status, body['text']]).toEqual([200, ''])
    expect(headers.get('content-type')).toContain('application/json')
  })

  test.each(['{', '"text"', '1', '{"a":1}}', '{"__proto__":{}}'])('a body of %s is 400', async body => {
    const answer = await post(await serve(), body)
    expect([answer.status, answer.body.errors.detail]).toEqual([400, 'malformed'])
  })

  test('a good body where none is wanted is 405, not 400', async () => {
    expect((await post(await serve(), '{}')).status).toBe(405)
  })

  test('a body past the limit is 413', async () => {
    const answer = await post(await serve(), JSON.stringify({ long: 'x'.repeat(70_000) }))
    expect([answer.status, answer.body.error.code]).toEqual([413, 'too_large'])
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded'])('a body of %s is 415', async type => {
    const answer = await post(await serve(), '{}', { 'content-type': type })
    expect([answer.status, answer.body.error.code]).toEqual([415, 'unsupported_media_type'])
  })

  test.each(['rot13', 'gzip', 'deflate, gzip'])('a body in the coding %s is 415', async coding => {
    const answer = await post(await serve(), '{}', { ...json, 'content-encoding': coding })
    expect([answer.status, answer.body.error.code]).toEqual([415, 'unsupported_media_type'])
  })

  test('all bad parameters are named at once', async () => {
    const { status, body } = await (await serve())('/v1/markets?limit=0&order_by=luck&colour=red&order_direction=up')
    expect(status).toBe(422)
    expect(Object.keys(body.errors.detail).sort()).toEqual(['colour', 'limit', 'order_by', 'order_direction'])
    expect(body.error).toEqual({ code: 'invalid', message: body.errors.message, details: body.errors.detail })
  })
})

describe('what went wrong with us', () => {
  test('a bug is 500, tells the client nothing and the log everything', async () => {
    const day = () => Promise.reject(new Error('password is swordfish'))
    const ports = fakePorts({ history: { ...arrayHistory([], []), day } })
    const { status, headers, body } = await (await serve(ports))('/v1/markets/text-prime/ticker')
    expect([status, body.errors.detail]).toEqual([500, 'internal'])
    expect(JSON.stringify(body)).not.toContain('swordfish')
    const line = ports.logged.find(each => each.includes('swordfish'))
    expect(line).toContain(headers.get('x-request-id'))
    expect(line).toContain('errors.test.ts')
  })

  test('what may go well another time is 503 with a time to wait', async () => {
    const day = () => Promise.reject(Object.assign(new Error('connection refused'), { canRetry: true }))
    const ports = fakePorts({ history: { ...arrayHistory([], []), day } })
    const { status, headers, body } = await (await serve(ports))('/v1/markets/text-prime/ticker')
    expect([status, body.errors.detail, headers.get('retry-after')]).toEqual([503, 'unavailable', '5'])
  })

  test('a replica that is being restored is 503', async () => {
    const ports = fakePorts({ books: { book: () => null } })
    const { status, body } = await (await serve(ports))('/v1/markets/text-prime/orderbook')
    expect([status, body.errors.detail]).toEqual([503, 'unavailable'])
  })
})

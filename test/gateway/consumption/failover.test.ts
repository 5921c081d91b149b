// When one supplier fails, another serves: as long as the client has had no word.

import { afterEach, describe, expect, test } from 'vitest'
import {
  answerOf, content, done, finish, role, scriptedUpstream, streamHead, usage, type Call, type ScriptedUpstream
} from '../relay/scripted-upstream.ts'
import { ask, asJson, codeOf, connect } from './asking.ts'
import { smallConsumption, type SmallConsumption, type SmallOptions } from './small-consumption.ts'

const opened: { close (): Promise<void> }[] = []

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close()
})

type Markets = { readonly small: SmallConsumption & { readonly url: string }, readonly next: () => Promise<Call> }

/** So many suppliers; requests are handed out in the order in which they are asked. */
async function market (suppliers: number, options: Partial<SmallOptions> = {}): Promise<Markets> {
  const upstreams: ScriptedUpstream[] = []
  for (let index = 0; index < suppliers; index++) upstreams.push(await scriptedUpstream())
  const small = await smallConsumption({ upstreams: upstreams.map(({ url }) => url), ...options })
  opened.push(...upstreams, small)
  const waiting = upstreams.map(each => each.next())
  return {
    small,
    next: async () => {
      const [index, call] = await Promise.race(waiting.map(async (each, at) => [at, await each] as const))
      waiting[index] = upstreams[index]!.next()
      return call
    }
  }
}

const fine = answerOf(['Hello', ' there'], { input: 5, output: 2 })

const failing: readonly (readonly [string, (call: Call) => void])[] = [
  ['hangs up', ({ response }) => { response.destroy() }],
  ['answers 500', ({ response }) => { response.writeHead(500).end('{"error":{"message":"broken"}}') }],
  ['has too much to do', ({ response }) => { response.writeHead(429, { 'retry-after': '1' }).end() }],
  ['breaks off before its first word', ({ response }) => {
    response.writeHead(200, streamHead)
    response.flushHeaders()
    setImmediate(() => { response.destroy() })
  }],
  ['ends without a word', ({ response }) => { response.writeHead(200, streamHead).end() }]
]

describe('a second supplier', () => {
  test.each(failing)('serves when the first one %s', async (_name, fail) => {
    const { small, next } = await market(2)
    const answering = ask(small.url)
    fail(await next())
    const { response } = await next()
    response.writeHead(200, streamHead).end(fine)
    const { status, json } = await answering
    await small.settled()
    expect({ status, json }).toMatchObject({ status: 200, json: { choices: [{ message: { content: 'Hello there' } }] } })
    expect(small.tokens()).toMatchObject({ held: 0, drawn: 7 })
    expect(small.captures).toHaveLength(1)
    expect(small.reports).toMatchObject([{ outcome: 'completed', attempts: 2 }])
  })

  test('has a ticket and a nonce of his own, and the capture names him', async () => {
    const { small, next } = await market(2)
    const answering = ask(small.url)
    const first = await next()
    first.response.destroy()
    const second = await next()
    second.response.writeHead(200, streamHead).end(fine)
    await answering
    await small.settled()
    const claims = [first, second].map(({ headers }) => {
      const [, payload = ''] = String(headers['x-market-ticket']).split('.')
      return asJson(Buffer.from(payload, 'base64url').toString()) as { jti: string, sub: string, supplier: number }
    })
    expect(claims[0]!.sub).toBe(claims[1]!.sub)
    expect(claims[0]!.jti).not.toBe(claims[1]!.jti)
    expect(claims[0]!.supplier).not.toBe(claims[1]!.supplier)
    expect(small.captures[0]!.usage).toMatchObject({ supplier: claims[1]!.supplier })
  })

  test('is not asked for what is the request\'s own fault', async () => {
    const { small, next } = await market(2)
    const answering = ask(small.url)
    ;(await next()).response.writeHead(400).end('{"error":{"message":"temperature is silly"}}')
    const answer = await answering
    await small.settled()
    expect(codeOf(answer)).toBe('rejected')
    expect(answer.text).toContain('temperature is silly')
    expect(small.reports).toMatchObject([{ attempts: 1 }])
  })

  test('is not asked once the client has had a word', async () => {
    const { small, next } = await market(2)
    const { reading } = await (async () => {
      const { answered } = connect(small.url, { fields: { stream: true } })
      const { response } = await next()
      response.writeHead(200, streamHead).write(role + content('Hel'))
      const client = await answered
      expect(await client.reading.next()).toContain('Hel')
      response.destroy()
      return client
    })()
    expect(await reading.rest()).toContain('upstream_failed')
    await small.settled()
    expect(small.reports).toMatchObject([{ outcome: 'failed', attempts: 1 }])
    expect(small.tokens()).toMatchObject({ held: 0, drawn: 0 })
  })
})

describe('several suppliers that fail', () => {
  test('three are asked at most, and the last one\'s failure is told', async () => {
    const { small, next } = await market(4)
    const answering = ask(small.url)
    for (const status of [500, 502, 429]) (await next()).response.writeHead(status).end()
    const answer = await answering
    await small.settled()
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 503, code: 'overloaded' })
    expect(small.reports).toMatchObject([{ outcome: 'failed', attempts: 3 }])
    expect(small.tokens()).toMatchObject({ held: 0, drawn: 0 })
  })

  test('where only two are there, the second one\'s failure is told', async () => {
    const { small, next } = await market(2)
    const answering = ask(small.url)
    for (const status of [429, 500]) (await next()).response.writeHead(status).end()
    expect(codeOf(await answering)).toBe('upstream_failed')
    await small.settled()
    expect(small.tokens()).toMatchObject({ held: 0, drawn: 0 })
  })

  test('where nobody is there, nothing is asked of the ledger', async () => {
    const { small } = await market(0)
    const answer = await ask(small.url)
    await small.settled()
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 503, code: 'no_supplier' })
    expect(answer.headers.get('retry-after')).toBe('5')
    expect(small.market.told.filter(({ kind }) => kind === 'authorization-state')).toEqual([])
  })
})

test('a failure that takes for ever to say what it is about is told all the same', async () => {
  const { small, next } = await market(1)
  const answering = ask(small.url)
  const { response } = await next()
  response.writeHead(500).write('{"error":')
  expect(codeOf(await answering)).toBe('upstream_failed')
})

test('an upstream that has ended its answer, but not its connection, is left', async () => {
  const { small, next } = await market(1)
  const answering = ask(small.url)
  const { response, closed } = await next()
  response.writeHead(200, streamHead).write(role + content('Hi') + finish + usage({ input: 5, output: 1 }) + done)
  expect(await answering).toMatchObject({ status: 200 })
  await closed
  await small.settled()
  expect(small.tokens()).toMatchObject({ held: 0, drawn: 6 })
})

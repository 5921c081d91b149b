// A client that is sent to a supplier: what his edge says reaches the ledger, and bills what was delivered.

import { request as httpRequest } from 'node:http'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { simulatedUpstream } from '../../../gateway/edge/simulated/upstream.ts'
import { tokens } from '../../../schemas/units.ts'
import type { UnbilledUsage } from '../../../schemas/usage/records.ts'
import { answerOf, scriptedUpstream, streamHead, type Call, type ScriptedUpstream } from '../relay/scripted-upstream.ts'
import { ask, asJson, bodyOf, codeOf, connect, until, type Answer } from './asking.ts'
import { edgeBeside, type EdgeBeside } from './edge-beside.ts'
import { ben, prime, smallConsumption, type SmallConsumption, type SmallOptions } from './small-consumption.ts'

type Small = SmallConsumption & { readonly url: string }
type Setup = { readonly small: Small, readonly upstream: ScriptedUpstream, readonly beside: EdgeBeside }

const opened: { close (): Promise<void> }[] = []
const account = { delivery: 'supplier' } as const
const second = 1000

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close()
})

async function started (options: Partial<SmallOptions> = {}): Promise<Setup> {
  const upstream = await scriptedUpstream()
  const small = await smallConsumption({ upstreams: [upstream.url], account, ...options })
  const beside = await edgeBeside({ small, upstream: upstream.url })
  opened.push(upstream, small, beside)
  return { small, upstream, beside }
}

async function ticketFrom (small: Small, fields: object = {}): Promise<string> {
  const answer = await ask(small.url, { fields, redirect: 'manual' })
  expect([answer.status, answer.text]).toEqual([307, ''])
  return answer.headers.get('location')!
}

const follow = (location: string, body = bodyOf('chat')): Promise<Answer> => ask(location, { path: location, key: null, body })

const unbilled = ({ market }: Small): string[] => market.told
  .filter((value): value is UnbilledUsage => value.kind === 'unbilled-usage').map(({ reason }) => reason)

/** The ledger hears of what an edge has told by now. */
async function drawn (small: Small): Promise<object> {
  await small.settled()
  const { held, drawn: taken } = small.tokens()
  return { held, drawn: taken, captures: small.captures.length }
}

const usage = { input: 25, output: 2 }
const fine = answerOf(['Hello', ' there'], usage)
const billed = { held: 0, drawn: 27, captures: 1 }

describe('an answer that takes its time is billed', () => {
  const headersOnly = ({ response }: Call): void => { response.writeHead(200, streamHead).flushHeaders() }

  test.each([['whole', false], ['streamed, with a first token that is late', true]])('%s', async (_name, stream) => {
    const { small, upstream, beside } = await started()
    const following = follow(await ticketFrom(small, { stream }), bodyOf('chat', { stream }))
    const call = await upstream.next()
    headersOnly(call)
    await vi.waitFor(() => { expect(small.readings).toHaveLength(1) })
    await beside.later(200 * second)
    expect(small.readings).toHaveLength(7)
    call.response.end(fine)
    expect((await following).status).toBe(200)
    expect(await drawn(small)).toEqual(billed)
    expect(unbilled(small)).not.toContain('not_started')
  })

  test('where the client took its time, and the model server then', async () => {
    const { small, upstream, beside } = await started()
    const location = await ticketFrom(small)
    await beside.later(55 * second)
    const following = follow(location)
    const call = await upstream.next()
    await beside.later(50 * second)
    call.response.writeHead(200, streamHead).end(fine)
    expect((await following).status).toBe(200)
    expect(await drawn(small)).toEqual(billed)
  })

  test('where its body was long on its way', async () => {
    const { small, upstream, beside } = await started()
    const [location, body] = [await ticketFrom(small), bodyOf('chat')]
    const headers = { 'content-type': 'application/json', 'content-length': String(body.length) }
    const request = httpRequest(location, { method: 'POST', agent: false, headers })
    const status = new Promise(resolve => {
      request.on('response', response => { response.resume().on('end', () => { resolve(response.statusCode) }) })
    })
    request.write(body.slice(0, 20))
    await until(() => beside.edge.live.size === 1)
    await beside.later(120 * second)
    request.end(body.slice(20))
    const call = await upstream.next()
    call.response.writeHead(200, streamHead).end(fine)
    expect(await status).toBe(200)
    expect(await drawn(small)).toEqual(billed)
  })
})

describe('a client that leaves before it was sent anything', () => {
  test('may come again with its ticket, though the market was told that it lives', async () => {
    const { small, upstream, beside } = await started()
    const location = await ticketFrom(small)
    const { hangUp } = connect(location, { path: location, key: null })
    const first = await upstream.next()
    first.response.writeHead(200, streamHead).flushHeaders()
    await vi.waitFor(() => { expect(small.readings).toHaveLength(1) })
    hangUp()
    await until(() => beside.edge.live.size === 0)
    await beside.later(10 * second)
    const following = follow(location)
    const { response } = await upstream.next()
    await beside.later(100 * second)
    response.writeHead(200, streamHead).end(fine)
    expect((await following).status).toBe(200)
    expect(await drawn(small)).toEqual(billed)
  })

  test('and does not come again has back what was held, once its ticket has expired', async () => {
    const { small, upstream, beside } = await started()
    const location = await ticketFrom(small)
    const { hangUp } = connect(location, { path: location, key: null })
    const { response } = await upstream.next()
    response.writeHead(200, streamHead).flushHeaders()
    await vi.waitFor(() => { expect(small.readings).toHaveLength(1) })
    hangUp()
    await until(() => beside.edge.live.size === 0)
    await beside.later(62 * second)
    expect(await drawn(small)).toEqual({ held: 0, drawn: 0, captures: 0 })
    expect((await follow(location)).status).toBe(408)
  })
})

/** Leaves ben so many tokens. */
async function leave (small: Small, left: number): Promise<void> {
  small.market.say({
    kind: 'authorize-usage',
    holder: ben,
    instrumentId: prime.instrumentId,
    requestId: 'most',
    need: tokens(small.tokens().remaining - left),
    min: tokens(1),
    recorder: 'gateway',
    limitPrice: null,
    spendMax: null,
    keyId: '',
    budget: null,
    budgetPeriod: 'total',
    managedPrice: null
  })
  await small.settled()
}

const words = 'Say something.'
const bound = words.length + 16

describe('what is held', () => {
  test('is all that was asked, where there is so much', async () => {
    const { small } = await started()
    await ticketFrom(small, { max_tokens: 50_000 })
    await small.settled()
    expect(small.tokens().held).toBe(bound + 50_000)
  })

  const longWords = 'x'.repeat(3000)
  const chat = (content: string, more: object = {}): object => ({ messages: [{ role: 'user', content }], ...more })
  const least = Math.ceil(longWords.length / 3) + 16

  test.each<[name: string, left: number | null, fields: object, output: number]>([
    ['all that was asked', null, { max_tokens: 50_000 }, 50_000],
    ['what is left beside the input', bound + 9000, { max_tokens: 50_000 }, 9000],
    ['the same for each of two answers', bound + 9001, { max_tokens: 50_000, n: 2 }, 9000],
    ['what is left beside most inputs of its length', least + 300, chat(longWords, { max_tokens: 500 }), 300]
  ])('is said by the ticket, as its cap: %s', async (_name, left, fields, output) => {
    const { small } = await started()
    if (left !== null) await leave(small, left)
    const location = new URL(await ticketFrom(small, fields))
    const [, payload = ''] = location.searchParams.get('token')!.split('.')
    expect(asJson(Buffer.from(payload, 'base64url').toString())).toMatchObject({ output_max: output, ...left === null ? {} : { held: left } })
  })

  test.each([8192, 9000])('is what there is, and no more is delivered: %i tokens', async left => {
    const model = await simulatedUpstream({ isRecording: true, behaviour: { output_tokens: 20_000 } })
    const small = await smallConsumption({ upstreams: [model.url], account })
    const beside = await edgeBeside({ small, upstream: model.url })
    opened.push(model, small, beside)
    await leave(small, bound + left)
    const before = small.tokens().held
    const answer = await ask(small.url, { fields: { max_tokens: 100_000 } })
    expect(answer.json).toMatchObject({ choices: [{ finish_reason: 'length' }], usage: { completion_tokens: left } })
    await small.settled()
    const { prompt_tokens: input } = (answer.json as { usage: { prompt_tokens: number } }).usage
    expect(small.tokens()).toMatchObject({ held: before, drawn: input + left })
    expect(unbilled(small)).not.toContain('beyond_held')
  })

  test('is given back where the ledger was too late for a redirect', async () => {
    const { small } = await started({ settings: { admissionMs: 30 } })
    small.isHeldUp = true
    const answer = await ask(small.url, { redirect: 'manual' })
    expect([answer.status, codeOf(answer)]).toEqual([503, 'unavailable'])
    small.isHeldUp = false
    expect(await drawn(small)).toEqual({ held: 0, drawn: 0, captures: 0 })
  })
})

// Streams that go on for long: kept alive, extended, billed to the token; ended for want of tokens, by a process that
// has to go, or at the end of their time. Time is the test's.

import { afterEach, describe, expect, test } from 'vitest'
import type { JournalEntry } from '../../../schemas/ledger/records.ts'
import { content, done, finish, role, scriptedUpstream, streamHead, usage, type Call, type ScriptedUpstream } from '../relay/scripted-upstream.ts'
import { ask, codeOf, connect, until, type Client, type SurfaceName } from './asking.ts'
import { ben, prime, smallConsumption, type SmallConsumption, type SmallOptions } from './small-consumption.ts'

type Small = SmallConsumption & { readonly url: string }

let at: number
let upstream: ScriptedUpstream
let small: Small

async function market (options: Partial<SmallOptions> = {}): Promise<Small> {
  at = 1_000_000
  upstream = await scriptedUpstream()
  small = await smallConsumption({ upstreams: [upstream.url], elapsedMs: () => at, ...options })
  return small
}

afterEach(async () => {
  await small.close()
  await upstream.close()
})

/** A second goes by, here and at the stages. */
async function pass (ms = 1000): Promise<void> {
  at += ms
  small.market.tick(ms)
  small.consumption.live.tick(at)
  await small.settled()
}

type Stream = { readonly call: Call, readonly client: Client }

async function stream (surface: SurfaceName = 'chat', fields: object = {}): Promise<Stream> {
  const { answered } = connect(small.url, { surface, fields: { stream: true, ...fields } })
  const call = await upstream.next()
  call.response.writeHead(200, streamHead).write(role)
  const client = await answered
  await until(() => small.consumption.live.size === 1)
  await small.settled()
  return { call, client }
}

/** So many tokens, and the client has them. */
async function say ({ call, client }: Stream, count: number): Promise<void> {
  const words = ' word'.repeat(count)
  call.response.write(content(words))
  for (let text = ''; !text.includes(' word"') && !text.includes(words.slice(-5));) text += await client.reading.next()
}

describe('seventy-one minutes', () => {
  test('are extended, kept alive, and billed to the token', async () => {
    await market()
    const running = await stream('chat', { stream_options: { include_usage: true } })
    const minutes = 71
    const perMinute = 600
    for (let minute = 0; minute < minutes; minute++) {
      await say(running, perMinute)
      for (let second = 0; second < 60; second += 10) await pass(10_000)
      expect(small.tokens().drawn).toBe(0)
      expect(small.tokens().held).toBeGreaterThan((minute + 1) * perMinute)
    }
    const output = minutes * perMinute
    running.call.response.end(finish + usage({ input: 9, output }) + done)
    const text = await running.client.reading.rest()
    await small.settled()
    expect(text).toContain(`"completion_tokens":${output}`)
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
    expect(small.tokens()).toMatchObject({ held: 0, drawn: 9 + output })
    expect(small.captures).toHaveLength(1)
    expect(small.reports).toMatchObject([{ outcome: 'completed', reason: '', outputTokens: output, durationMs: minutes * 60_000 }])
    const progress = small.readings.filter(({ phase }) => phase === 'progress')
    // Five characters a word are guessed at as 1.25 tokens; 8,192 are held at first, and more whenever half is gone.
    expect(progress.filter(({ more }) => more > 0)).toHaveLength(Math.floor(output * 1.25 / 4096))
    expect(progress.length).toBeGreaterThanOrEqual(minutes * 2)
    // What is said on the way is never more than what was made.
    expect(progress.at(-1)).toMatchObject({ inputTokens: 0, outputTokens: output })
    expect(small.market.told.filter(value => value.kind === 'unbilled-usage')).toEqual([])
  })

  test('without a word of the gateway\'s, the ledger gives the tokens back, and bills nothing', async () => {
    await market()
    const running = await stream()
    for (let minute = 0; minute < 18; minute++) {
      at += 60_000
      small.market.tick(60_000)
      await small.settled()
    }
    expect(small.tokens()).toMatchObject({ held: 0 })
    running.call.response.end(content(' word') + finish + usage({ input: 9, output: 1 }) + done)
    await running.client.reading.rest()
    await small.settled()
    expect(small.tokens()).toMatchObject({ held: 0, drawn: 0 })
  })
})

describe('an extension that is refused', () => {
  const told: readonly (readonly [SurfaceName, string, object])[] = [
    ['chat', '"finish_reason":"length"', {}],
    ['messages', '"stop_reason":"max_tokens"', { max_tokens: 100_000 }],
    ['responses', '"reason":"max_output_tokens"', {}]
  ]

  test.each(told)('ends the answer on %s with %s, billed', async (surface, words, fields) => {
    // One unit: 8,192 tokens are held at first, and somebody else takes all the others.
    await market({ units: 1 })
    const running = await stream(surface, fields)
    const left = small.requests.available(ben, prime.instrumentId)
    small.market.say({
      kind: 'authorize-usage',
      holder: ben,
      instrumentId: prime.instrumentId,
      requestId: 'greedy',
      need: left,
      min: left,
      recorder: 'gateway',
      limitPrice: null,
      spendMax: null,
      keyId: '',
      budget: null,
      budgetPeriod: 'total',
      managedPrice: null
    })
    await small.settled()
    for (let count = 0; count < 9 && small.reports.length === 0; count++) {
      running.call.response.write(content(' word'.repeat(1000)))
      await until(() => running.call.response.writableLength === 0)
      for (let turn = 0; turn < 30; turn++) await small.settled()
    }
    const text = await running.client.reading.rest()
    await running.call.closed
    await small.settled()
    expect(text).toContain(words)
    expect(small.reports).toMatchObject([{ outcome: 'cut', reason: 'balance', isEstimated: true }])
    const [{ usage: receipt }] = small.captures as [JournalEntry]
    expect(receipt).toMatchObject({ billed: expect.any(Number) as unknown })
    const { drawn, held } = small.tokens()
    expect(drawn).toBe(receipt!.billed)
    expect(drawn).toBeGreaterThan(6000)
    expect(drawn).toBeLessThanOrEqual(8192 + 30)
    expect(held).toBe(left)
  })
})

describe('silence', () => {
  const told: readonly (readonly [SurfaceName, string])[] = [['chat', ': '], ['messages', 'event: ping'], ['responses', ': ']]

  test.each(told)('on %s is filled after 15 seconds', async (surface, words) => {
    await market()
    const { call: { response }, client } = await stream(surface)
    response.write(content(' word'))
    let text = ''
    while (!text.includes(' word')) text += await client.reading.next()
    await pass(14_999)
    await pass(1)
    expect(await client.reading.next()).toContain(words)
    await pass(14_000)
    response.write(content(' more'))
    expect(await client.reading.next()).toContain(' more')
    response.end(finish + usage({ input: 9, output: 2 }) + done)
    await client.reading.rest()
  })

  test('before the upstream has answered is not: the status is not known', async () => {
    await market()
    const { answered } = connect(small.url, { fields: { stream: true } })
    const { response } = await upstream.next()
    await until(() => small.consumption.live.size === 1)
    for (let count = 0; count < 5; count++) await pass(20_000)
    response.writeHead(500).end()
    expect(await answered).toMatchObject({ status: 502 })
  })

  test('of one that is sent whole is not filled', async () => {
    await market()
    const answering = ask(small.url)
    const { response } = await upstream.next()
    response.writeHead(200, streamHead).write(role + content('Hi'))
    await until(() => small.consumption.live.size === 1)
    for (let count = 0; count < 5; count++) await pass(20_000)
    response.end(finish + usage({ input: 9, output: 1 }) + done)
    expect(await answering).toMatchObject({ status: 200, json: { choices: [{ message: { content: 'Hi' } }] } })
  })
})

describe('a process that has to go', () => {
  test('lets streams end, and takes no request', async () => {
    await market()
    const running = await stream()
    const drained = small.consumption.live.drain(60_000)
    const refused = await ask(small.url)
    expect({ status: refused.status, code: codeOf(refused) }).toEqual({ status: 503, code: 'draining' })
    running.call.response.end(content(' word') + finish + usage({ input: 9, output: 1 }) + done)
    expect(await running.client.reading.rest()).toContain('[DONE]')
    await drained
    await small.settled()
    expect(small.tokens()).toMatchObject({ held: 0, drawn: 10 })
  })

  test('tells those that don\'t that it is over, unbilled', async () => {
    await market()
    const running = await stream()
    await say(running, 3)
    await small.consumption.live.drain(1)
    const text = await running.client.reading.rest()
    expect(text).toContain('"code":"draining"')
    expect(text).not.toContain('[DONE]')
    await running.call.closed
    await small.settled()
    expect(small.tokens()).toMatchObject({ held: 0, drawn: 0 })
    expect(small.reports).toMatchObject([{ outcome: 'failed', reason: 'draining', status: 200 }])
  })
})

test('an answer has an end, however long its supplier goes on', async () => {
  await market()
  const running = await stream()
  for (let minute = 0; minute <= 90; minute++) await pass(60_000)
  await pass(1)
  expect(await running.client.reading.rest()).toContain('upstream_timeout')
  await running.call.closed
  await small.settled()
  expect(small.tokens()).toMatchObject({ held: 0, drawn: 0 })
})

// What is billed, and what cap goes upstream, of whole requests: suppliers that overstate, contexts that are nearly
// full, tokens that do not reach.

import { afterEach, describe, expect, test } from 'vitest'
import { tokens } from '../../../schemas/units.ts'
import { simulatedUpstream, type SimulatedUpstream, type UpstreamSettings } from '../../../gateway/edge/simulated/upstream.ts'
import { countTokens } from '../../../gateway/tokenizer/tokenizer.ts'
import { content, done, finish, role, scriptedUpstream, streamHead, usage } from '../relay/scripted-upstream.ts'
import { ask } from './asking.ts'
import { ben, prime, smallConsumption, type SmallConsumption, type SmallOptions } from './small-consumption.ts'

type Small = SmallConsumption & { readonly url: string }

const opened: { close (): Promise<unknown> }[] = []

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close()
})

async function market (upstreams: readonly string[], options: Partial<SmallOptions> = {}): Promise<Small> {
  const small = await smallConsumption({ upstreams, ...options })
  opened.push(small)
  return small
}

async function simulated (settings: UpstreamSettings): Promise<SimulatedUpstream> {
  const upstream = await simulatedUpstream(settings)
  opened.push(upstream)
  return upstream
}

const said = (text: string): object => ({ messages: [{ role: 'user', content: text }] })
const capIn = (body: string): unknown => (JSON.parse(body) as { max_completion_tokens: unknown }).max_completion_tokens

/** One request, whose upstream answers these words and says this of them. */
async function reported (fields: object, words: readonly string[], said: Parameters<typeof usage>[0]): Promise<Small> {
  const upstream = await scriptedUpstream()
  opened.push(upstream)
  const small = await market([upstream.url])
  const answering = ask(small.url, { fields })
  const { response } = await upstream.next()
  response.writeHead(200, streamHead).end(role + words.map(content).join('') + finish + usage(said) + done)
  expect((await answering).status).toBe(200)
  await small.settled()
  return small
}

describe('a supplier that overstates', () => {
  const sentence = 'The market opens at dawn, and every trader reads the same numbers. '

  test('the output, letter by letter, is paid what was made', async () => {
    const text = sentence.repeat(20)
    const small = await reported({}, Array.from(text), { input: 9, output: text.length })
    const [{ outputTokens, overReported }] = small.reports as [Small['reports'][0]]
    expect(outputTokens).toBe(countTokens(text))
    expect(overReported).toBe(text.length - outputTokens)
    expect(small.tokens()).toMatchObject({ drawn: 9 + outputTokens, held: 0 })
  })

  test('the input is paid what can be believed, and reported', async () => {
    const text = sentence.repeat(500)
    const small = await reported(said(text), ['Yes.'], { input: text.length, output: 2 })
    const [{ inputTokens, overReported }] = small.reports as [Small['reports'][0]]
    const real = 500 * 14
    expect(inputTokens).toBeGreaterThan(1.25 * real)
    expect(inputTokens).toBeLessThan(1.25 * real + 800)
    expect(overReported).toBe(text.length - inputTokens)
    expect(small.tokens()).toMatchObject({ drawn: inputTokens + 2, held: 0 })
  })

  test('no input with a plausible template around it', async () => {
    const input = 500 * 14 + 300
    const small = await reported(said(sentence.repeat(500)), ['Yes.'], { input, output: 2 })
    expect(small.reports).toMatchObject([{ inputTokens: input, overReported: null }])
  })
})

describe('the context', () => {
  const { contextTokens, outputTokensMax } = prime.terms

  test('has room for the input and the cap that go upstream, however long the input is', async () => {
    const upstream = await simulated({ isRecording: true, behaviour: { context_tokens: contextTokens } })
    const small = await market([upstream.url])
    for (const length of [10, 70_000, 110_000, 160_000, 400_000]) {
      expect((await ask(small.url, { fields: said('word '.repeat(length / 5)) })).status).toBe(200)
    }
    const caps = upstream.requests.map(({ body }) => capIn(body))
    expect(caps.slice(0, 2)).toEqual([outputTokensMax, contextTokens - 70_000 - 16])
    // From here on it was counted.
    expect(caps[4]).toBeGreaterThan(contextTokens - 90_000)
  })

  test('leaves what was asked where the count has room for it, though the bytes have not', async () => {
    const upstream = await simulated({ isRecording: true })
    const small = await market([upstream.url])
    await ask(small.url, { fields: { ...said('word '.repeat(20_000)), max_tokens: 120_000 } })
    expect(capIn(upstream.requests[0]!.body)).toBe(120_000)
  })
})

describe('a balance that does not reach', () => {
  const take = (small: Small, left: number): void => {
    const need = tokens(1_000_000 - left)
    small.market.say({
      kind: 'authorize-usage',
      holder: ben,
      instrumentId: prime.instrumentId,
      requestId: 'most',
      need,
      min: need,
      recorder: 'gateway',
      limitPrice: null,
      spendMax: null,
      keyId: '',
      budget: null,
      budgetPeriod: 'total',
      managedPrice: null
    })
  }

  async function answered (asked: number, how: 'length' | 'stop'): Promise<Small> {
    const upstream = await scriptedUpstream()
    opened.push(upstream)
    const small = await market([upstream.url], { units: 1 })
    take(small, 1000)
    await small.settled()
    const answering = ask(small.url, { fields: { max_tokens: asked } })
    const { response, body } = await upstream.next()
    expect(capIn(body)).toBe(Math.min(asked, 1000 - 14 - 16))
    const end = finish.replace('stop', how) + usage({ input: 9, output: 1 }) + done
    response.writeHead(200, streamHead).end(role + content('Well') + end)
    expect(await answering).toMatchObject({ status: 200, json: { choices: [{ finish_reason: how }] } })
    await small.settled()
    return small
  }

  test('for what was asked is named where the answer came to its cap', async () => {
    expect((await answered(5000, 'length')).reports).toMatchObject([{ outcome: 'completed', reason: 'balance' }])
  })

  test('is not where the cap is the client\'s own, or the answer ended by itself', async () => {
    expect((await answered(900, 'length')).reports).toMatchObject([{ outcome: 'completed', reason: '' }])
    expect((await answered(5000, 'stop')).reports).toMatchObject([{ outcome: 'completed', reason: '' }])
  })
})

// The order of things: no byte before the replica has the authorisation and the start, whatever the upstream does; the
// upstream is asked meanwhile, where there seems to be enough.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { tokens } from '../../../schemas/units.ts'
import { answerOf, scriptedUpstream, streamHead, type ScriptedUpstream } from '../relay/scripted-upstream.ts'
import { ask, codeOf, connect, until } from './asking.ts'
import { ben, prime, smallConsumption, type SmallConsumption } from './small-consumption.ts'

let upstream: ScriptedUpstream
let small: SmallConsumption & { readonly url: string }
let at: number

const fine = answerOf(['Hello', ' there'], { input: 5, output: 2 })
const all = tokens(1_000_000)

beforeEach(async () => {
  at = 1_000_000
  upstream = await scriptedUpstream()
  small = await smallConsumption({ upstreams: [upstream.url], units: 1, elapsedMs: () => at })
})

afterEach(async () => {
  await small.close()
  await upstream.close()
})

/** Somebody else is before us in the log, and takes everything. */
function takeAll (): void {
  small.market.say({
    kind: 'authorize-usage',
    holder: ben,
    instrumentId: prime.instrumentId,
    requestId: 'greedy',
    need: all,
    min: all,
    recorder: 'gateway',
    limitPrice: null,
    spendMax: null,
    keyId: '',
    budget: null,
    budgetPeriod: 'total',
    managedPrice: null
  })
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise(resolve => { setImmediate(resolve) })
}

describe('where there seems to be enough', () => {
  test('the upstream is asked at once, and its answer waits for the authorisation', async () => {
    small.isHeldUp = true
    const { answered } = connect(small.url, { fields: { stream: true } })
    const { response, closed } = await upstream.next()
    response.writeHead(200, streamHead).write(fine)
    let isAnswered = false
    answered.then(() => { isAnswered = true }, () => {})
    await turns(50)
    // Not even a heartbeat: that would be a status.
    for (at += 20_000; at < 1_060_000; at += 20_000) small.consumption.live.tick(at)
    await turns(50)
    expect(isAnswered).toBe(false)
    small.isHeldUp = false
    await small.settled()
    response.end()
    const { status, reading } = await answered
    expect(status).toBe(200)
    expect(await reading.rest()).toContain('[DONE]')
    await closed
    await small.settled()
    expect(small.tokens()).toMatchObject({ held: 0, drawn: 7 })
  })

  test('refused meanwhile, the upstream is left, and the client told 402', async () => {
    small.isHeldUp = true
    takeAll()
    const answering = ask(small.url)
    const { response, closed } = await upstream.next()
    response.writeHead(200, streamHead).write(fine)
    await turns(20)
    small.isHeldUp = false
    await small.settled()
    const answer = await answering
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 402, code: 'insufficient_credits' })
    expect(answer.text).not.toContain('Hello')
    await closed
    await small.settled()
    expect(small.tokens()).toMatchObject({ held: all, drawn: 0 })
  })

  test('refused while the upstream is silent, too', async () => {
    small.isHeldUp = true
    takeAll()
    const answering = ask(small.url)
    const { closed } = await upstream.next()
    small.isHeldUp = false
    await small.settled()
    expect(codeOf(await answering)).toBe('insufficient_credits')
    await closed
  })

  test('this gateway counts what it has asked for and not seen', async () => {
    small.isHeldUp = true
    const fields = { max_tokens: 8000 }
    const answering = Array.from({ length: 150 }, () => ask(small.url, { fields }))
    // 1,000,000 tokens are enough for so many; who comes after them is asked for once he is authorised.
    const sure = Math.floor(1_000_000 / (8000 + 14 + 16))
    await until(() => upstream.waiting === sure)
    await turns(100)
    expect(upstream.waiting).toBe(sure)
    small.isHeldUp = false
    await small.settled()
    // One more has what was left; the rest was refused.
    for (let served = 0; served <= sure; served++) {
      const { response } = await upstream.next()
      response.writeHead(200, streamHead).end(fine)
    }
    const answers = await Promise.all(answering)
    await small.settled()
    expect(answers.map(({ status }) => status).filter(status => status === 200)).toHaveLength(sure + 1)
    expect(answers.map(({ status }) => status).filter(status => status === 402)).toHaveLength(150 - sure - 1)
    expect(small.tokens()).toMatchObject({ held: 0, drawn: (sure + 1) * 7 })
  })
})

test('where there is too little, the upstream hears of it once tokens are held', async () => {
  takeAll()
  await small.settled()
  const answer = await ask(small.url)
  expect(codeOf(answer)).toBe('insufficient_credits')
  expect(upstream.waiting).toBe(0)
})

test('with less than asked for, what there is is held, and the upstream\'s cap is lower', async () => {
  small.market.say({
    kind: 'authorize-usage',
    holder: ben,
    instrumentId: prime.instrumentId,
    requestId: 'most',
    need: tokens(999_000),
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
  const answering = ask(small.url, { fields: { max_tokens: 5000 } })
  const { body, response } = await upstream.next()
  const { max_completion_tokens: cap } = JSON.parse(body) as { max_completion_tokens: number }
  expect(cap).toBe(1000 - 14 - 16)
  response.writeHead(200, streamHead).end(fine)
  expect((await answering).status).toBe(200)
})

test('a ledger that does not answer in time is 503, and nothing stays held', async () => {
  await small.close()
  small = await smallConsumption({ upstreams: [upstream.url], settings: { admissionMs: 30 } })
  small.isHeldUp = true
  const answering = ask(small.url)
  const { response } = await upstream.next()
  response.writeHead(200, streamHead).end(fine)
  const answer = await answering
  expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 503, code: 'unavailable' })
  expect(answer.headers.get('retry-after')).toBe('1')
  small.isHeldUp = false
  await small.settled()
  expect(small.tokens()).toMatchObject({ held: 0, drawn: 0 })
})

// Clients that leave: nothing before the upstream has answered, what was delivered after that; never the cap.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { countTokens } from '../../../gateway/tokenizer/tokenizer.ts'
import { content, finish, role, scriptedUpstream, streamHead, usage, type ScriptedUpstream } from '../relay/scripted-upstream.ts'
import { connect, until } from './asking.ts'
import { smallConsumption, type SmallConsumption } from './small-consumption.ts'

let upstream: ScriptedUpstream
let small: SmallConsumption & { readonly url: string }

beforeEach(async () => {
  upstream = await scriptedUpstream()
  small = await smallConsumption({ upstreams: [upstream.url] })
})

afterEach(async () => {
  await small.close()
  await upstream.close()
})

async function reported (): Promise<void> {
  await until(() => small.reports.length === 1)
  await small.settled()
  expect(small.tokens().held).toBe(0)
}

const fields = { stream: true, max_tokens: 5000 }
const words = ['The', ' market', ' opens', ' at', ' dawn']

describe('a client that leaves', () => {
  test('before the upstream has answered owes nothing', async () => {
    const { hangUp } = connect(small.url, { fields })
    const { closed } = await upstream.next()
    hangUp()
    await closed
    await reported()
    expect(small.tokens().drawn).toBe(0)
    expect(small.reports).toMatchObject([{ outcome: 'disconnected', reason: 'client', status: 499, inputTokens: 0 }])
  })

  test('while its tokens are waited for owes nothing', async () => {
    small.isHeldUp = true
    const { hangUp } = connect(small.url, { fields })
    const { closed } = await upstream.next()
    hangUp()
    await closed
    small.isHeldUp = false
    await reported()
    expect(small.tokens().drawn).toBe(0)
  })

  test.each([0, 1, 3, 5])('behind %i words owes its input and those', async length => {
    const { answered } = connect(small.url, { fields })
    const { response, closed } = await upstream.next()
    response.writeHead(200, streamHead).write(role)
    const client = await answered
    await client.reading.next()
    for (const word of words.slice(0, length)) {
      response.write(content(word))
      expect(await client.reading.next()).toContain(word)
    }
    client.hangUp()
    await closed
    await reported()
    const [{ inputTokens }] = small.reports as [SmallConsumption['reports'][0]]
    expect(inputTokens).toBeGreaterThan(0)
    expect(small.reports).toMatchObject([{ outcome: 'disconnected', status: 200, outputTokens: length, isEstimated: true }])
    expect(countTokens(words.slice(0, length).join(''))).toBe(length)
    expect(small.tokens().drawn).toBe(inputTokens + length)
  })

  test('when the usage was said already owes that', async () => {
    const { answered } = connect(small.url, { fields })
    const { response, closed } = await upstream.next()
    response.writeHead(200, streamHead).write(role + content('Hi') + finish + usage({ input: 9, output: 1 }))
    const client = await answered
    await client.reading.next()
    await until(() => small.consumption.live.size === 1)
    client.hangUp()
    await closed
    await reported()
    expect(small.reports).toMatchObject([{ outcome: 'disconnected', outputTokens: 1 }])
  })

  test('that waits for all at once owes what was made until it left', async () => {
    const { hangUp } = connect(small.url, { fields: { ...fields, stream: false } })
    const { response, closed } = await upstream.next()
    response.writeHead(200, streamHead).write(role + words.map(content).join(''))
    await until(() => small.consumption.live.size === 1)
    for (let turn = 0; turn < 50; turn++) await new Promise(resolve => { setImmediate(resolve) })
    hangUp()
    await closed
    await reported()
    expect(small.reports).toMatchObject([{ outcome: 'disconnected', outputTokens: 5 }])
  })

  test('and comes back with its Idempotency-Key is told that it was answered', async () => {
    const headers = { 'idempotency-key': 'once' }
    const { answered } = connect(small.url, { fields, headers })
    const { response, closed } = await upstream.next()
    response.writeHead(200, streamHead).write(role + content('Hi'))
    const client = await answered
    await client.reading.next()
    const again = await connect(small.url, { fields, headers }).answered
    expect({ status: again.status, retry: again.response.headers['x-should-retry'] }).toEqual({ status: 409, retry: 'true' })
    expect(await again.reading.rest()).toContain('request_open')
    client.hangUp()
    await closed
    await reported()
    const third = await connect(small.url, { fields, headers }).answered
    expect({ status: third.status, retry: third.response.headers['x-should-retry'] }).toEqual({ status: 409, retry: 'false' })
    expect(await third.reading.rest()).toContain('request_done')
    expect(small.captures).toHaveLength(1)
  })
})

// A disk that takes nothing more: the client has its last word all the same, nobody is billed, and nothing stays held.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { answerOf, content, role, scriptedUpstream, streamHead, type ScriptedUpstream } from '../relay/scripted-upstream.ts'
import { ask, codeOf, connect, expectForm, paths, until, type SurfaceName } from './asking.ts'
import { smallConsumption, type SmallConsumption } from './small-consumption.ts'

let upstream: ScriptedUpstream
let small: SmallConsumption & { readonly url: string }
/** How many more times something may be put on disk. */
let room: number

beforeEach(async () => {
  room = 0
  upstream = await scriptedUpstream()
  small = await smallConsumption({ upstreams: [upstream.url] })
  const { leavings } = small.consumption
  const settle = leavings.settle.bind(leavings)
  leavings.settle = left => {
    if (room-- <= 0) throw new Error('no space left on device')
    settle(left)
  }
})

afterEach(async () => {
  await small.close()
  await upstream.close()
})

const surfaces = Object.keys(paths) as SurfaceName[]
const fine = answerOf(['Hello', ' there'], { input: 5, output: 2 })

async function nothingBilled (): Promise<void> {
  await until(() => small.consumption.live.size === 0)
  await small.settled()
  expect(small.tokens()).toMatchObject({ held: 0, drawn: 0 })
  expect(small.captures).toEqual([])
  expect(small.logged.join('')).toContain('could not be kept')
}

describe.each(surfaces)('on %s', surface => {
  test('a stream ends with an error in its own words', async () => {
    const answering = ask(small.url, { surface, fields: { stream: true } })
    const { response } = await upstream.next()
    response.writeHead(200, streamHead).end(fine)
    const { status, text } = await answering
    expect(status).toBe(200)
    expect(text).toContain('Hello')
    expect(text).toContain({ chat: 'data: {"error":', messages: 'event: error', responses: 'event: response.failed' }[surface])
    expect(text).not.toMatch(/\[DONE\]|message_stop|response\.completed/)
    await nothingBilled()
  })

  test('an answer that is sent whole is an error', async () => {
    const answering = ask(small.url, { surface, fields: { stream: false } })
    const { response } = await upstream.next()
    response.writeHead(200, streamHead).end(fine)
    const answer = await answering
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status: 500, code: 'internal' })
    expect(answer.text).not.toContain('Hello')
    expectForm(surface, answer)
    await nothingBilled()
  })
})

test('an upstream that fails is told of, before and behind its first word', async () => {
  for (const begun of ['', role + content('Hello')]) {
    const answering = ask(small.url, { fields: { stream: true } })
    const { response } = await upstream.next()
    response.writeHead(200, streamHead).end(begun)
    expect((await answering).text).toContain('upstream_truncated')
    await nothingBilled()
  }
})

test('a client that leaves is not billed', async () => {
  const { answered } = connect(small.url, { fields: { stream: true } })
  const { response, closed } = await upstream.next()
  response.writeHead(200, streamHead).write(role + content('Hello'))
  const client = await answered
  await client.reading.next()
  client.hangUp()
  await closed
  await nothingBilled()
})

test('where there is room again a moment later, what came of it is reported', async () => {
  const { leavings } = small.consumption
  const settle = leavings.settle.bind(leavings)
  leavings.settle = left => {
    leavings.settle = settle
    room = 1
    throw new Error(`no space left on device for ${left.report.requestId}`)
  }
  const answering = ask(small.url)
  const { response } = await upstream.next()
  response.writeHead(200, streamHead).end(fine)
  expect(codeOf(await answering)).toBe('internal')
  await small.settled()
  expect(small.tokens()).toMatchObject({ held: 0, drawn: 0 })
  expect(small.reports).toMatchObject([{ outcome: 'failed', reason: 'internal', status: 500 }])
})

// The path under which the first clients ask for a chat completion.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { simulatedUpstream, type SimulatedUpstream } from '../../../gateway/edge/simulated/upstream.ts'
import { ask, codeOf } from './asking.ts'
import { smallConsumption, type SmallConsumption } from './small-consumption.ts'

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

const path = '/api/v1/consumption/chat'

test.each(['direct', 'redirect'])('a whole answer is in an envelope, and billed: %s', async delivery => {
  const before = small.captures.length
  const { status, json } = await ask(small.url, { path, headers: { 'x-grid-delivery': delivery } })
  expect(status).toBe(200)
  expect(json).toEqual({ data: expect.objectContaining({ object: 'chat.completion' }) as unknown })
  await small.settled()
  expect(small.captures.length).toBe(before + 1)
})

test('a stream is what it is everywhere, and so is an error', async () => {
  const { text } = await ask(small.url, { path, fields: { stream: true } })
  expect(text).toMatch(/^data: \{"id"/)
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
  expect(codeOf(await ask(small.url, { path, fields: { model: 'gpt-4o' } }))).toBe('model_not_found')
})

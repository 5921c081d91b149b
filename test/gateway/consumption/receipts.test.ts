// Receipts where they are asked for: by which key, and what is said before the history has heard of a request.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { simulatedUpstream, type SimulatedUpstream } from '../../../gateway/edge/simulated/upstream.ts'
import { benKey, smallConsumption, type SmallConsumption } from './small-consumption.ts'

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

const authorization = `Bearer ${benKey}`

type Answered = { readonly status: number, readonly body: unknown }

async function ask (path: string, init: RequestInit = { headers: { authorization } }): Promise<Answered> {
  const response = await fetch(`${small.url}${path}`, init)
  return { status: response.status, body: await response.json() }
}

test('a request is pending until the journal has it', async () => {
  const response = await fetch(`${small.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'text-prime', messages: [{ role: 'user', content: 'Say something.' }] })
  })
  await response.text()
  const id = response.headers.get('x-grid-request-id')!
  await small.settled()
  expect(await ask(`/v1/usage/${id}`)).toMatchObject({
    status: 200, body: { request_id: id, status: 'pending', requested_model: 'text-prime', data: { cost: { status: 'pending', amount: null } } }
  })
})

test('lists and sums are there, under each prefix, with either way to send a key', async () => {
  expect(await ask('/v1/usage?limit=5')).toEqual({ status: 200, body: { data: [], paging: { next_cursor: null, prev_cursor: null, has_more: false } } })
  expect(await ask('/api/v1/usage/summary?group_by=day', { headers: { 'x-api-key': benKey } }))
    .toMatchObject({ status: 200, body: { totals: { request_count: 0 }, buckets: [] } })
})

test('who has no key, asks for too much, or for what is not there, is told so', async () => {
  expect(await ask('/v1/usage', {})).toMatchObject({ status: 401, body: { error: { code: 'unauthorized' } } })
  expect(await ask('/v1/usage?limit=1000')).toMatchObject({ status: 422, body: { errors: { detail: { limit: ['is at most 100'] } } } })
  expect(await ask('/v1/usage/req_unknown')).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } })
  expect(await ask('/v1/usage', { method: 'POST', headers: { authorization } })).toMatchObject({ status: 405 })
})

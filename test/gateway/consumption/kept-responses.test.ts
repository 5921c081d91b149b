// What a client may go on from: what was kept for it, and what this gateway remembers though it was not.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { simulatedUpstream, type SimulatedUpstream } from '../../../gateway/edge/simulated/upstream.ts'
import { ask, codeOf, type Answer } from './asking.ts'
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

const respond = (fields: object): Promise<Answer> => ask(small.url, { surface: 'responses', fields })

function itemOf ({ json }: Answer): object {
  const [{ id }] = json!['output'] as [{ id: string }]
  return { type: 'item_reference', id }
}

const more = { role: 'user', content: 'And more.' }

test('a response that was kept is gone on from, by its id or an item\'s', async () => {
  const first = await respond({ store: true })
  expect((await respond({ previous_response_id: first.json!['id'], input: 'And more.' })).status).toBe(200)
  expect((await respond({ input: [itemOf(first), more] })).status).toBe(200)
})

test('one that was to be kept and could not be is answered all the same, and its items are known here for a while', async () => {
  const { responses } = small.consumption
  const put = responses.put.bind(responses)
  responses.put = async () => Promise.reject(new Error('the store is away'))
  const first = await respond({ store: true })
  responses.put = put
  expect(first.status).toBe(200)
  expect(small.logged.some(line => line.includes('the store is away'))).toBe(true)
  expect((await respond({ input: [itemOf(first), more] })).status).toBe(200)
  expect(codeOf(await respond({ previous_response_id: first.json!['id'], input: 'And more.' }))).toBe('response_not_found')
})

test('of one that was not to be kept nothing is known', async () => {
  const first = await respond({ store: false })
  expect(codeOf(await respond({ input: [itemOf(first), more] }))).toBe('response_not_found')
})

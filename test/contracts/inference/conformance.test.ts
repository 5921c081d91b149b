// Hard cases of interfaces like these, each from a public thread where it broke somebody's client: through the gateway,
// bytes in and bytes out.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { surfaceName, type SurfaceName } from '../../../gateway/surfaces/surface.ts'
import { direct, hop, readStream, started } from '../../gateway/edge/support.ts'
import { eventsOf, typesOf, type Told } from '../../gateway/surfaces/answers.ts'
import {
  added, Asked, beginning, billed, callsOf, choice, chunk, chunksOf, done, said, stopped, usage, usageOnly, type Json
} from './asked.ts'

let asked: Asked

beforeEach(async () => { asked = await Asked.start() })
afterEach(async () => { await asked.close() })

const wantsUsage = { stream_options: { include_usage: true } }
const hello = said({ content: 'Hello' })

const ofType = (events: readonly Told[], type: string): Told[] => events.filter(event => event.type === type)
const partOf = (event: Told, name: string): Json => event[name] as Json

const tools = { tools: [{ name: 'look_up', input_schema: { type: 'object' } }, { name: 'add', input_schema: { type: 'object' } }] }
const chatTools = {
  tools: ['look_up', 'add'].map(name => ({ type: 'function', function: { name, parameters: { type: 'object' } } }))
}

async function drawn (): Promise<number> {
  await asked.small.settled()
  return asked.small.tokens().drawn
}

// BerriAI/litellm#28735 and #8450
test('1: the usage is in one last chunk that has no choices, though the upstream said it with the end', async () => {
  const { text } = await asked.answer({ body: wantsUsage }, [beginning, hello, chunk([choice({}, 'stop')], { usage }), done])
  const chunks = chunksOf(text)
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage })
  expect(chunks.filter(({ choices }) => (choices as unknown[]).length === 0)).toHaveLength(1)
  expect(chunks.at(-2)).toMatchObject({ choices: [{ finish_reason: 'stop' }] })
})

// BerriAI/litellm#9657, vllm-project/vllm#36379
test('2: earlier chunks say null; who does not ask for usage sees no word of it', async () => {
  const events = [chunk([choice({ role: 'assistant' })], { usage: null }), hello, stopped, usageOnly, done]
  const { text } = await asked.answer({ body: wantsUsage }, events)
  const chunks = chunksOf(text)
  expect(chunks.length).toBe(4)
  for (const each of chunks.slice(0, -1)) expect(each).toMatchObject({ usage: null })
  for (const body of [{}, { stream_options: {} }, { stream_options: { include_usage: false } }]) {
    const { text, sent } = await asked.answer({ body }, events)
    expect(sent).toMatchObject({ stream: true, ...wantsUsage })
    expect(chunksOf(text)).toHaveLength(3)
    expect(text).not.toContain('usage')
  }
  expect(await drawn()).toBe(4 * billed)
})

// BerriAI/litellm#25410, diegosouzapw/OmniRoute#9750, langchain-ai/langchain-litellm#56
test.each([
  ['no choices', usageOnly],
  ['a choice of which the delta is empty', chunk([choice({})], { usage })]
])('3: usage in a chunk with %s is not dropped', async (_what, last) => {
  const { text } = await asked.answer({ body: wantsUsage }, [beginning, hello, stopped, last, done])
  expect(chunksOf(text).at(-1)).toMatchObject({ choices: [], usage })
  expect(await drawn()).toBe(billed)
})

// BerriAI/litellm#17136, ROCm/ATOM#1711
test('4: usage before the last chunk is kept for the end, and every chunk has choices', async () => {
  const early = [beginning, hello, chunk([choice({ content: '!' })], { usage }), stopped, done]
  expect(chunksOf((await asked.answer({ body: wantsUsage }, early)).text).at(-1)).toMatchObject({ choices: [], usage })
  const bare = [beginning, hello, stopped, chunk(undefined, { usage }), done]
  const chunks = chunksOf((await asked.answer({ body: wantsUsage }, bare)).text)
  expect(chunks.every(({ choices }) => Array.isArray(choices))).toBe(true)
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage })
  expect(await drawn()).toBe(2 * billed)
})

// BerriAI/litellm#23847
test('5: an upstream that refuses `stream_options` is asked without, and what it took is known all the same', async () => {
  const edge = await started({ behaviour: { rejects_stream_options: true, output_tokens: 5 } })
  const { content, isDone } = readStream(await (await direct(edge)).text())
  expect({ isDone, hasContent: content !== '' }).toEqual({ isDone: true, hasContent: true })
  const messages = [{ role: 'user', content: 'Hi' }]
  const body = JSON.stringify({ model: 'text-prime', stream: true, ...wantsUsage, messages })
  expect(readStream(await (await hop(edge, { body })).text()).usage).toMatchObject({ completion_tokens: 5 })
  expect(edge.upstream.requests.map(request => request.body.includes('stream_options'))).toEqual([true, false, false])
})

// openai/openai-python#3246, vercel/ai#18333 and #18440, openai/codex#7517, continuedev/continue#13223,
// agno-agi/agno#8880
describe('6: deltas of tool calls add up, by their index, where the upstream', () => {
  const first = { id: 'call_a', type: 'function' as const, name: 'look_up' }
  const second = { id: 'call_b', type: 'function' as const, name: 'add' }
  const bare = (id: string | undefined, name: string | undefined, args: string): Json =>
    ({ ...(id === undefined ? {} : { id, type: 'function' }), function: { ...(name === undefined ? {} : { name }), arguments: args } })

  test.each<[what: string, deltas: readonly (readonly Json[])[]]>([
    ['is right', [[callsOf(0, first, '')], [callsOf(0, {}, '{"q":')], [callsOf(0, {}, '1}')], [callsOf(1, second, '{"q":2}')]]],
    ['leaves the index out', [[bare('call_a', 'look_up', '{"q":')], [bare(undefined, undefined, '1}')], [bare('call_b', 'add', '{"q":2}')]]],
    ['always says 0', [[callsOf(0, first, '{"q":1}')], [callsOf(0, second, '{"q":')], [callsOf(0, {}, '2}')]]],
    ['begins at 1', [[callsOf(1, first, '{"q":')], [callsOf(1, {}, '1}')], [callsOf(2, second, '{"q":2}')]]],
    ['repeats the id', [[callsOf(0, first, '{"q":')], [callsOf(0, { id: 'call_a' }, '1}')], [callsOf(1, second, '{"q":2}')]]],
    ['says a blank id later', [[callsOf(0, first, '{"q":')], [callsOf(0, { id: '' }, '1}')], [callsOf(1, second, '{"q":2}')]]],
    ['works on both at once', [[callsOf(0, first, ''), callsOf(1, second, '')], [callsOf(1, {}, '{"q":')], [callsOf(0, {}, '{"q":1}')], [callsOf(1, {}, '2}')]]]
  ])('%s', async (_what, deltas) => {
    const events = [beginning, ...deltas.map(calls => said({ tool_calls: calls })), said({}, 'tool_calls'), usageOnly, done]
    const { text } = await asked.answer({ body: chatTools }, events)
    expect(added(text)).toEqual([
      { id: 'call_a', name: 'look_up', args: '{"q":1}' }, { id: 'call_b', name: 'add', args: '{"q":2}' }
    ])
  })

  test('never says an id', async () => {
    const { text } = await asked.answer({ body: chatTools }, [
      said({ tool_calls: [callsOf(0, { name: 'look_up' }, '{"q":1}')] }), said({ tool_calls: [callsOf(1, { name: 'add', id: '' }, '{}')] }),
      said({}, 'tool_calls'), usageOnly, done
    ])
    const calls = added(text)
    expect(calls.map(({ name, args }) => [name, args])).toEqual([['look_up', '{"q":1}'], ['add', '{}']])
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2)
    expect(calls.every(({ id }) => id !== '')).toBe(true)
  })
})

// BerriAI/litellm#25321, #25561, #25836 and #29491
test('7: a call that follows text on Messages has all of its arguments, the first of them included', async () => {
  const { text } = await asked.answer({ surface: 'messages', body: tools }, [
    beginning, said({ content: 'Let me look.' }),
    said({ tool_calls: [callsOf(0, { id: 'call_a', name: 'look_up' }, '{"q":')] }),
    said({ tool_calls: [callsOf(0, {}, '"Rome"}')] }), said({}, 'tool_calls'), usageOnly, done
  ])
  const events = eventsOf(text)
  const blocks = ofType(events, 'content_block_start').map(event => partOf(event, 'content_block'))
  expect(blocks).toMatchObject([{ type: 'text' }, { type: 'tool_use', id: 'call_a', name: 'look_up', input: {} }])
  const json = ofType(events, 'content_block_delta').filter(({ index }) => index === 1)
    .map(event => partOf(event, 'delta')['partial_json']).join('')
  expect(JSON.parse(json)).toEqual({ q: 'Rome' })
  expect(partOf(ofType(events, 'message_delta')[0]!, 'delta')).toMatchObject({ stop_reason: 'tool_use' })
  const order = events.filter(({ type }) => type.startsWith('content_block_')).map(({ type, index }) => `${type} ${index as number}`)
  expect(order.indexOf('content_block_stop 0')).toBeLessThan(order.indexOf('content_block_start 1'))
})

// BerriAI/litellm#29286
test('8: an empty list of calls beside words makes no block and no delta', async () => {
  const { text } = await asked.answer({ surface: 'messages', body: tools }, [
    said({ role: 'assistant', content: '', tool_calls: [] }), said({ content: 'Mild.', tool_calls: [] }),
    said({ tool_calls: [] }, 'stop'), usageOnly, done
  ])
  expect(text).not.toContain('tool_use')
  expect(text).not.toContain('input_json_delta')
  expect(ofType(eventsOf(text), 'content_block_delta').map(event => partOf(event, 'delta'))).toEqual([{ type: 'text_delta', text: 'Mild.' }])
})

// BerriAI/litellm#32357 and #33224
test('9: thinking has a block of its own, once begun, with a signature that may be brought back', async () => {
  const { text } = await asked.answer({ surface: 'messages', body: { thinking: { type: 'adaptive' } } }, [
    beginning, said({ reasoning_content: 'It is ' }), said({ reasoning_content: 'May.' }), said({ content: 'Mild.' }), stopped, usageOnly, done
  ])
  const events = eventsOf(text)
  expect(ofType(events, 'message_start')).toHaveLength(1)
  const types = new Map(ofType(events, 'content_block_start').map(event => [event['index'], partOf(event, 'content_block')['type']]))
  expect([...types.values()]).toEqual(['thinking', 'text'])
  const deltas = ofType(events, 'content_block_delta').map(event => ({ block: types.get(event['index']), ...partOf(event, 'delta') }))
  expect(deltas.map(({ block, type }: Json) => `${String(block)}: ${String(type)}`)).toEqual([
    'thinking: thinking_delta', 'thinking: thinking_delta', 'thinking: signature_delta', 'text: text_delta'
  ])
  const { signature } = deltas[2] as Json
  const turn = [
    { role: 'user', content: 'And?' },
    { role: 'assistant', content: [{ type: 'thinking', thinking: 'It is May.', signature }, { type: 'text', text: 'Mild.' }] },
    { role: 'user', content: 'Sure?' }
  ]
  const { sent } = await asked.answer({ surface: 'messages', body: { messages: turn } }, [beginning, hello, stopped, usageOnly, done])
  expect((sent['messages'] as Json[])[1]).toMatchObject({ role: 'assistant', content: 'Mild.', reasoning_content: 'It is May.' })
})

// BerriAI/litellm#31069 and #24176
test('10: the first event of a message has its usage filled in, and the last the figures that are billed', async () => {
  const { text } = await asked.answer({ surface: 'messages' }, [beginning, hello, stopped, usageOnly, done])
  const events = eventsOf(text)
  const { usage: first } = partOf(events[0]!, 'message') as { usage: Record<string, number> }
  expect(first['input_tokens']).toBeGreaterThan(0)
  expect(first['output_tokens']).toBeGreaterThan(0)
  expect(first).toMatchObject({ cache_read_input_tokens: 0, cache_creation_input_tokens: 0 })
  expect(partOf(ofType(events, 'message_delta')[0]!, 'usage')).toMatchObject({
    input_tokens: 20, cache_read_input_tokens: 10, cache_creation_input_tokens: 0, output_tokens: 7
  })
})

// openai/codex#41340, dwgx/WindsurfAPI#63, caidaoli/ccLoad#59, farion1231/cc-switch#2750
test.each([
  ['words', [hello, stopped], 'response.completed'],
  ['calls', [said({ tool_calls: [callsOf(0, { id: 'call_a', name: 'look_up' }, '{}')] }), said({}, 'tool_calls')], 'response.completed'],
  ['a length', [hello, said({}, 'length')], 'response.incomplete']
])('11: a response of %s ends as it should', async (_what, events, last) => {
  const { text } = await asked.answer({ surface: 'responses' }, [beginning, ...events, usageOnly, done])
  const told = eventsOf(text)
  expect(told[0]!.type).toBe('response.created')
  expect(told.at(-1)!.type).toBe(last)
  expect(told.map(event => event['sequence_number'])).toEqual(told.map((_, index) => index))
})

// BigPizzaV3/CodexPlusPlus#1919
test('12: a response counts its reasoning, also where there was none', async () => {
  const { text } = await asked.answer({ surface: 'responses' }, [beginning, hello, stopped, usageOnly, done])
  expect(partOf(eventsOf(text).at(-1)!, 'response')['usage']).toEqual({
    input_tokens: 30,
    input_tokens_details: { cached_tokens: 10 },
    output_tokens: 7,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 37
  })
})

// caidaoli/ccLoad#59, router-for-me/CLIProxyAPI#2358
describe.each(surfaceName)('13: on %s', surface => {
  test('each word passes before the next is made, and a silence is filled', async () => {
    const { call, reading } = await asked.begun({ surface }, [beginning, said({ content: 'one' })])
    let seen = ''
    for (const next of ['two', 'three']) {
      while (!seen.includes(next === 'two' ? 'one' : 'two')) seen += await reading.next()
      call.response.write(said({ content: next }))
    }
    while (!seen.includes('three')) seen += await reading.next()
    asked.small.consumption.live.tick(performance.now() + asked.small.consumption.settings.heartbeatMs)
    expect(await reading.next()).toMatch(surface === 'messages' ? /^event: ping\n/ : /^:[^\n]*\n\n$/)
    call.response.end(stopped + usageOnly + done)
    await reading.rest()
    expect(await drawn()).toBe(billed)
  })

  test('nothing is said before it is known how the request goes', async () => {
    const response = asked.ask({ surface })
    const call = await asked.upstream.next()
    asked.small.consumption.live.tick(performance.now() + asked.small.consumption.settings.heartbeatMs)
    call.response.writeHead(400, { 'content-type': 'application/json' })
    call.response.end('{"error":{"message":"Too much."}}')
    expect((await response).status).toBe(400)
  })
})

// dwgx/WindsurfAPI#63
describe.each(surfaceName)('14: on %s', surface => {
  const words: Readonly<Record<SurfaceName, (text: string) => unknown>> = {
    chat: text => (JSON.parse(text.trim().split('\n\n').at(-1)!.slice(6)) as Json)['error'],
    messages: text => eventsOf(text).at(-1)!.type === 'error' ? eventsOf(text).at(-1)!['error'] : null,
    responses: text => typesOf(text).at(-1) === 'response.failed' ? partOf(eventsOf(text).at(-1)!, 'response')['error'] : null
  }

  test.each([
    ['says that it failed', 'data: {"error":{"message":"out of memory"}}\n\n', 'upstream_failed'],
    ['says what nobody can read', 'data: <html>\n\n', 'upstream_failed'],
    ['ends without an end', '', 'upstream_truncated'],
    ['breaks off', null, '']
  ])('an upstream that %s in mid-stream is told of in the words of the surface, and not billed', async (_what, last, code) => {
    const { call, reading } = await asked.begun({ surface }, [beginning, hello])
    let text = ''
    while (!text.includes('Hello')) text += await reading.next()
    if (last === null) call.response.destroy()
    else call.response.end(last)
    text += await reading.rest()
    expect(reading.isBroken).toBe(false)
    const error = words[surface](text) as Json
    expect(error['message']).toContain('nothing was billed')
    if (code !== '' && surface !== 'responses') expect(error['code']).toBe(code)
    expect(await drawn()).toBe(0)
    expect(asked.small.tokens().held).toBe(0)
    expect(asked.small.reports).toMatchObject([{ outcome: 'failed' }])
  })
})

describe.each(surfaceName)('15: on %s', surface => {
  test('a client that leaves takes the upstream with it, and owes what it was sent', async () => {
    const leaving = new AbortController()
    const { call, reading } = await asked.begun({ surface, signal: leaving.signal }, [beginning, hello, said({ content: ' there' })])
    let text = ''
    while (!text.includes('there')) text += await reading.next()
    leaving.abort()
    await call.closed
    expect(call.response.writableFinished).toBe(false)
    await reading.rest()
    await expect.poll(() => asked.small.reports).toMatchObject([{ outcome: 'disconnected', outputTokens: 2, isEstimated: true }])
    const [report] = asked.small.reports
    expect(await drawn()).toBe(report!.inputTokens + 2)
    expect(asked.small.tokens().held).toBe(0)
    expect(asked.small.captures).toHaveLength(1)
  })
})

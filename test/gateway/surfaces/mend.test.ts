// What upstreams get wrong, each from a public thread, and that all of it comes out right.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ChatChunk, ToolCallDelta } from '../../../gateway/surfaces/chunk.ts'
import { Mender, usageOf, type Mended } from '../../../gateway/surfaces/mend.ts'
import type { Json, JsonObject } from '../../../gateway/surfaces/surface.ts'

const chunk = (choices: Json | undefined, more: JsonObject = {}): string => JSON.stringify({
  id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_780_000_000, model: 'm', choices, ...more
})
const one = (delta: JsonObject, finish: string | null = null): string =>
  chunk([{ index: 0, delta, finish_reason: finish }])
const first = one({ role: 'assistant', content: '' })

const whole = (mended: Mended): { readonly chunk: ChatChunk, readonly raw: string | null } => {
  if (mended.kind !== 'chunk') throw new Error(`${mended.kind} is no chunk`)
  return mended
}
const readAll = (payloads: readonly string[]): ChatChunk[] => {
  const mender = new Mender('req-1')
  return payloads.map(payload => whole(mender.read(payload)).chunk)
}
/** The payload after a first chunk, mended. */
const second = (payload: string) => {
  const mender = new Mender('req-1')
  mender.read(first)
  return whole(mender.read(payload))
}

const deltasOf = (chunks: readonly ChatChunk[]): ToolCallDelta[] =>
  chunks.flatMap(({ choices }) => choices.flatMap(({ delta }) => delta.tool_calls ?? []))

type Call = { readonly name: string, readonly args: string }
/** The calls as a client adds them up, which holds it to what was promised of deltas. */
function fold (chunks: readonly ChatChunk[]): Call[] {
  const calls: Array<{ name: string, args: string }> = []
  const ids = new Set<string>()
  for (const { index, id, type, function: { name, arguments: args } } of deltasOf(chunks)) {
    if (index === calls.length) {
      expect(id).toMatch(/^[\w-]+$/)
      expect(ids.has(id!)).toBe(false)
      expect(type).toBe('function')
      expect(name).toMatch(/./)
      ids.add(id!)
      calls.push({ name: name!, args: '' })
    } else {
      expect(index).toBeLessThan(calls.length)
      expect([id, name]).toEqual([undefined, undefined])
    }
    calls[index]!.args += args ?? ''
  }
  return calls
}

const calls = (...deltas: readonly JsonObject[]): string => one({ tool_calls: deltas })
const [weather, clock] = [{ name: 'weather', args: '{"city":"Bern"}' }, { name: 'clock', args: '{"zone":"CET"}' }]

describe('what needs no mending is handed on as it came', () => {
  test.each([
    first, one({ content: 'x' }), one({}, 'stop'), one({ content: 'x', tool_calls: null, reasoning: null }),
    chunk([], { usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } }),
    chunk([], { prompt_filter_results: [] }),
    chunk([{ index: 0, delta: { content: 'a' }, finish_reason: null, logprobs: { content: [] } }], { usage: null, unheard_of: 1 })
  ])('%s', payload => {
    expect(second(payload).raw).toBe(payload)
    expect(second(payload).chunk.choices.every(({ delta }) => delta.tool_calls === undefined)).toBe(true)
  })
  test('calls of tools too', () => {
    const mender = new Mender()
    const payloads = [
      first, calls({ index: 0, id: 'call_a', type: 'function', function: { name: 'weather', arguments: '' } }),
      calls({ index: 0, function: { arguments: '{"city":' } }), calls({ index: 0, function: { arguments: '"Bern"}' } }), one({}, 'tool_calls')
    ]
    for (const payload of payloads) expect(whole(mender.read(payload)).raw).toBe(payload)
  })
  test('but not over several lines, which would end an event', () => {
    expect(second(JSON.stringify(JSON.parse(first), null, 1)).raw).toBeNull()
  })
})

describe('the end, and errors', () => {
  test.each(['[DONE]', ' [DONE]\r'])('%j is the end', payload => {
    expect(new Mender().read(payload)).toEqual({ kind: 'done' })
  })
  // dwgx/WindsurfAPI#63: errors in the middle of a stream come in many shapes.
  test.each<[payload: string, message: string, type: string]>([
    ['{"error":{"message":"overloaded","type":"server_error","code":503}}', 'overloaded', 'server_error'],
    ['{"error":"no memory"}', 'no memory', 'error'],
    ['{"error":{"code":"rate_limited"}}', 'The upstream failed.', 'rate_limited'],
    ['{"object":"error","message":"bad","type":"BadRequestError"}', 'bad', 'BadRequestError'],
    [one({ content: '' }, 'error'), 'The upstream failed.', 'error'],
    ['{"id":"x","choices":[{"index":0', 'The upstream sent what is no chunk.', 'unreadable'],
    ['[1]', 'The upstream sent what is no chunk.', 'unreadable'],
    ['null', 'The upstream sent what is no chunk.', 'unreadable']
  ])('%s is an error', (payload, message, type) => {
    expect(new Mender().read(payload)).toEqual({ kind: 'error', message, type })
  })
  test('an error of null is none', () => {
    expect(second(chunk([], { error: null })).chunk.choices).toEqual([])
  })
})

describe('the frame of a chunk', () => {
  // BerriAI/litellm#17136, ROCm/ATOM#1711: strict SDKs break where `choices` is missing.
  test.each([undefined, null])('has choices where they are %s', choices => {
    const { chunk: mended, raw } = second(chunk(choices, { usage: { prompt_tokens: 3, completion_tokens: 4 } }))
    expect(mended.choices).toEqual([])
    expect(usageOf(mended)).toMatchObject({ input: 3, output: 4 })
    expect(raw).toBeNull()
  })
  test('is that of the chunks before where an upstream says it once', () => {
    expect(second('{"choices":[{"delta":{"content":"x"}}]}').chunk).toEqual({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1_780_000_000,
      model: 'm',
      choices: [{ index: 0, delta: { content: 'x' }, finish_reason: null }]
    })
  })
  test('is made up where nobody says it', () => {
    const [mended] = readAll(['{"choices":[{}]}'])
    expect(mended).toEqual({
      id: 'chatcmpl-req-1',
      object: 'chat.completion.chunk',
      created: 0,
      model: '',
      choices: [{ index: 0, delta: { role: 'assistant' }, finish_reason: null }]
    })
  })
  test('has a role in the first delta of each choice, and is not given one again', () => {
    const [a, b] = readAll([chunk([{ delta: { content: 'x' } }, { delta: { content: 'y' } }]), one({ content: 'z' })])
    expect(a!.choices.map(({ index, delta }) => [index, delta.role])).toEqual([[0, 'assistant'], [1, 'assistant']])
    expect(b!.choices[0]!.delta).toEqual({ content: 'z' })
  })
  test('has null for a finish reason that is blank', () => {
    expect(second(one({ content: 'x' }, '')).chunk.choices[0]!.finish_reason).toBeNull()
  })
})

describe('reasoning', () => {
  test('is reasoning_content, whatever the upstream calls it', () => {
    expect(second(one({ reasoning: 'hm', content: null })).chunk.choices[0]!.delta).toEqual({ reasoning_content: 'hm', content: null })
  })
  test('is said once where it comes under both names', () => {
    expect(second(one({ reasoning: 'hm', reasoning_content: 'hm' })).chunk.choices[0]!.delta).toEqual({ reasoning_content: 'hm' })
  })
})

describe('usage', () => {
  const usage = { prompt_tokens: 10, completion_tokens: 7, total_tokens: 17 }
  const counted = { input: 10, cached: 0, output: 7, reasoning: 0 }
  const details = (cached: number, reasoning: number): JsonObject =>
    ({ prompt_tokens_details: { cached_tokens: cached }, completion_tokens_details: { reasoning_tokens: reasoning } })

  // BerriAI/litellm#25410, diegosouzapw/OmniRoute#9750: not lost where choices are empty, nor where a delta is.
  test.each([
    ['without choices', chunk([], { usage })],
    ['with an empty delta', chunk([{ index: 0, delta: {}, finish_reason: 'stop' }], { usage })],
    // BerriAI/litellm#17136: in the last chunk but one.
    ['with words', chunk([{ index: 0, delta: { content: 'x' }, finish_reason: null }], { usage })],
    ['beside a choice', chunk([{ index: 0, delta: {}, finish_reason: 'stop', usage }])],
    ['under a vendor\'s name', chunk([], { x_groq: { id: 'r', usage } })]
  ])('is found %s, and stands at the top', (_place, payload) => {
    const { chunk: mended } = second(payload)
    expect(usageOf(mended)).toEqual(counted)
    expect(JSON.stringify(mended).match(/"usage"/g)).toHaveLength(1)
  })

  test.each<[said: JsonObject, counted: JsonObject]>([
    [{ prompt_tokens: 0, completion_tokens: 0 }, { input: 0, cached: 0, output: 0, reasoning: 0 }],
    [{ ...usage, ...details(4, 5) }, { ...counted, cached: 4, reasoning: 5 }],
    [{ ...usage, prompt_tokens_details: null, completion_tokens_details: null }, counted],
    [{ ...usage, prompt_cache_hit_tokens: 3 }, { ...counted, cached: 3 }],
    [{ ...usage, ...details(99, -1) }, { ...counted, cached: 10 }],
    // Reasoning beside the completion, as the total says.
    [{ ...usage, total_tokens: 22, ...details(0, 5) }, { ...counted, output: 12, reasoning: 5 }]
  ])('%j is counted', (said, expected) => {
    expect(usageOf({ usage: said })).toEqual(expected)
  })

  test.each<[said: Json]>([
    [null], [{}], [{ prompt_tokens: 1 }], [{ completion_tokens: 1 }], [{ prompt_tokens: -1, completion_tokens: 1 }],
    [{ prompt_tokens: 1.5, completion_tokens: 1 }], [{ prompt_tokens: '1', completion_tokens: 1 }], [[]], ['x'], [{ prompt_tokens: 1e300, completion_tokens: 1 }]
  ])('%j is none', said => {
    expect(usageOf({ usage: said })).toBeNull()
    expect(second(chunk([], { usage: said })).chunk.usage).toBeNull()
  })
})

// openai/openai-python#3246, vercel/ai#18333 and #18440, openai/codex#7517, continuedev/continue#13223,
// agno-agi/agno#8880
describe('calls of tools', () => {
  const begin = (more: JsonObject, { name, args }: Call): JsonObject => ({ type: 'function', ...more, function: { name, arguments: args } })
  const more = (place: JsonObject, text: string): JsonObject => ({ ...place, function: { arguments: text } })

  test.each<[said: string, payloads: string[]]>([
    ['index missing', [calls(begin({ id: 'a' }, { ...weather, args: '{"city":' })), calls(more({}, '"Bern"}')), calls(begin({ id: 'b' }, clock))]],
    ['index always 0', [calls(begin({ index: 0, id: 'a' }, { ...weather, args: '' })), calls(more({ index: 0 }, weather.args)), calls(begin({ index: 0, id: 'b' }, clock))]],
    ['index from 1', [calls(begin({ index: 1, id: 'a' }, weather)), calls(begin({ index: 2, id: 'b' }, { ...clock, args: '' })), calls(more({ index: 2 }, clock.args))]],
    ['index used again, without ids', [calls(begin({ index: 0 }, weather)), calls(begin({ index: 0 }, clock))]],
    ['id blank later', [calls(begin({ index: 0, id: 'a' }, { ...weather, args: '' })), calls(more({ index: 0, id: '' }, weather.args)), calls(begin({ index: 1, id: 'b' }, clock))]],
    ['id null later', [calls(begin({ index: 0, id: 'a' }, { ...weather, args: '' })), calls(more({ index: 0, id: null, type: null }, weather.args)), calls(begin({ index: 1, id: 'b' }, clock))]],
    ['id late', [calls(begin({ index: 0 }, { ...weather, args: '' })), calls(more({ index: 0, id: 'a' }, weather.args)), calls(begin({ index: 1, id: 'b' }, clock))]],
    ['id another each time', [calls(begin({ index: 0, id: 'x1' }, { ...weather, args: '' })), calls(more({ index: 0, id: 'x2' }, weather.args)), calls(begin({ index: 1, id: 'x3' }, clock)), calls(more({ index: 1, id: 'x4' }, ''))]],
    ['id the same for both', [calls(begin({ index: 0, id: 'call' }, weather), begin({ index: 1, id: 'call' }, clock))]],
    ['no id at all, in one list', [calls(begin({}, weather), begin({}, clock))]],
    ['interleaved by index', [
      calls(begin({ index: 0, id: 'a' }, { ...weather, args: '' }), begin({ index: 1, id: 'b' }, { ...clock, args: '' })),
      calls(more({ index: 1 }, '{"zone":')), calls(more({ index: 0 }, '{"city":')), calls(more({ index: 1 }, '"CET"}')), calls(more({ index: 0 }, '"Bern"}'))
    ]],
    ['interleaved by id', [
      calls(begin({ index: 0, id: 'a' }, { ...weather, args: '' }), begin({ index: 0, id: 'b' }, { ...clock, args: '' })),
      calls(more({ index: 0, id: 'b' }, '{"zone":')), calls(more({ index: 0, id: 'a' }, weather.args)), calls(more({ index: 0, id: 'b' }, '"CET"}'))
    ]],
    ['name again with each delta', [calls(begin({ index: 0, id: 'a' }, { ...weather, args: '' })), calls(begin({ index: 0, id: 'a' }, weather)), calls(begin({ index: 1, id: 'b' }, clock))]],
    ['name after the id', [calls({ index: 0, id: 'a', type: 'function', function: { arguments: '' } }), calls(begin({ index: 0 }, weather)), calls(begin({ index: 1, id: 'b' }, clock))]],
    ['arguments before the name', [calls(more({ index: 0, id: 'a' }, '{"city":')), calls({ index: 0, function: { name: 'weather', arguments: '"Bern"}' } }), calls(begin({ index: 1, id: 'b' }, clock))]],
    ['arguments as an object', [calls({ index: 0, id: 'a', type: 'function', function: { name: 'weather', arguments: { city: 'Bern' } } }), calls(begin({ index: 1, id: 'b' }, clock))]],
    ['no type', [calls({ index: 0, id: 'a', function: { name: 'weather', arguments: weather.args } }), calls({ index: 1, id: 'b', function: { name: 'clock', arguments: clock.args } })]],
    ['what is no call between them', [calls(begin({ index: 0, id: 'a' }, weather)), one({ tool_calls: [null, 'x', begin({ index: 1, id: 'b' }, clock)] })]]
  ])('with %s are two', (_said, payloads) => {
    expect(fold(readAll([first, ...payloads, one({}, 'tool_calls')]))).toEqual([weather, clock])
  })

  test('of one function without ids or indexes are as many as there are whole arguments', () => {
    const bern = { name: 'weather', args: '{"city":"Bern"}' }
    expect(fold(readAll([first, calls(begin({}, bern)), calls(begin({}, bern)), calls(begin({}, { ...bern, args: '' }))]))).toEqual([bern, bern])
  })

  test('of two choices are kept apart', () => {
    const payload = chunk([0, 1].map(index => ({ index, delta: { tool_calls: [begin({ index: 0, id: 'a' }, weather)] }, finish_reason: null })))
    const [mended] = readAll([payload])
    expect(mended!.choices.map(({ delta }) => delta.tool_calls?.map(({ index, id }) => [index, id]))).toEqual([[[0, 'a']], [[0, 'a']]])
  })

  // BerriAI/litellm#29286
  test.each([[[]], [[null]]])('that are %j are none', list => {
    const { chunk: mended, raw } = second(one({ content: 'x', tool_calls: list }))
    expect(mended.choices[0]!.delta).toEqual({ content: 'x' })
    expect(raw).toBeNull()
  })

  test('end with tool_calls where the upstream said stop, and only then', () => {
    const finishes = (...payloads: string[]): unknown => readAll([first, ...payloads]).at(-1)!.choices[0]!.finish_reason
    expect(finishes(calls(begin({ index: 0, id: 'a' }, weather)), one({}, 'stop'))).toBe('tool_calls')
    expect(finishes(calls(begin({ index: 0, id: 'a' }, weather)), one({}, 'length'))).toBe('length')
    expect(finishes(one({ tool_calls: [] }), one({}, 'stop'))).toBe('stop')
  })

  test('of the legacy kind are left alone', () => {
    const payload = one({ function_call: { name: 'weather', arguments: '' } })
    expect(second(payload).raw).toBe(payload)
  })
})

/** How an upstream may say it. */
const dialect = fc.record({
  index: fc.constantFrom('right', 'missing', 'zero', 'from three'),
  id: fc.constantFrom('first', 'every', 'never', 'blank', 'late', 'another'),
  name: fc.constantFrom('first', 'every'),
  isInterleaved: fc.boolean()
}).filter(({ index, id, name, isInterleaved }) => {
  // Nobody could tell those apart.
  const isTold = index === 'right' || index === 'from three' || id === 'every'
  return (isTold || !isInterleaved) && !(id === 'another' && name === 'every')
})
const spoken = fc.record({
  name: fc.constantFrom('weather', 'clock'),
  pieces: fc.array(fc.stringMatching(/^[a-z{}"\\ ]{0,4}$/), { minLength: 1, maxLength: 4 })
})

const several = fc.array(spoken, { minLength: 1, maxLength: 4 })
const draws = fc.infiniteStream(fc.nat(3))

test('any calls in any dialect, cut and mixed in any way, are those calls', () => {
  fc.assert(fc.property(dialect, several, draws, (as, made, draw) => {
    const wholes = made.map(({ pieces }) => JSON.stringify({ text: pieces.join('') }))
    const queues = made.map(({ name }, place) => {
      const cuts = [wholes[place]!.slice(0, 3), wholes[place]!.slice(3, 7), wholes[place]!.slice(7)]
      return cuts.map((text, nth): JsonObject => ({
        ...(as.index === 'missing' ? {} : { index: { right: place, zero: 0, 'from three': place + 3 }[as.index] }),
        ...(as.id === 'every' || (as.id === 'first' && nth === 0) || (as.id === 'late' && nth === 1) ? { id: `call_${place}` } : {}),
        ...(as.id === 'blank' ? { id: '' } : {}),
        ...(as.id === 'another' ? { id: `x_${place}_${nth}` } : {}),
        function: { ...(nth === 0 || as.name === 'every' ? { name } : {}), arguments: text }
      }))
    })
    const order: JsonObject[] = []
    // All calls begin in order; what follows is mixed where the dialect can bear it.
    if (as.isInterleaved) order.push(...queues.map(queue => queue.shift()!))
    while (queues.some(queue => queue.length > 0)) {
      const open = queues.filter(queue => queue.length > 0)
      order.push((as.isInterleaved ? open[draw.next().value! % open.length]! : open[0]!).shift()!)
    }
    const chunks = readAll([first, ...order.map(delta => calls(delta)), one({}, 'stop')])
    expect(fold(chunks)).toEqual(made.map(({ name }, place) => ({ name, args: wholes[place] })))
    expect(chunks.at(-1)!.choices[0]!.finish_reason).toBe('tool_calls')
  }), { seed: 6, numRuns: 500 })
})

// The answer of the chat surface, streamed and whole.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chatSurface } from '../../../../gateway/surfaces/chat/chat.ts'
import { Fault } from '../../../../gateway/surfaces/fault.ts'
import { answer, choice, chunksOf, chunkText, payloadsOf, read, served } from './support.ts'
import type { JsonObject } from '../../../../gateway/surfaces/surface.ts'

const silent = read({ stream: true })
const asking = read({ stream: true, stream_options: { include_usage: true } })

const first = chunkText([choice({ role: 'assistant', content: '' })])
const word = chunkText([choice({ content: 'Hi "you"' })])
const stopped = chunkText([choice({}, 'stop')])
const details = { accepted_prediction_tokens: 3 }
const counted = { prompt_tokens: 99, completion_tokens: 98, total_tokens: 197 }
const said = { ...counted, cost: 0.5, completion_tokens_details: details }
const usageOnly = chunkText([], { usage: said })
const billed = {
  prompt_tokens: 10,
  completion_tokens: 7,
  total_tokens: 17,
  prompt_tokens_details: { cached_tokens: 4 },
  completion_tokens_details: { accepted_prediction_tokens: 3, reasoning_tokens: 2 }
}

describe('a stream without usage', () => {
  test('is what the upstream sent, byte for byte', () => {
    const sent = [first, word, stopped]
    expect(payloadsOf(answer(silent, sent).text)).toEqual([...sent, '[DONE]'])
  })

  // BerriAI/litellm#9657, vllm-project/vllm#36379
  test.each<[said: string, payloads: string[]]>([
    ['of its own', [first, word, stopped, usageOnly]],
    ['null in each chunk', [first, word, stopped].map(payload => `${payload.slice(0, -1)},"usage":null}`).concat(usageOnly)],
    ['null, written with blanks', [`${word.slice(0, -1)}, "usage" : null }`, stopped]],
    ['null as the first field', [`{"usage":null,${word.slice(1)}`, stopped]],
    ['in the chunk that ends it', [word, chunkText([choice({}, 'stop')], { usage: said })]],
    ['with every chunk', [chunkText([choice({ content: 'x' })], { usage: said }), stopped]],
    ['under a vendor\'s name', [word, stopped, chunkText([], { x_groq: { id: 'r', usage: said } })]],
    ['null, and words that look like it', [`${chunkText([choice({ content: ',"usage":null' })]).slice(0, -1)},"usage":null}`, stopped]]
  ])('says no word of it where the upstream has it %s', (_how, payloads) => {
    const chunks = chunksOf(answer(silent, payloads).text)
    for (const chunk of chunks) expect(chunk).not.toHaveProperty('usage')
    expect(chunks.length).toBeGreaterThan(0)
    expect(JSON.stringify(chunks)).not.toContain('"cost"')
  })

  test('keeps words that look like usage', () => {
    const tricky = `${chunkText([choice({ content: ',"usage":null' })]).slice(0, -1)},"usage":null}`
    const [chunk] = chunksOf(answer(silent, [tricky]).text)
    expect(chunk).toMatchObject({ choices: [{ delta: { content: ',"usage":null' } }] })
  })
})

describe('a stream with usage', () => {
  // BerriAI/litellm#28735 and #8450, #25410, #17136; diegosouzapw/OmniRoute#9750; vllm-project/vllm#36379
  test.each<[said: string, payloads: string[]]>([
    ['in a chunk of its own', [first, word, stopped, usageOnly]],
    ['with null before it', [first, word, stopped].map(payload => `${payload.slice(0, -1)},"usage":null}`).concat(usageOnly)],
    ['in the last chunk but one', [first, word, chunkText([choice({ content: '!' })], { usage: said }), stopped]],
    ['with the end', [first, word, chunkText([choice({}, 'stop')], { usage: said })]],
    ['with every chunk', [first, word, stopped].map(payload => JSON.stringify({ ...JSON.parse(payload) as object, usage: said }))]
  ])('has it once, last, without choices, and null before, where the upstream says it %s', (_how, payloads) => {
    const { text } = answer(asking, payloads)
    const chunks = chunksOf(text)
    expect(payloadsOf(text).at(-1)).toBe('[DONE]')
    expect(chunks.at(-1)).toEqual({ ...frame, choices: [], usage: billed })
    for (const chunk of chunks.slice(0, -1)) {
      expect(chunk).toMatchObject({ usage: null })
      expect(chunk['choices']).toHaveLength(1)
    }
  })

  test('has it where no upstream said any', () => {
    const { text } = answer(asking, [first, word, stopped])
    expect(chunksOf(text).at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 17 } })
  })
})

const frame = { id: 'chatcmpl-up', object: 'chat.completion.chunk', created: 1_770_000_000, model: 'openai/gpt-oss-120b' }

describe('the last words', () => {
  test('of what was cut are a length, after which it is whole', () => {
    const { text, whole } = answer(asking, [first, word], true)
    const last = { ...frame, choices: [{ index: 0, delta: {}, finish_reason: 'length' }], usage: null }
    expect(chunksOf(text).at(-2)).toMatchObject(last)
    expect(whole).toMatchObject({ choices: [{ finish_reason: 'length', message: { content: 'Hi "you"' } }] })
  })
  test('are not said again for what had ended, cut or not', () => {
    const { text } = answer(silent, [first, stopped], true)
    expect(payloadsOf(text)).toEqual([first, stopped, '[DONE]'])
  })
  test('are said for each choice that was asked for', () => {
    const two = read({ stream: true, n: 2 })
    const { text, whole } = answer(two, [first, stopped, chunkText([choice({ role: 'assistant', content: 'x' }, null, 1)])], true)
    expect(chunksOf(text).at(-1)).toMatchObject({ choices: [{ index: 1, finish_reason: 'length' }] })
    expect(whole['choices']).toMatchObject([{ index: 0, finish_reason: 'stop' }, { index: 1, finish_reason: 'length' }])
  })
  test('of an answer of nothing have the names that the request has', () => {
    const { text, whole } = answer(asking, [], true)
    const named = { id: 'chatcmpl-req-1', created: 1_780_000_000, model: 'text-prime' }
    expect(chunksOf(text)).toMatchObject([{ ...named, choices: [{ finish_reason: 'length' }] }, { ...named, usage: billedAlone }])
    expect(whole).toMatchObject({ ...named, object: 'chat.completion', choices: [{ message: { role: 'assistant', content: '' } }] })
  })
  // dwgx/WindsurfAPI#63
  test('of an answer that failed are the error and nothing else', () => {
    const writer = chatSurface.stream(asking, served)
    const text = writer.fail(new Fault('upstream_failed', 'The supplier failed.'))
    expect(payloadsOf(text).map(payload => JSON.parse(payload) as JsonObject)).toEqual([{
      error: { message: 'The supplier failed.', type: 'server_error', code: 'upstream_failed', param: null },
      errors: { detail: 'upstream_failed', message: 'The supplier failed.' },
      request_id: 'req-1'
    }])
  })
})

const billedAlone = { ...billed, completion_tokens_details: { reasoning_tokens: 2 } }

// caidaoli/ccLoad#59, router-for-me/CLIProxyAPI#2358
test('a heartbeat is a comment', () => {
  expect(chatSurface.stream(silent, served).heartbeat()).toMatch(/^:[^\n]*\n\n$/)
})

describe('the whole answer', () => {
  test('has all that was said', () => {
    const call = (index: number, more: JsonObject): JsonObject => ({ index, ...more })
    const { whole } = answer(read(), [
      chunkText([choice({ role: 'assistant', content: null, reasoning: 'h' })], { system_fingerprint: 'fp', service_tier: 'default' }),
      chunkText([choice({ reasoning_content: 'm' })]),
      chunkText([{ ...choice({ content: 'Hi' }), logprobs: { content: [{ token: 'Hi', logprob: -0.1 }], refusal: null } }]),
      chunkText([{ ...choice({ content: '!' }), logprobs: { content: [{ token: '!', logprob: -0.2 }] } }]),
      chunkText([choice({ tool_calls: [call(0, { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":' } })] })]),
      chunkText([choice({ tool_calls: [call(0, { function: { arguments: '1}' } })], annotations: [{ url: 'a' }] })]),
      chunkText([choice({ annotations: [{ url: 'b' }] }, 'tool_calls')]),
      usageOnly
    ])
    expect(whole).toEqual({
      ...frame,
      object: 'chat.completion',
      system_fingerprint: 'fp',
      service_tier: 'default',
      choices: [{
        index: 0,
        message: {
          role: 'assistant',
          content: 'Hi!',
          refusal: null,
          reasoning_content: 'hm',
          tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }],
          annotations: [{ url: 'a' }, { url: 'b' }]
        },
        logprobs: { content: [{ token: 'Hi', logprob: -0.1 }, { token: '!', logprob: -0.2 }], refusal: null },
        finish_reason: 'tool_calls'
      }],
      usage: billed
    })
  })
  test('has no content where there are calls only, and no text of nothing else', () => {
    const call = { index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }
    const messageOf = (...payloads: string[]): unknown => (answer(read(), payloads).whole['choices'] as JsonObject[])[0]!['message']
    expect(messageOf(first, chunkText([choice({ tool_calls: [call] }, 'tool_calls')]))).toMatchObject({ content: null })
    expect(messageOf(chunkText([choice({ refusal: 'No.' }, 'stop')]))).toMatchObject({ content: null, refusal: 'No.' })
    expect(messageOf(stopped)).toMatchObject({ content: '', refusal: null })
    expect(messageOf(chunkText([choice({ function_call: { name: 'f', arguments: '{' } })]), chunkText([choice({ function_call: { arguments: '}' } }, 'function_call')])))
      .toMatchObject({ content: null, function_call: { name: 'f', arguments: '{}' } })
  })
})

type Said = { content: string, reasoning: string, calls: string[], finish: string | null }
type Choices = ReadonlyArray<{ index: number, delta: JsonObject, finish_reason: string | null }>
type Calls = ReadonlyArray<{ index: number, function: { name?: string, arguments: string } }>

/** What a client without any library makes of a stream. */
function foldNaively (text: string): Said[] {
  const choices = new Map<number, Said>()
  for (const { index, delta, finish_reason: finish } of chunksOf(text).flatMap(chunk => chunk['choices'] as Choices)) {
    const known = choices.get(index) ?? { content: '', reasoning: '', calls: [], finish: null }
    choices.set(index, known)
    known.content += (delta['content'] ?? '') as string
    known.reasoning += (delta['reasoning_content'] ?? '') as string
    for (const call of (delta['tool_calls'] ?? []) as Calls) {
      known.calls[call.index] = (known.calls[call.index] ?? `${call.function.name!} `) + call.function.arguments
    }
    known.finish = finish ?? known.finish
  }
  return [...choices].sort(([one], [other]) => one - other).map(([, known]) => known)
}

const saidBy = (whole: JsonObject): Said[] =>
  (whole['choices'] as ReadonlyArray<{ message: JsonObject, finish_reason: string }>).map(({ message, finish_reason: finish }) => ({
    content: (message['content'] ?? '') as string,
    reasoning: (message['reasoning_content'] ?? '') as string,
    calls: ((message['tool_calls'] ?? []) as Calls).map(call => `${call.function.name!} ${call.function.arguments}`),
    finish
  }))

const delta = fc.oneof(
  fc.record({ content: fc.string({ unit: 'binary' }) }),
  fc.record({ reasoning: fc.string() }),
  fc.record({ content: fc.constantFrom(',"usage":null', '\n\ndata: [DONE]\n\n', '"}') }),
  fc.record({ tool_calls: fc.tuple(fc.record({ index: fc.constant(0), id: fc.constantFrom('a', 'b'), function: fc.record({ name: fc.constantFrom('f', 'g'), arguments: fc.constant('{}') }) })) })
)
const streams = fc.array(fc.record({
  delta, index: fc.nat(1), finish: fc.constantFrom(null, null, null, 'stop'), usage: fc.constantFrom(undefined, null, said)
}), { maxLength: 12 })

test('any stream adds up to the whole answer, with usage and without', () => {
  fc.assert(fc.property(streams, fc.boolean(), fc.boolean(), (made, wantsUsage, isCut) => {
    const inference = read({ stream: true, n: 2, stream_options: { include_usage: wantsUsage } })
    const payloads = made.map(({ delta, index, finish, usage }) =>
      chunkText([choice(delta as JsonObject, finish, index)], usage === undefined ? {} : { usage }))
    const { text, whole } = answer(inference, payloads, isCut)
    expect(foldNaively(text)).toEqual(saidBy(whole))
    expect(chunksOf(text).filter(({ usage }) => usage !== undefined && usage !== null)).toHaveLength(wantsUsage ? 1 : 0)
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
  }), { seed: 6, numRuns: 300 })
})

// What tests of the translated surfaces have in common: a request's context, an upstream's chunks, a client's eyes.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import type { ChatChunk, ChatDelta } from '../../../gateway/surfaces/chunk.ts'
import { Fault, type FieldFaults } from '../../../gateway/surfaces/fault.ts'
import type { AnswerWriter, End, JsonObject, Kept, ReadContext, Seal, Served } from '../../../gateway/surfaces/surface.ts'
import { instrumentBySymbol } from '../../../schemas/instruments.ts'

/** Not a secret to anybody, so that a test can look inside. */
export const seal: Seal = {
  seal: text => `sealed:${Buffer.from(text).toString('base64')}`,
  open: sealed => sealed.startsWith('sealed:') ? Buffer.from(sealed.slice(7), 'base64').toString() : null
}

export const contextOf = (symbol: string, previous: Kept | null = null): ReadContext =>
  ({ instrument: instrumentBySymbol(symbol)!, seal, previous })

/** Of an instrument that promises nothing about how much it reasons. */
export function withoutEfforts (): ReadContext {
  const context = contextOf('text-standard')
  const { instrument } = context
  return { ...context, instrument: { ...instrument, terms: { ...instrument.terms, reasoningEfforts: [] } } }
}

export const served: Served = { requestId: 'r1', created: 1_767_225_600, inputGuess: () => 42, seal }

export const bodyOf = (name: string): JsonObject =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'bodies', `${name}.json`), 'utf8')) as JsonObject

export const chunk = (delta: ChatDelta, finish: string | null = null, rest: JsonObject = {}): ChatChunk => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1_767_225_600,
  model: 'openai/gpt-oss-120b',
  choices: [{ index: 0, delta, finish_reason: finish, ...rest }]
})

export const callDelta = (index: number, id: string, name: string): ChatDelta =>
  ({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] })

export const argsDelta = (index: number, text: string): ChatDelta =>
  ({ tool_calls: [{ index, function: { arguments: text } }] })

export const end: End = { usage: { input: 50, cached: 20, output: 9, reasoning: 3 }, isCut: false }

/** All that a client is sent. */
export const streamed = (writer: AnswerWriter, chunks: readonly ChatChunk[], ending: End = end): string =>
  [...chunks.map(each => writer.write(each, null)), writer.end(ending)].join('')

export type Told = JsonObject & { readonly type: string }

/** The events of a stream. Its comments are no events. */
export function eventsOf (text: string): Told[] {
  return text.split('\n\n').filter(block => block !== '' && !block.startsWith(':')).map(block => {
    const found = /^event: (.+)\ndata: (.+)$/.exec(block)!
    const told = JSON.parse(found[2]!) as Told
    if (told.type !== found[1]) throw new Error(`An event is called ${found[1]!} and says ${told.type}.`)
    return told
  })
}

export const typesOf = (text: string): string[] => eventsOf(text).map(({ type }) => type)

/** What is wrong with a body, by field. */
export function faultsOf (read: () => unknown): FieldFaults {
  const fault = faultOf(read)
  if (fault.code !== 'invalid' || fault.fields === null) throw fault
  return fault.fields
}

export function faultOf (read: () => unknown): Fault {
  try {
    read()
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  throw new Error('The body was read.')
}

const pieces = (text: string): fc.Arbitrary<string[]> =>
  fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 4 }).map(cuts => {
    const at = [0, ...cuts, text.length].sort((a, b) => a - b)
    return at.slice(1).map((cut, index) => text.slice(at[index], cut))
  })

const args = fc.dictionary(fc.constantFrom('a', 'b', '}'), fc.oneof(fc.string(), fc.integer(), fc.constant({ x: '}' })), { maxKeys: 3 })

/** Few calls, arguments cut anywhere, and everything else in between. */
const call = (index: number): fc.Arbitrary<ChatDelta[]> => args.chain(value => pieces(JSON.stringify(value)))
  .map(texts => [callDelta(index, `call_${index}`, `tool_${index}`), ...texts.map(text => argsDelta(index, text))])
const said = fc.constantFrom('', 'a', ' b', 'ü', '\n').chain(text =>
  fc.constantFrom<ChatDelta>({ content: text }, { reasoning_content: text }, { content: text, tool_calls: [] }))

/** Rows of deltas dealt into one, each in its own order, as an upstream that works on all at once sends them. */
function dealt (rows: readonly ChatDelta[][], draws: readonly number[]): ChatDelta[] {
  const left = rows.map(row => [...row]).filter(row => row.length > 0)
  const out: ChatDelta[] = []
  for (let turn = 0; left.length > 0; turn += 1) {
    const at = (draws[turn % draws.length] ?? 0) % left.length
    out.push(left[at]!.shift()!)
    if (left[at]!.length === 0) left.splice(at, 1)
  }
  return out
}

const calls = fc.tuple(call(0), call(1), call(2), fc.integer({ min: 0, max: 3 }))
  .map(([a, b, c, count]) => [a, b, c].slice(0, count))
const draws = fc.array(fc.nat(9), { minLength: 1, maxLength: 20 })

/** A whole reply: texts and up to three calls, in any order in which an upstream may send them. */
export const anyReply: fc.Arbitrary<ChatChunk[]> = fc.tuple(fc.array(said, { maxLength: 6 }), calls, draws)
  .map(([words, called, order]) => [
    chunk({ role: 'assistant', content: '' }),
    ...dealt([words, ...called], order).map(delta => chunk(delta)),
    chunk({}, called.length === 0 ? 'stop' : 'tool_calls')
  ])

export const property = { seed: 6, numRuns: 200 }

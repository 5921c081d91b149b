// The fields of a body of Responses, and what they are in a chat completion.

import { isList, isObject } from '../chunk.ts'
import { Fault } from '../fault.ts'
import { bodyField, Field } from '../field.ts'
import { sizeOf } from '../size.ts'
import type { ChatBody, ChatMessage, Inference, JsonObject, ReadContext } from '../surface.ts'
import { beginningOf, effortOf, efforts, refuseForeign } from '../translation.ts'
import { Conversation } from './conversation.ts'
import { Items } from './items.ts'
import { readTools } from './tools.ts'

/** What is read here or elsewhere in this room; anything else is dropped, and listed. */
const known = new Set([
  'model', 'input', 'instructions', 'previous_response_id', 'stream', 'store', 'max_output_tokens', 'temperature', 'top_p',
  'tools', 'tool_choice', 'parallel_tool_calls', 'text', 'reasoning', 'include', 'truncation', 'prompt_cache_key',
  'stream_options', 'background', 'conversation', 'prompt',
  'n', 'logprobs', 'top_logprobs', 'logit_bias', 'audio', 'modalities'
])

const keyLengthMax = 512
const sealedReasoning = 'reasoning.encrypted_content'

function refuseUnserved (body: Field): void {
  refuseForeign(body)
  const [background, conversation, prompt] = [body.at('background'), body.at('conversation'), body.at('prompt')]
  if (background.isThere && background.value !== false) background.fault('is not possible here: ask, and wait or stream')
  if (conversation.isThere) conversation.fault('is not kept here: use previous_response_id')
  if (prompt.isThere) prompt.fault('is not kept here: send instructions and input')
}

/** What went upstream for the response before this one, and what came of it. */
function continued (body: Field, context: ReadContext): readonly ChatMessage[] {
  const id = body.at('previous_response_id')
  if (!id.isThere) return []
  const { previous } = context
  if (previous === null) {
    const words = `names a response that is not kept: ${id.word()}`
    throw new Fault('response_not_found', `previous_response_id ${words}`, { fields: { previous_response_id: [words] } })
  }
  const output = new Conversation()
  const items = new Items(output, context)
  const { output: found } = previous.response
  for (const item of isList(found) ? found : []) items.read(new Field(body.findings, item, 'previous_response_id'))
  return [...previous.messages, ...output.end()]
}

type Read = { readonly messages: readonly ChatMessage[], readonly resolved: readonly JsonObject[] }

/** The conversation, without instructions: those are told first and not kept. */
function readInput (body: Field, context: ReadContext): Read {
  const before = continued(body, context)
  const conversation = new Conversation()
  const items = new Items(conversation, context)
  const input = body.at('input')
  if (typeof input.value === 'string') conversation.user([{ type: 'text', text: input.value }])
  else if (input.isThere) for (const item of input.list()) items.read(item)
  else if (before.length === 0) input.fault('is missing')
  const messages = [...before, ...conversation.end()]
  if (isList(input.value) && messages.length === 0) input.fault('has nothing to answer')
  return { messages, resolved: items.resolved }
}

function readSampling (body: Field): JsonObject {
  const [temperature, topP] = [body.at('temperature'), body.at('top_p')]
  return {
    ...(temperature.isThere ? { temperature: temperature.number({ min: 0, max: 2 }) } : {}),
    ...(topP.isThere ? { top_p: topP.number({ min: 0, max: 1 }) } : {})
  }
}

function readReasoning (body: Field, { instrument }: ReadContext): JsonObject {
  const reasoning = body.at('reasoning')
  if (!reasoning.isThere) return {}
  reasoning.object()
  for (const name of ['summary', 'generate_summary']) reasoning.at(name).ignore()
  const field = reasoning.at('effort')
  if (!field.isThere) return {}
  const effort = effortOf(field.oneOf(efforts), instrument)
  if (effort === null) field.ignore()
  return effort === null ? {} : { reasoning_effort: effort }
}

function readFormat (format: Field): JsonObject {
  switch (format.at('type').oneOf(['text', 'json_object', 'json_schema'])) {
    case 'text': return {}
    case 'json_object': return { response_format: { type: 'json_object' } }
    case 'json_schema': {
      const [description, strict] = [format.at('description'), format.at('strict')]
      const schema = {
        name: format.at('name').word(),
        ...(description.isThere ? { description: description.text() } : {}),
        schema: format.at('schema').object(),
        ...(strict.isThere ? { strict: strict.flag() } : {})
      }
      return { response_format: { type: 'json_schema', json_schema: schema } }
    }
  }
}

function readText (body: Field): JsonObject {
  const text = body.at('text')
  if (!text.isThere) return {}
  text.object()
  const [format, verbosity] = [text.at('format'), text.at('verbosity')]
  return {
    ...(format.isThere ? readFormat(format) : {}),
    ...(verbosity.isThere ? { verbosity: verbosity.oneOf(['low', 'medium', 'high']) } : {})
  }
}

/** Whether reasoning is sealed for the client to bring back. */
function readInclude (body: Field): boolean {
  const include = body.at('include')
  const asked = include.isThere ? include.list().map(each => each.text()) : []
  if (asked.includes('message.output_text.logprobs')) include.fault('asks for logprobs: use /v1/chat/completions')
  for (const name of asked) if (name !== sealedReasoning) body.findings.ignore(name)
  return asked.includes(sealedReasoning)
}

const optional = <Value>(field: Field, read: () => Value): Value | null => field.isThere ? read() : null

/** What the response repeats of the request, in the client's words; what it left out has the surface's defaults. */
function repeated (body: Field, outputMax: number | null, isKept: boolean): JsonObject {
  const sent = body.object()
  const text = isObject(sent['text']) ? sent['text'] : {}
  return {
    instructions: sent['instructions'] ?? null,
    max_output_tokens: outputMax,
    metadata: sent['metadata'] ?? {},
    parallel_tool_calls: sent['parallel_tool_calls'] ?? true,
    previous_response_id: sent['previous_response_id'] ?? null,
    prompt_cache_key: sent['prompt_cache_key'] ?? null,
    reasoning: { effort: null, summary: null, ...(isObject(sent['reasoning']) ? sent['reasoning'] : {}) },
    store: isKept,
    temperature: sent['temperature'] ?? 1,
    text: { ...text, format: text['format'] ?? { type: 'text' } },
    tool_choice: sent['tool_choice'] ?? 'auto',
    tools: sent['tools'] ?? [],
    top_p: sent['top_p'] ?? 1,
    truncation: 'disabled'
  }
}

function readChat (body: Field, context: ReadContext): { readonly chat: ChatBody, readonly echo: JsonObject } {
  const { messages, resolved } = readInput(body, context)
  const instructions = body.at('instructions')
  const told: ChatMessage[] = instructions.isThere ? [{ role: 'system', content: instructions.text() }] : []
  const tools = readTools(body)
  const chat = {
    messages: [...told, ...messages],
    ...readSampling(body),
    ...readReasoning(body, context),
    ...tools.chat,
    ...readText(body)
  }
  const echo = { names: tools.names, isSealed: readInclude(body), instructed: told.length, items: resolved }
  return { chat, echo }
}

/** Reads a request for a response. Throws a `Fault`. */
export function readRequest (value: unknown, context: ReadContext): Inference {
  const body = bodyField(value)
  refuseUnserved(body)
  for (const name of Object.keys(body.object())) if (!known.has(name)) body.at(name).ignore()
  const truncation = body.at('truncation')
  if (truncation.isThere && truncation.oneOf(['disabled', 'auto']) === 'auto') truncation.ignore()
  const model = body.at('model').word()
  const isStream = optional(body.at('stream'), () => body.at('stream').flag()) ?? false
  const outputMax = optional(body.at('max_output_tokens'), () => body.at('max_output_tokens').whole(1))
  const store = optional(body.at('store'), () => body.at('store').flag())
  const key = optional(body.at('prompt_cache_key'), () => body.at('prompt_cache_key').text())
  const { chat, echo } = readChat(body, context)
  body.findings.settle()
  return {
    surface: 'responses',
    model,
    isStream,
    chat,
    size: sizeOf(chat),
    n: 1,
    outputMax,
    wantsUsage: true,
    ignored: body.findings.ignored,
    stickyKey: key === null || key === '' ? beginningOf(chat.messages) : key.slice(0, keyLengthMax),
    store,
    echo: { ...echo, response: repeated(body, outputMax, store ?? context.storesResponses ?? false) }
  }
}

// The fields of a body of Messages, and what they are in a chat completion.

import { isList } from '../chunk.ts'
import { Fault } from '../fault.ts'
import { bodyField, type Field } from '../field.ts'
import { sizeOf } from '../size.ts'
import type { ChatBody, Inference, Json, JsonObject, ReadContext } from '../surface.ts'
import { beginningOf, effortOf, refuseForeign } from '../translation.ts'
import { readConversation } from './conversation.ts'
import { readTools } from './tools.ts'

/** What is read here or elsewhere in this room; anything else is dropped, and listed. */
const known = new Set([
  'model', 'max_tokens', 'messages', 'system', 'stop_sequences', 'stream', 'temperature', 'top_p', 'top_k',
  'tools', 'tool_choice', 'thinking', 'output_config', 'output_format', 'container', 'mcp_servers', 'thread',
  'n', 'logprobs', 'top_logprobs', 'logit_bias', 'audio', 'modalities'
])

/** As many as a chat completion may have. One that is left out would not stop anything. */
const stopsMax = 4

const shows = ['none', 'omitted', 'shown'] as const
/** Whether reasoning is written: not at all, sealed only, or whole. */
type Shows = typeof shows[number]

/** What the writers of an answer need of the request. */
export const showsOf = ({ echo }: Inference): Shows => shows.find(word => word === echo['thinking']) ?? 'none'
export const stopsOf = ({ chat }: Inference): readonly Json[] => isList(chat['stop']) ? chat['stop'] : []

function readSampling (body: Field): JsonObject {
  const [temperature, topP, topK, stops] = ['temperature', 'top_p', 'top_k', 'stop_sequences'].map(name => body.at(name))
  const stop = stops?.isThere === true ? stops.list().map(each => each.word()) : []
  if (stop.length > stopsMax) stops?.fault(`must have at most ${stopsMax} texts`)
  return {
    ...(temperature?.isThere === true ? { temperature: temperature.number({ min: 0, max: 1 }) } : {}),
    ...(topP?.isThere === true ? { top_p: topP.number({ min: 0, max: 1 }) } : {}),
    // No parameter of OpenAI's, and nearly every server of open models has it.
    ...(topK?.isThere === true ? { top_k: topK.whole(0) } : {}),
    ...(stop.length > 0 ? { stop } : {})
  }
}

/** A system's turn may ask for another effort from there on: the last one counts. */
function effortField (body: Field): Field {
  const { value } = body.at('messages')
  const told = isList(value) ? body.at('messages').list().filter(message => message.at('role').value === 'system') : []
  const efforts = [body, ...told].map(each => each.at('output_config').at('effort'))
  return efforts.findLast(({ isThere }) => isThere) ?? body.at('output_config').at('effort')
}

const effortOfBudget = (tokens: number): string => tokens < 4_096 ? 'low' : tokens < 16_384 ? 'medium' : 'high'

/** The effort that a body asks for in so many words or tokens; null: it leaves it to the model. */
function readEffort (body: Field): string | null {
  const [thinking, effort] = [body.at('thinking'), effortField(body)]
  const budget = thinking.at('type').value === 'enabled' ? effortOfBudget(thinking.at('budget_tokens').whole(1_024)) : null
  return effort.isThere ? effort.oneOf(['low', 'medium', 'high', 'xhigh', 'max']) : budget
}

function readThinking (body: Field, { instrument }: ReadContext): { readonly chat: JsonObject, readonly shows: Shows } {
  const thinking = body.at('thinking')
  const type = thinking.isThere ? thinking.at('type').oneOf(['enabled', 'adaptive', 'between_tools', 'disabled']) : null
  const asked = readEffort(body)
  const none = type === 'disabled' ? effortOf('none', instrument) : null
  const effort = none ?? (asked === null ? null : effortOf(asked, instrument))
  if (type === 'disabled' && none === null) thinking.ignore()
  if (asked !== null && effort === null) {
    body.findings.ignore(effortField(body).isThere ? 'output_config.effort' : 'thinking.budget_tokens')
  }
  const isShown = type !== null && type !== 'disabled'
  return {
    chat: effort === null ? {} : { reasoning_effort: effort },
    shows: !isShown ? 'none' : thinking.at('display').value === 'omitted' ? 'omitted' : 'shown'
  }
}

function readFormat (body: Field): JsonObject {
  const nested = body.at('output_config').at('format')
  const format = nested.isThere ? nested : body.at('output_format')
  if (!format.isThere) return {}
  format.at('type').oneOf(['json_schema'])
  const schema = format.at('schema').object()
  return { response_format: { type: 'json_schema', json_schema: { name: 'output', schema, strict: true } } }
}

function refuseHosts (body: Field): void {
  const [container, servers, thread] = [body.at('container'), body.at('mcp_servers'), body.at('thread')]
  if (container.isThere) container.fault('is not served here: run tools yourself')
  if (servers.isThere && servers.list().length > 0) servers.fault('is not served here: run tools yourself')
  // One that is begun is only not kept; one that goes on would be answered without all that was said before.
  if (thread.at('type').value === 'create') thread.ignore()
  else if (thread.isThere) throw new Fault('thread_not_found', 'Threads are not kept here: send the whole conversation.')
}

/** The chat completion of a body; `shows` is for whoever writes the answer. */
export function readChat (body: Field, context: ReadContext): { readonly chat: ChatBody, readonly shows: Shows } {
  refuseForeign(body)
  refuseHosts(body)
  for (const name of Object.keys(body.object())) if (!known.has(name)) body.at(name).ignore()
  if (body.at('output_config').isThere) body.at('output_config').object()
  const thinking = readThinking(body, context)
  const chat = {
    messages: readConversation(body, context),
    ...readSampling(body),
    ...thinking.chat,
    ...readTools(body),
    ...readFormat(body)
  }
  return { chat, shows: thinking.shows }
}

/** Reads a request for a message. Throws a `Fault`. */
export function readRequest (value: unknown, context: ReadContext): Inference {
  const body = bodyField(value)
  const model = body.at('model').word()
  const outputMax = body.at('max_tokens').whole(1)
  const isStream = body.at('stream').isThere && body.at('stream').flag()
  const { chat, shows } = readChat(body, context)
  body.findings.settle()
  return {
    surface: 'messages',
    model,
    isStream,
    chat,
    size: sizeOf(chat),
    n: 1,
    outputMax,
    wantsUsage: true,
    ignored: body.findings.ignored,
    stickyKey: beginningOf(chat.messages),
    store: null,
    echo: { thinking: shows }
  }
}

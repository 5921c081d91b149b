// What of a body goes upstream: what is the market's own is taken out, and what servers of open models would refuse for
// its form alone is put as they know it.

import { isList } from '../chunk.ts'
import { customArguments, customFunction } from '../custom-tools.ts'
import type { Field } from '../field.ts'
import type { ChatBody, ChatMessage, Json, JsonObject, ReadContext } from '../surface.ts'
import { effortOf, toolCall, unseenPart } from '../translation.ts'
import { without } from './messages.ts'

/** Whoever sends it upstream sets these. */
const set = ['model', 'stream', 'stream_options', 'max_tokens', 'max_completion_tokens']
/** Of no concern to who serves, or not for a client to say to them. */
const withheld = [
  'user', 'metadata', 'safety_identifier', 'store',
  'service_tier', 'web_search_options', 'plugins', 'route', 'provider', 'models', 'fallbacks', 'preset',
  'api_key', 'api_base', 'base_url', 'api_version', 'custom_llm_provider', 'extra_headers'
]
/** Used here, and often a user's name. */
const used = 'prompt_cache_key'
/** Only said of tools. */
const aboutTools = ['tools', 'tool_choice', 'parallel_tool_calls']

/** Lists what is withheld, as far as it would have had an effect. */
export function withheldFrom (body: Field): void {
  for (const name of withheld) {
    if (name !== 'store' || body.at(name).value === true) body.at(name).ignore()
  }
}

const isEmpty = (value: Json | undefined): boolean => isList(value) && value.length === 0
/** Null is as good as absent, but for `content`, which some servers miss. */
const isSaid = ([name, value]: readonly [string, Json | undefined]): boolean =>
  name === 'content' || (value !== null && value !== undefined && !(name === 'tool_calls' && isEmpty(value)))

function partOf (part: Field, isOfTool: boolean, context: ReadContext): Json {
  const { value: type } = part.at('type')
  if (isOfTool && type === 'file') return unseenPart(part, 'document', context)
  if (type !== 'image_url') return part.value ?? null
  if (isOfTool && !context.instrument.terms.acceptsImages) return unseenPart(part, 'image', context)
  const image = part.at('image_url')
  if (image.at('detail').value !== 'original') return part.object()
  return { ...part.object(), image_url: { ...image.object(), detail: 'high' } }
}

const isCustom = (field: Field): boolean => field.at('type').value === 'custom'

function callOf (call: Field): JsonObject {
  const custom = call.at('custom')
  return isCustom(call)
    ? toolCall(call.at('id').text(), custom.at('name').text(), customArguments(custom.at('input').text()))
    : call.object()
}

function toolOf (tool: Field): JsonObject {
  if (!isCustom(tool)) return tool.object()
  const [custom, format] = [tool.at('custom'), tool.at('custom').at('format')]
  const { value: description } = custom.at('description')
  const grammar = format.at('type').value === 'grammar' ? format.at('grammar') : null
  const spec = {
    name: custom.at('name').text(),
    description: typeof description === 'string' ? description : '',
    grammar: grammar === null ? null : { syntax: grammar.at('syntax').text(), definition: grammar.at('definition').text() }
  }
  return { type: 'function', function: customFunction(spec) }
}

function choiceOf (choice: Field): Json {
  if (isCustom(choice)) return { type: 'function', function: { name: choice.at('custom').at('name').text() } }
  const allowed = choice.at('allowed_tools')
  if (!allowed.isThere) return choice.value ?? null
  return { ...choice.object(), allowed_tools: { ...allowed.object(), tools: allowed.at('tools').list().map(choiceOf) } }
}

/** The names of tools that are functions upstream alone. */
export const customOf = (body: Field): readonly string[] => body.at('tools').isThere
  ? body.at('tools').list().filter(isCustom).map(tool => tool.at('custom').at('name').text())
  : []

function messageOf (message: Field, context: ReadContext): ChatMessage {
  const sent = message.object()
  const { value: content } = message.at('content')
  const word = message.at('role').text()
  const role = word === 'developer' ? 'system' : word
  const said: JsonObject = Object.fromEntries(Object.entries(sent).filter(isSaid))
  const isMute = (content ?? null) === null && without.every(name => said[name] === undefined)
  const parts = isList(content) ? message.at('content').list().map(part => partOf(part, role === 'tool', context)) : null
  return {
    ...said,
    role,
    ...(isMute ? { content: '' } : {}),
    ...(parts === null ? {} : { content: parts }),
    ...(said['tool_calls'] === undefined ? {} : { tool_calls: message.at('tool_calls').list().map(callOf) })
  }
}

function effort (asked: Field, { instrument }: ReadContext): JsonObject {
  const word = asked.value === 'off' ? 'none' : asked.text()
  const offered = effortOf(word, instrument)
  if (offered !== word) asked.ignore()
  return offered === null ? {} : { reasoning_effort: offered }
}

/** Of a body in which nothing is wrong. */
export function upstreamBody (body: Field, context: ReadContext): ChatBody {
  const [tools, choice, asked] = ['tools', 'tool_choice', 'reasoning_effort'].map(name => body.at(name)) as [Field, Field, Field]
  const hasTools = tools.isThere && !isEmpty(tools.value)
  const goesNot = new Set([...set, ...withheld, used, 'reasoning_effort', ...(hasTools ? [] : aboutTools)])
  const rest = Object.entries(body.object()).filter(([name, value]) => value !== null && !goesNot.has(name))
  return {
    ...Object.fromEntries(rest),
    ...(hasTools ? { tools: tools.list().map(toolOf) } : {}),
    ...(hasTools && choice.isThere ? { tool_choice: choiceOf(choice) } : {}),
    messages: body.at('messages').list().map(message => messageOf(message, context)),
    ...(asked.isThere ? effort(asked, context) : {})
  }
}

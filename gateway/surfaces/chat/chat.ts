// OpenAI's Chat Completions. Rules in README.md.

import { openAiForm } from '../error-forms.ts'
import { bodyField, modelOf, type Field } from '../field.ts'
import { sizeOf } from '../size.ts'
import type { ChatBody, Inference, Json, ReadContext, Surface } from '../surface.ts'
import { beginningOf } from '../translation.ts'
import { ChatCollector } from './collector.ts'
import { readMessages } from './messages.ts'
import { effortOf, readParameters } from './parameters.ts'
import { readTools } from './tools.ts'
import { ChatWriter } from './writer.ts'

/** Whoever sends it upstream sets these. */
const set = new Set(['model', 'stream', 'stream_options', 'max_tokens', 'max_completion_tokens'])
/** Of no concern to who serves, or not for a client to say to them. */
const withheld = new Set([
  'user', 'metadata', 'safety_identifier', 'store',
  'service_tier', 'web_search_options', 'plugins', 'route', 'provider', 'models', 'fallbacks', 'preset',
  'api_key', 'api_base', 'base_url', 'api_version', 'custom_llm_provider', 'extra_headers'
])

const keyLengthMax = 512

function upstreamBody (body: Field, { instrument }: ReadContext): ChatBody {
  const goes = ([name, value]: readonly [string, Json | undefined]): boolean => {
    if (value === undefined || value === null || set.has(name) || withheld.has(name)) return false
    return name !== 'tools' || body.at(name).list().length > 0
  }
  const sent = Object.entries(body.object()).filter(goes).map(([name, value]) =>
    [name, name === 'reasoning_effort' ? effortOf(body.at(name).text(), instrument) : value])
  return Object.fromEntries(sent) as ChatBody
}

function capOf (body: Field): number | null {
  const asked = ['max_tokens', 'max_completion_tokens'].map(name => body.at(name).value)
  const caps = asked.filter(cap => typeof cap === 'number')
  return caps.length === 0 ? null : Math.min(...caps)
}

function readInference (sent: unknown, context: ReadContext): Inference {
  const body = bodyField(sent)
  const model = body.at('model').word()
  readMessages(body.at('messages'), context)
  readParameters(body, context)
  readTools(body)
  for (const name of withheld) {
    if (name !== 'store' || body.at(name).value === true) body.at(name).ignore()
  }
  body.findings.settle()
  const chat = upstreamBody(body, context)
  const isStream = body.at('stream').value === true
  const key = body.at('prompt_cache_key').value
  return {
    surface: 'chat',
    model,
    isStream,
    chat,
    size: sizeOf(chat),
    n: body.at('n').value as number | null | undefined ?? 1,
    outputMax: capOf(body),
    wantsUsage: isStream && body.at('stream_options').at('include_usage').value === true,
    ignored: body.findings.ignored,
    stickyKey: typeof key === 'string' && key !== '' ? key.slice(0, keyLengthMax) : beginningOf(chat.messages),
    store: null,
    echo: {}
  }
}

export const chatSurface: Surface = {
  name: 'chat',
  modelOf,
  previousOf: () => null,
  read: readInference,
  stream: (inference, served) => new ChatWriter(inference, served),
  collect: (inference, served) => new ChatCollector(inference, served),
  errorBody: openAiForm
}

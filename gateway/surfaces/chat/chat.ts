// OpenAI's Chat Completions. Rules in README.md.

import { openAiForm } from '../error-forms.ts'
import { bodyField, modelOf, type Field } from '../field.ts'
import { sizeOf } from '../size.ts'
import type { Inference, ReadContext, Surface } from '../surface.ts'
import { beginningOf } from '../translation.ts'
import { ChatCollector } from './collector.ts'
import { readMessages } from './messages.ts'
import { readParameters } from './parameters.ts'
import { readTools } from './tools.ts'
import { customOf, upstreamBody, withheldFrom } from './upstream.ts'
import { ChatWriter } from './writer.ts'

const keyLengthMax = 512

function capOf (body: Field): number | null {
  const asked = ['max_tokens', 'max_completion_tokens'].map(name => body.at(name).value)
  const caps = asked.filter(cap => typeof cap === 'number')
  return caps.length === 0 ? null : Math.min(...caps)
}

function readInference (sent: unknown, context: ReadContext): Inference {
  const body = bodyField(sent)
  const model = body.at('model').word()
  readMessages(body.at('messages'), context)
  readParameters(body)
  readTools(body)
  body.findings.settle()
  withheldFrom(body)
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
    echo: { custom: customOf(body) }
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

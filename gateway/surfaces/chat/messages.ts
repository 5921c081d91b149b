// The messages of a chat completion. They are judged here, and go upstream as they were sent.

import { isList } from '../chunk.ts'
import type { Field } from '../field.ts'
import type { ReadContext } from '../surface.ts'
import { imageUrl } from '../translation.ts'

const roles = ['system', 'developer', 'user', 'assistant', 'tool'] as const

type Part = (part: Field, context: ReadContext) => void
type Parts = Readonly<Record<string, Part>>

const text: Part = part => { part.at('text').text() }
const refusal: Part = part => { part.at('refusal').text() }
const image: Part = (part, context) => {
  part.at('image_url').object()
  imageUrl(part.at('image_url').at('url'), context)
}
// Nothing here can tell how many tokens they become.
const unbounded: Part = part => { part.fault('is not possible here: send text or images') }

/** What a tool shows and the model can't look at is told in words (`upstream.ts`). */
const shownImage: Part = (part, context) => { if (context.instrument.terms.acceptsImages) image(part, context) }

const textOnly: Parts = { text }
const spoken: Parts = { text, refusal }
const shown: Parts = { text, image_url: image, file: unbounded, input_audio: unbounded }
const ofTool: Parts = { ...shown, image_url: shownImage, file: () => {} }

const possible = (parts: Parts): string[] => Object.keys(parts).filter(name => parts[name] !== unbounded)

function readContent (content: Field, parts: Parts, context: ReadContext): void {
  if (typeof content.value === 'string') return
  if (!isList(content.value)) {
    content.fault(content.value === undefined ? 'is missing' : 'must be text or a list of parts')
    return
  }
  if (content.value.length === 0) content.fault('must not be empty')
  for (const part of content.list()) {
    const type = part.at('type').value
    const read = typeof type === 'string' && Object.hasOwn(parts, type) ? parts[type] : undefined
    if (read !== undefined) read(part, context)
    else part.at('type').fault(`must be one of ${possible(parts).join(', ')}`)
  }
}

function readCalls (calls: Field): void {
  for (const call of calls.list()) {
    call.at('id').word()
    const type = call.at('type').isThere ? call.at('type').oneOf(['function', 'custom']) : 'function'
    call.at(type).at('name').word()
    call.at(type).at(type === 'custom' ? 'input' : 'arguments').text()
  }
}

/** With any of these a message of the assistant's may be without content. */
export const without = ['tool_calls', 'function_call', 'refusal', 'reasoning_content'] as const

function readAssistant (message: Field, context: ReadContext): void {
  const content = message.at('content')
  const maySayNothing = without.some(name => message.at(name).isThere)
  if (content.isThere || !maySayNothing) readContent(content, spoken, context)
  if (message.at('tool_calls').isThere) readCalls(message.at('tool_calls'))
}

function readMessage (message: Field, context: ReadContext): void {
  message.object()
  const content = message.at('content')
  const role = message.at('role').oneOf(roles)
  if (role === 'assistant') readAssistant(message, context)
  else readContent(content, role === 'user' ? shown : role === 'tool' ? ofTool : textOnly, context)
  if (role === 'tool') message.at('tool_call_id').word()
}

export function readMessages (messages: Field, context: ReadContext): void {
  if (isList(messages.value) && messages.value.length === 0) messages.fault('must have at least one message')
  for (const message of messages.list()) readMessage(message, context)
}

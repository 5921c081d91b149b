// `system` and `messages` as messages of a chat.

import { isList } from '../chunk.ts'
import type { Field } from '../field.ts'
import type { ChatMessage, JsonObject, ReadContext } from '../surface.ts'
import { assistantMessage, contentOf, textPart, toolCall, toolMessage, type ToolResult } from '../translation.ts'
import { blocksOf, readPart, refuseBlock, systemText } from './blocks.ts'

/** Said by tools that the vendor runs: their results were part of what the assistant said next. */
const hosted = /^(server_tool_use|mcp_tool_use|container_upload|.+_tool_result)$/

const isText = (part: JsonObject): boolean => part['type'] === 'text'
const textOf = (part: JsonObject): string => typeof part['text'] === 'string' ? part['text'] : ''

function markError (text: string): string {
  return /error/i.test(text.slice(0, 40)) ? text : `Error: ${text}`
}

/** As in a user's turn, and names of tools that a search found: the tools themselves are in `tools`. */
function readResultParts (content: Field, context: ReadContext): JsonObject[] {
  const blocks = blocksOf(content)
  if (typeof blocks === 'string') return [textPart(blocks)]
  return blocks.flatMap(block => {
    if (block.at('type').value === 'tool_reference') return [textPart(block.at('tool_name').text())]
    return readPart(block, context) ?? refuseBlock(block)
  })
}

function readResult (block: Field, context: ReadContext): ToolResult {
  const content = block.at('content')
  const parts = content.isThere ? readResultParts(content, context) : []
  const texts = parts.filter(isText).map(textOf)
  const isError = block.at('is_error').isThere && block.at('is_error').flag()
  return {
    callId: block.at('tool_use_id').word(),
    texts: isError ? [markError(texts.join('\n'))] : texts,
    images: parts.filter(part => !isText(part))
  }
}

function readUser (content: Field, context: ReadContext): ChatMessage[] {
  const blocks = blocksOf(content)
  if (typeof blocks === 'string') return [{ role: 'user', content: blocks }]
  if (blocks.length === 0 && isList(content.value)) content.fault('must not be empty')
  const results: ToolResult[] = []
  const parts: JsonObject[] = []
  for (const block of blocks) {
    const found = readPart(block, context)
    if (found !== null) parts.push(...found)
    else if (block.at('type').value === 'tool_result') results.push(readResult(block, context))
    else refuseBlock(block)
  }
  const said = [...results.flatMap(({ images }) => images), ...parts]
  return [...results.map(toolMessage), ...(said.length === 0 ? [] : [{ role: 'user', content: contentOf(said) }])]
}

/** Reasoning that was sealed here. '' where it was not: nobody but its vendor can read it. */
function openThinking (sealed: Field, { seal }: ReadContext): string {
  const opened = seal.open(sealed.isThere ? sealed.text() : '')
  if (opened === null) sealed.findings.ignore('thinking')
  return opened ?? ''
}

function readAssistant (content: Field, context: ReadContext): ChatMessage {
  const blocks = blocksOf(content)
  if (typeof blocks === 'string') return { role: 'assistant', content: blocks }
  const texts: string[] = []
  const calls: JsonObject[] = []
  let reasoning = ''
  for (const block of blocks) {
    const { value: type } = block.at('type')
    if (type === 'text') texts.push(block.at('text').text())
    else if (type === 'tool_use') {
      const input = JSON.stringify(block.at('input').isThere ? block.at('input').object() : {})
      calls.push(toolCall(block.at('id').word(), block.at('name').word(), input))
    } else if (type === 'thinking') reasoning += openThinking(block.at('signature'), context)
    else if (type === 'redacted_thinking') reasoning += openThinking(block.at('data'), context)
    else if (typeof type === 'string' && hosted.test(type)) content.findings.ignore(type)
    else refuseBlock(block)
  }
  return assistantMessage({ reasoning, texts, calls })
}

/** The conversation of a body. */
export function readConversation (body: Field, context: ReadContext): ChatMessage[] {
  const system = body.at('system')
  const told = system.isThere ? systemText(system) : ''
  const messages = body.at('messages').list()
  if (messages.length === 0) body.at('messages').fault('must have at least one message')
  const said = messages.flatMap((message): ChatMessage[] => {
    message.object()
    const content = message.at('content')
    const role = message.at('role').oneOf(['user', 'assistant', 'system'])
    if (role === 'user') return readUser(content, context)
    return role === 'assistant' ? [readAssistant(content, context)] : [{ role, content: systemText(content) }]
  })
  return told === '' ? said : [{ role: 'system', content: told }, ...said]
}

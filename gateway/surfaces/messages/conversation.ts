// `system` and `messages` as messages of a chat.

import { isList } from '../chunk.ts'
import type { Field } from '../field.ts'
import type { ChatMessage, JsonObject, ReadContext } from '../surface.ts'
import { assistantMessage, contentOf, textPart, toolCall, toolMessage, type ToolResult } from '../translation.ts'
import { blocksOf, isToolChange, readPart, refuseBlock, systemText, type BlockContext } from './blocks.ts'

/**
 * Said by tools that the vendor runs, whose results were part of what the assistant said next; and that another of the
 * vendor's models went on.
 */
const hosted = /^(server_tool_use|mcp_tool_use|container_upload|fallback|.+_tool_result)$/

const isResult = (block: Field): boolean => block.at('type').value === 'tool_result'
const isText = (part: JsonObject): boolean => part['type'] === 'text'
const textOf = (part: JsonObject): string => typeof part['text'] === 'string' ? part['text'] : ''

function markError (text: string): string {
  return /error/i.test(text.slice(0, 40)) ? text : `Error: ${text}`
}

/** As in a user's turn, and names of tools that a search found: the tools themselves are in `tools`. */
function readResultParts (content: Field, context: BlockContext): JsonObject[] {
  const blocks = blocksOf(content)
  if (typeof blocks === 'string') return [textPart(blocks)]
  return blocks.flatMap(block => {
    if (block.at('type').value === 'tool_reference') return [textPart(block.at('tool_name').text())]
    return readPart(block, context) ?? refuseBlock(block)
  })
}

function readResult (block: Field, context: BlockContext): ToolResult {
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
  // Claude Code puts the pages of a PDF beside the result of the tool that read it.
  const within = { ...context, isOfTool: blocks.some(isResult) }
  for (const block of blocks) {
    const found = readPart(block, within)
    if (found !== null) for (const part of found) parts.push(part)
    else if (isResult(block)) results.push(readResult(block, within))
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

/** What stands for all that was said before: in words, or in what nobody but its vendor can read. */
function readCompaction (block: Field): string[] {
  if (block.at('content').isThere) return [block.at('content').text()]
  block.findings.ignore('compaction')
  return []
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
    else if (type === 'compaction') texts.push(...readCompaction(block))
    else if (typeof type === 'string' && hosted.test(type)) content.findings.ignore(type)
    else refuseBlock(block)
  }
  return assistantMessage({ reasoning, texts, calls })
}

/** A system's turn may change tools or effort, and say nothing: those are read where the body's own are. */
function readSystem (message: Field): ChatMessage[] {
  const content = message.at('content')
  const text = content.isThere || !message.at('output_config').isThere ? systemText(content, isToolChange) : ''
  return text === '' && typeof content.value !== 'string' ? [] : [{ role: 'system', content: text }]
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
    return role === 'assistant' ? [readAssistant(content, context)] : readSystem(message)
  })
  const isMute = said.length === 0 && messages.every(message => message.at('role').value === 'system')
  if (messages.length > 0 && isMute) body.at('messages').fault('has nothing to answer')
  return told === '' ? said : [{ role: 'system', content: told }, ...said]
}

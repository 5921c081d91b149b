// Items of the input, and what they are in a chat.

import { isList, isObject } from '../chunk.ts'
import { Fault } from '../fault.ts'
import { Field } from '../field.ts'
import type { JsonObject, Kept, ReadContext } from '../surface.ts'
import { imageUrl, textPart, toolCall, type ToolResult } from '../translation.ts'
import type { Conversation } from './conversation.ts'
import { customArguments, flatName } from './names.ts'

/** Said by tools that the vendor runs: the model reads what came of them in the texts that follow. */
const hosted = /^(web_search|file_search|code_interpreter|image_generation|mcp|tool_search)_\w+$/

/** An item that brings tools. */
export const additionalTools = 'additional_tools'

/** A list of parts, or the one text that stands for a list of one. */
function readParts (content: Field, context: ReadContext): JsonObject[] {
  if (typeof content.value === 'string') return [textPart(content.value)]
  if (!isList(content.value)) {
    content.fault('must be text or a list of parts')
    return []
  }
  return content.list().map(part => {
    switch (part.at('type').value) {
      case 'input_text':
      case 'output_text':
      case 'text': return textPart(part.at('text').text())
      case 'refusal': return textPart(part.at('refusal').text())
      // Codex: what one of its threads told another, as a call's argument. Those are never encrypted here.
      case 'encrypted_content': return textPart(part.at('encrypted_content').text())
      case 'input_image': return readImage(part, context)
      case 'input_file':
        part.fault('is a file, and no file is read here: send its text')
        return textPart('')
      default:
        part.at('type').fault('is not known here')
        return textPart('')
    }
  })
}

function readImage (part: Field, context: ReadContext): JsonObject {
  if (!part.at('image_url').isThere) {
    part.fault('is an image without image_url: send the image itself, or its URL')
    return textPart('')
  }
  const url = imageUrl(part.at('image_url'), context)
  const detail = part.at('detail').isThere ? part.at('detail').oneOf(['auto', 'low', 'high', 'original']) : null
  if (detail === null) return { type: 'image_url', image_url: { url } }
  return { type: 'image_url', image_url: { url, detail: detail === 'original' ? 'high' : detail } }
}

const isText = (part: JsonObject): boolean => part['type'] === 'text'
const textsOf = (parts: readonly JsonObject[]): string[] =>
  parts.map(part => part['text']).filter(text => typeof text === 'string')

/** Items that references may name. */
function keptItems (previous: Kept | null): Map<string, JsonObject> {
  const { output } = previous?.response ?? {}
  const items = [...previous?.items ?? [], ...isList(output) ? output.filter(isObject) : []]
  return new Map(items.flatMap(item => typeof item['id'] === 'string' ? [[item['id'], item]] : []))
}

/** Reads items into a conversation. */
export class Items {
  readonly #context: ReadContext
  readonly #conversation: Conversation
  readonly #kept: Map<string, JsonObject>
  readonly #resolved: JsonObject[] = []

  constructor (conversation: Conversation, context: ReadContext) {
    this.#conversation = conversation
    this.#context = context
    this.#kept = keptItems(context.previous)
  }

  /** What references named: they may be named again in the next request. */
  get resolved (): readonly JsonObject[] {
    return this.#resolved
  }

  read (item: Field): void {
    item.object()
    const { value: type } = item.at('type')
    switch (type) {
      case undefined:
      case 'message':
        this.#readMessage(item)
        break
      case 'agent_message':
        this.#conversation.user(readParts(item.at('content'), this.#context))
        break
      case 'function_call':
        this.#readCall(item, item.at('arguments').text())
        break
      case 'custom_tool_call':
        this.#readCall(item, customArguments(item.at('input').text()))
        break
      case 'function_call_output':
      case 'custom_tool_call_output':
        this.#conversation.result(this.#readResult(item))
        break
      case 'reasoning':
        this.#readReasoning(item)
        break
      case 'item_reference':
        this.#readReference(item)
        break
      case additionalTools:
        break // Part of no conversation: read with the other tools.
      default:
        if (typeof type === 'string' && hosted.test(type)) item.findings.ignore(type)
        else item.at('type').fault('is not known here')
    }
  }

  #readMessage (item: Field): void {
    const role = item.at('role').oneOf(['user', 'assistant', 'system', 'developer'])
    const parts = readParts(item.at('content'), this.#context)
    if (role === 'user') {
      this.#conversation.user(parts)
      return
    }
    if (!parts.every(isText)) item.at('content').fault('must be text')
    const texts = textsOf(parts)
    if (role === 'assistant') this.#conversation.said(texts.join(''))
    else this.#conversation.system(texts.join('\n\n'))
  }

  #readCall (item: Field, args: string): void {
    const namespace = item.at('namespace').isThere ? item.at('namespace').text() : null
    const name = flatName(item.at('name').word(), namespace)
    this.#conversation.called(toolCall(item.at('call_id').word(), name, args))
  }

  #readResult (item: Field): ToolResult {
    const parts = readParts(item.at('output'), this.#context)
    return {
      callId: item.at('call_id').word(),
      texts: textsOf(parts),
      images: parts.filter(part => !isText(part))
    }
  }

  #readReasoning (item: Field): void {
    const sealed = item.at('encrypted_content')
    const content = item.at('content')
    const opened = sealed.isThere
      ? this.#context.seal.open(sealed.text())
      : content.isThere ? content.list().map(part => part.at('text').text()).join('') : null
    if (opened === null) item.findings.ignore('reasoning')
    else this.#conversation.thought(opened)
  }

  #readReference (item: Field): void {
    const id = item.at('id').word()
    const found = this.#kept.get(id)
    if (found !== undefined) {
      this.#resolved.push(found)
      this.read(new Field(item.findings, found, item.path))
    } else if (id.startsWith('rs_')) item.findings.ignore('reasoning')
    else {
      const words = 'names an item that is not kept: with store: false, whole items are sent'
      throw new Fault('response_not_found', `${item.path}.id ${words}`, { fields: { [`${item.path}.id`]: [words] } })
    }
  }
}

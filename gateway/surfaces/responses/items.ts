// Items of the input, and what they are in a chat.

import { isList, isObject } from '../chunk.ts'
import { customArguments } from '../custom-tools.ts'
import { Fault } from '../fault.ts'
import { Field } from '../field.ts'
import type { JsonObject, Kept, ReadContext } from '../surface.ts'
import { toolCall, type ToolResult } from '../translation.ts'
import { callOf, resultOf } from './client-items.ts'
import type { Conversation } from './conversation.ts'
import { flatName } from './names.ts'
import { isText, readParts, textsOf, type PartContext } from './parts.ts'

/**
 * Said by tools that the vendor runs, whose results are in the texts that follow; and what only the vendor can read of
 * what was said before.
 */
const hosted = /^((context_)?compaction|compaction_summary|(web_search|file_search|code_interpreter|image_generation|mcp|tool_search)_\w+)$/

/** An item that brings tools. */
export const additionalTools = 'additional_tools'

/** Items that references may name. */
function keptItems (previous: Kept | null): Map<string, JsonObject> {
  const { output } = previous?.response ?? {}
  const items = [...previous?.items ?? [], ...isList(output) ? output.filter(isObject) : []]
  return new Map(items.flatMap(item => typeof item['id'] === 'string' ? [[item['id'], item]] : []))
}

/** Of what references name, as JSON: a name is short, and may be said as often as a body has room. */
const referredLengthMax = 32 * 1024 * 1024

/** Reads items into a conversation. */
export class Items {
  readonly #context: ReadContext
  readonly #conversation: Conversation
  readonly #kept: Map<string, JsonObject>
  /** What references named, and how long it is. */
  readonly #resolved = new Map<JsonObject, number>()
  #referredLength = 0

  constructor (conversation: Conversation, context: ReadContext) {
    this.#conversation = conversation
    this.#context = context
    this.#kept = keptItems(context.previous)
  }

  get #said (): PartContext {
    return { ...this.#context, isOfTool: false }
  }

  /** What references named: they may be named again in the next request. */
  get resolved (): readonly JsonObject[] {
    return [...this.#resolved.keys()]
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
        this.#conversation.user(readParts(item.at('content'), this.#said))
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
        this.#readOther(item)
    }
  }

  /** What tools of the vendor's own make, be it the client that runs them or not. */
  #readOther (item: Field): void {
    const { value: type } = item.at('type')
    const [call, result] = [callOf(item), resultOf(item)]
    if (call !== null) this.#conversation.called(call)
    else if (result !== null) this.#conversation.result(result)
    else if (typeof type === 'string' && hosted.test(type)) item.findings.ignore(type)
    else item.at('type').fault('is not known here')
  }

  #readMessage (item: Field): void {
    const role = item.at('role').oneOf(['user', 'assistant', 'system', 'developer'])
    const parts = readParts(item.at('content'), this.#said)
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
    const parts = readParts(item.at('output'), { ...this.#context, isOfTool: true })
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
      this.#refer(found)
      this.read(new Field(item.findings, found, item.path))
    } else if (id.startsWith('rs_')) item.findings.ignore('reasoning')
    else {
      const words = 'names an item that is not kept: with store: false, whole items are sent'
      throw new Fault('response_not_found', `${item.path}.id ${words}`, { fields: { [`${item.path}.id`]: [words] } })
    }
  }

  #refer (item: JsonObject): void {
    const length = this.#resolved.get(item) ?? JSON.stringify(item).length
    this.#resolved.set(item, length)
    this.#referredLength += length
    if (this.#referredLength > referredLengthMax) {
      throw new Fault('too_large', `What is referred to may have ${referredLengthMax} characters.`)
    }
  }
}

// Tools that the client has, and which of them may or must be used.

import { isList } from '../chunk.ts'
import type { Field } from '../field.ts'
import type { JsonObject } from '../surface.ts'
import { refuseTwins } from '../translation.ts'
import { isToolChange } from './blocks.ts'
import { clientTool } from './client-tools.ts'

type Offered = { readonly name: string, readonly field: Field, readonly tool: JsonObject }

function isHosted (tool: Field): boolean {
  const type = tool.at('type')
  return type.isThere && type.value !== 'custom' && clientTool(type.value) === null
}

function readTool (field: Field): Offered {
  field.object()
  const name = field.at('name').word()
  if (!/^[\w-]{0,128}$/.test(name)) field.at('name').fault('must be at most 128 letters, digits, _ and -')
  const [description, strict] = [field.at('description'), field.at('strict')]
  const own = clientTool(field.at('type').value) ?? {
    ...(description.isThere ? { description: description.text() } : {}),
    parameters: field.at('input_schema').object()
  }
  const spec = { name, ...own, ...(strict.isThere ? { strict: strict.flag() } : {}) }
  return { name, field: field.at('name'), tool: { type: 'function', function: spec } }
}

const listOf = (field: Field): readonly Field[] => isList(field.value) ? field.list() : []

/** What system's turns say of tools, in their order. */
function changesOf (body: Field): Field[] {
  const told = listOf(body.at('messages')).filter(message => message.at('role').value === 'system')
  return told.flatMap(message => listOf(message.at('content'))).filter(isToolChange)
}

/** Those of the body, and those that were brought on the way, without those that were taken away again. */
function toolsOf (body: Field): readonly Field[] {
  const tools = body.at('tools').isThere ? body.at('tools').list() : []
  const brought = new Map<unknown, Field>()
  const removed = new Set<unknown>()
  for (const change of changesOf(body)) {
    const [tool, definition] = [change.at('tool'), change.at('tool').at('definition')]
    const { value: name } = (definition.isThere ? definition : tool).at('name')
    if (change.at('type').value === 'tool_removal') removed.add(name)
    else removed.delete(name)
    if (!definition.isThere) continue
    brought.delete(name) // It is the last one now.
    brought.set(name, definition)
  }
  const own = tools.filter(tool => !brought.has(tool.at('name').value))
  return [...own, ...brought.values()].filter(tool => !removed.has(tool.at('name').value))
}

function readChoice (choice: Field, names: readonly string[], hosted: readonly string[]): JsonObject {
  const isFit = (kind: string): boolean => {
    if (names.length === 0) choice.fault(`is ${kind}, and there is no tool that can be used here`)
    return names.length > 0
  }
  switch (choice.at('type').oneOf(['auto', 'any', 'tool', 'none'])) {
    case 'auto': return names.length === 0 ? {} : { tool_choice: 'auto' }
    case 'none': return names.length === 0 ? {} : { tool_choice: 'none' }
    case 'any': return isFit('any') ? { tool_choice: 'required' } : {}
    case 'tool': {
      const name = choice.at('name').word()
      if (hosted.includes(name)) choice.fault('forces a hosted tool, and those are not served here')
      else if (name !== '' && !names.includes(name)) choice.at('name').fault('must be the name of one of the tools')
      return { tool_choice: { type: 'function', function: { name } } }
    }
  }
}

/** `tools`, `tool_choice` and `parallel_tool_calls` of a chat, those that are there. */
export function readTools (body: Field): JsonObject {
  const all = toolsOf(body)
  if (all.some(tool => tool.at('cache_control').isThere)) body.findings.ignore('cache_control')
  const hosted = all.filter(isHosted)
  for (const tool of hosted) body.findings.ignore(tool.at('type').text())
  const offered = all.filter(tool => !isHosted(tool)).map(readTool)
  refuseTwins(offered.map(({ name, field }) => [name, field]))
  const choice = body.at('tool_choice')
  const hostedNames = hosted.map(tool => tool.at('name').value).filter(name => typeof name === 'string')
  const chosen = choice.isThere ? readChoice(choice, offered.map(({ name }) => name), hostedNames) : {}
  if (offered.length === 0) return chosen
  const alone = choice.at('disable_parallel_tool_use')
  return {
    tools: offered.map(({ tool }) => tool),
    ...chosen,
    ...(alone.isThere ? { parallel_tool_calls: !alone.flag() } : {})
  }
}

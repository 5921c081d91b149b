// Tools that the client has, and which of them may or must be used.

import type { Field } from '../field.ts'
import type { JsonObject } from '../surface.ts'
import { refuseTwins } from '../translation.ts'

type Offered = { readonly name: string, readonly field: Field, readonly tool: JsonObject }

const isHosted = (tool: Field): boolean => tool.at('type').isThere && tool.at('type').value !== 'custom'

function readTool (field: Field): Offered {
  field.object()
  const name = field.at('name').word()
  if (!/^[\w-]{0,128}$/.test(name)) field.at('name').fault('must be at most 128 letters, digits, _ and -')
  const description = field.at('description')
  const strict = field.at('strict')
  const tool = {
    type: 'function',
    function: {
      name,
      ...(description.isThere ? { description: description.text() } : {}),
      parameters: field.at('input_schema').object(),
      ...(strict.isThere ? { strict: strict.flag() } : {})
    }
  }
  return { name, field: field.at('name'), tool }
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
  const all = body.at('tools').isThere ? body.at('tools').list() : []
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

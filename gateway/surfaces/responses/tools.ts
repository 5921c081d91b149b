// Tools that the client has, as functions of a chat, and which of them may or must be used.

import { isList } from '../chunk.ts'
import { customFunction } from '../custom-tools.ts'
import type { Field } from '../field.ts'
import type { JsonObject } from '../surface.ts'
import { refuseTwins } from '../translation.ts'
import { additionalTools } from './items.ts'
import { flatName, namesJson, type ToolName } from './names.ts'

type Offered = ToolName & { readonly flat: string, readonly field: Field, readonly tool: JsonObject }

export type Tools = {
  /** `tools`, `tool_choice` and `parallel_tool_calls` of a chat, those that are there. */
  readonly chat: JsonObject
  /** What is called otherwise upstream. */
  readonly names: JsonObject
}

const isThere = (field: Field): boolean => field.isThere
const optionalText = (field: Field): JsonObject => field.isThere ? { description: field.text() } : {}

function readFunction (field: Field): JsonObject {
  const [parameters, strict] = [field.at('parameters'), field.at('strict')]
  return {
    ...optionalText(field.at('description')),
    parameters: parameters.isThere ? parameters.object() : { type: 'object', properties: {} },
    ...(strict.isThere ? { strict: strict.flag() } : {})
  }
}

function readCustom (field: Field, name: string): JsonObject {
  const format = field.at('format')
  return customFunction({
    name,
    description: field.at('description').isThere ? field.at('description').text() : '',
    grammar: format.at('type').value === 'grammar'
      ? { syntax: format.at('syntax').text(), definition: format.at('definition').text() }
      : null
  })
}

function readTool (field: Field, namespace: string | null): Offered[] {
  field.object()
  const type = field.at('type')
  const name = field.at('name')
  switch (type.value) {
    case 'function':
    case 'custom': {
      const isCustom = type.value === 'custom'
      const own = name.word()
      if (!/^[\w-]*$/.test(own)) name.fault('must be letters, digits, _ and -')
      const flat = flatName(own, namespace)
      const tool = { type: 'function', function: isCustom ? readCustom(field, flat) : { name: flat, ...readFunction(field) } }
      return [{ name: own, namespace, isCustom, flat, field: name, tool }]
    }
    case 'namespace': return field.at('tools').list().flatMap(each => readTool(each, name.word()))
    default:
      field.findings.ignore(type.word())
      return []
  }
}

type Choice = { readonly allowed: readonly Offered[], readonly choice: JsonObject }

/** By what they are called upstream, and by what the client calls them: of two namespaces the first one's. */
type Known = { readonly flat: ReadonlyMap<string, Offered>, readonly own: ReadonlyMap<string, Offered> }

const knownOf = (offered: readonly Offered[]): Known => ({
  flat: new Map(offered.map(each => [each.flat, each])),
  own: new Map(offered.toReversed().map(each => [each.name, each]))
})

function readNamed (choice: Field, known: Known): Offered | null {
  const namespace = choice.at('namespace').isThere ? choice.at('namespace').text() : null
  const name = choice.at('name').isThere ? choice.at('name').word() : ''
  const type = choice.at('type').value
  if (type !== 'function' && type !== 'custom') {
    choice.fault('forces a hosted tool, and those are not served here')
    return null
  }
  const found = known.flat.get(flatName(name, namespace)) ?? known.own.get(name)
  if (found === undefined) choice.at('name').fault('must be the name of one of the tools')
  return found ?? null
}

function readMode (mode: Field, offered: readonly Offered[]): JsonObject {
  const word = mode.oneOf(['auto', 'none', 'required'])
  if (word === 'required' && offered.length === 0) mode.fault('is required, and there is no tool that can be used here')
  return offered.length === 0 ? {} : { tool_choice: word }
}

function readChoice (choice: Field, offered: readonly Offered[]): Choice {
  if (!choice.isThere) return { allowed: offered, choice: {} }
  if (typeof choice.value === 'string') return { allowed: offered, choice: readMode(choice, offered) }
  choice.object()
  if (choice.at('type').value === 'allowed_tools') {
    const isOwn = (field: Field): boolean => ['function', 'custom'].some(type => type === field.at('type').value)
    const known = knownOf(offered)
    const named = new Set(choice.at('tools').list().filter(isOwn).map(each => readNamed(each, known)))
    const allowed = offered.filter(each => named.has(each))
    return { allowed, choice: readMode(choice.at('mode'), allowed) }
  }
  const found = readNamed(choice, knownOf(offered))
  const forced = found === null ? {} : { tool_choice: { type: 'function', function: { name: found.flat } } }
  return { allowed: offered, choice: forced }
}

function readList (tools: Field): Offered[] {
  const offered = tools.list().flatMap(tool => readTool(tool, null))
  refuseTwins(offered.map(({ flat, field }) => [flat, field]))
  return offered
}

/** Those of the body, and those that items brought on the way: of two with one name the later one is meant. */
function readAll (body: Field): Offered[] {
  const { value: input } = body.at('input')
  const items = isList(input) ? body.at('input').list() : []
  const brought = items.filter(item => item.at('type').value === additionalTools).map(item => item.at('tools'))
  const offered = [...[body.at('tools')].filter(isThere), ...brought].flatMap(readList)
  return [...new Map(offered.map(each => [each.flat, each])).values()]
}

export function readTools (body: Field): Tools {
  const offered = readAll(body)
  const { allowed, choice } = readChoice(body.at('tool_choice'), offered)
  const parallel = body.at('parallel_tool_calls')
  const chat = allowed.length === 0
    ? {}
    : {
        tools: allowed.map(({ tool }) => tool),
        ...choice,
        ...(parallel.isThere ? { parallel_tool_calls: parallel.flag() } : {})
      }
  const names = namesJson(offered.map(({ name, namespace, isCustom }) => ({ name, namespace, isCustom })))
  return { chat, names }
}

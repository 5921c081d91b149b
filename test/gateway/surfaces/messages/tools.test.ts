// Tools that the client runs though the vendor defines them, and tools that come and go on the way.

import { describe, expect, test } from 'vitest'
import { isList, isObject } from '../../../../gateway/surfaces/chunk.ts'
import { messagesSurface } from '../../../../gateway/surfaces/messages/messages.ts'
import type { Inference, Json, JsonObject } from '../../../../gateway/surfaces/surface.ts'
import { contextOf, faultsOf } from '../answers.ts'

const hi = { role: 'user', content: 'Hi' }
const read = (fields: JsonObject): Inference =>
  messagesSurface.read({ model: 'text-prime', max_tokens: 10, messages: [hi], ...fields }, contextOf('text-prime'))
const objects = (value: Json | undefined): JsonObject[] => isList(value) ? value.filter(isObject) : []
const functionsOf = ({ chat }: Inference): JsonObject[] => objects(chat['tools']).map(tool => tool['function'] as JsonObject)
const namesOf = (inference: Inference): unknown[] => functionsOf(inference).map(({ name }) => name)

const bash = { type: 'bash_20250124', name: 'bash' }
const editor = (version: string, name: string): JsonObject => ({ type: `text_editor_${version}`, name })
const memory = { type: 'memory_20250818', name: 'memory' }

describe('tools that the client runs', () => {
  test('are functions under its names, with their published schemas', () => {
    const newest = editor('20250728', 'str_replace_based_edit_tool')
    const inference = read({ tools: [bash, newest, memory] })
    expect(namesOf(inference)).toEqual(['bash', 'str_replace_based_edit_tool', 'memory'])
    expect(inference.ignored).toEqual([])
    const [shell, edits, kept] = functionsOf(inference)
      .map(({ parameters }) => parameters as { properties: JsonObject, required: Json })
    expect(Object.keys(shell!.properties)).toEqual(['command', 'restart'])
    expect(edits).toMatchObject({
      required: ['command', 'path'],
      properties: { command: { enum: ['view', 'create', 'str_replace', 'insert'] }, insert_text: { type: 'string' } }
    })
    expect(kept!.properties).toMatchObject({ command: { enum: ['view', 'create', 'str_replace', 'insert', 'delete', 'rename'] }, old_path: {} })
  })

  test('of earlier versions have what those had', () => {
    const commands = (version: string): unknown => {
      const [{ parameters } = {}] = functionsOf(read({ tools: [editor(version, 'str_replace_editor')] }))
      const { command, insert_text: text } = (parameters as { properties: JsonObject }).properties
      return [((command as JsonObject)['enum'] as Json[]).includes('undo_edit'), text !== undefined]
    }
    expect(['20241022', '20250124', '20250429', '20250728'].map(commands))
      .toEqual([[true, false], [true, false], [false, false], [false, true]])
  })

  test('may be forced, and beside them hosted ones are dropped', () => {
    const inference = read({ tools: [bash, { type: 'code_execution_20250825', name: 'code_execution' }], tool_choice: { type: 'tool', name: 'bash' } })
    expect(inference.chat['tool_choice']).toEqual({ type: 'function', function: { name: 'bash' } })
    expect([namesOf(inference), inference.ignored]).toEqual([['bash'], ['code_execution_20250825']])
    expect(Object.keys(faultsOf(() => read({ tools: [{ type: 'bash_20250124' }] })))).toEqual(['tools.0.name'])
  })
})

describe('tools that come and go', () => {
  const own = (name: string, description = ''): JsonObject => ({ name, description, input_schema: { type: 'object' } })
  const system = (...content: JsonObject[]): JsonObject => ({ role: 'system', content })
  const brought = (definition: JsonObject): JsonObject => ({ type: 'tool_addition', tool: { type: 'tool_definition', definition } })
  const named = (type: string, name: string): JsonObject => ({ type, tool: { type: 'tool_reference', name } })

  test('are those at the end of the conversation', () => {
    const messages = [hi, system(brought(own('c')), named('tool_removal', 'a')), hi, system(named('tool_removal', 'b'), named('tool_addition', 'a'))]
    expect(namesOf(read({ tools: [own('a'), own('b')], messages }))).toEqual(['a', 'c'])
    expect(namesOf(read({ messages: [hi, system(brought(bash))] }))).toEqual(['bash'])
    expect(read({ tools: [own('a')], messages: [hi, system(named('tool_removal', 'a'))] }).chat).not.toHaveProperty('tools')
  })

  test('of two with one name the later one is meant', () => {
    const [tool] = functionsOf(read({ tools: [own('a', 'first')], messages: [hi, system(brought(own('a', 'second')))] }))
    expect(tool).toMatchObject({ name: 'a', description: 'second' })
  })

  test('may do so very often', () => {
    const name = (index: number): string => `tool${index % 30_000}`
    const change = (index: number): JsonObject => brought(own(name(index), index < 30_000 ? 'first' : 'second'))
    const messages = [hi, system(...Array.from({ length: 60_000 }, (_, index) => change(index)))]
    const offered = functionsOf(read({ messages }))
    expect([offered.length, offered[0]]).toMatchObject([30_000, { name: 'tool0', description: 'second' }])
  })

  test('are judged as those of the body are', () => {
    const messages = [hi, system(brought({ name: 'a' }))]
    expect(Object.keys(faultsOf(() => read({ messages })))).toEqual(['messages.1.content.0.tool.definition.input_schema'])
  })
})

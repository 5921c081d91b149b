// The tools of a chat completion, and which of them must be called.

import type { Field } from '../field.ts'
import { refuseTwins } from '../translation.ts'

function readFormat (format: Field): void {
  if (!format.isThere || format.at('type').oneOf(['text', 'grammar']) === 'text') return
  format.at('grammar').at('definition').text()
  format.at('grammar').at('syntax').oneOf(['lark', 'regex'])
}

function readTool (tool: Field): readonly [name: string, field: Field] {
  const type = tool.at('type').oneOf(['function', 'custom'])
  const spec = tool.at(type)
  const name = spec.at('name')
  const word = name.word()
  if (word !== '' && !/^[\w.:-]{1,128}$/.test(word)) name.fault('must be at most 128 letters, digits, _, -, . or :')
  if (spec.at('description').isThere) spec.at('description').text()
  if (type === 'custom') readFormat(spec.at('format'))
  if (spec.at('parameters').isThere) spec.at('parameters').object()
  if (spec.at('strict').isThere) spec.at('strict').flag()
  return [word, name]
}

function readNamed (named: Field, names: ReadonlySet<string>): void {
  const name = named.at(named.at('type').value === 'custom' ? 'custom' : 'function').at('name')
  const word = name.word()
  if (word !== '' && !names.has(word)) name.fault('is the name of no tool in tools')
}

function readChoice (choice: Field, names: ReadonlySet<string>): void {
  if (typeof choice.value === 'string') {
    if (choice.oneOf(['auto', 'none', 'required']) === 'required' && names.size === 0) choice.fault('needs tools')
    return
  }
  choice.object()
  if (choice.at('type').oneOf(['function', 'custom', 'allowed_tools']) !== 'allowed_tools') {
    readNamed(choice, names)
    return
  }
  const allowed = choice.at('allowed_tools')
  allowed.at('mode').oneOf(['auto', 'required'])
  for (const named of allowed.at('tools').list()) readNamed(named, names)
}

export function readTools (body: Field): void {
  const [tools, choice] = [body.at('tools'), body.at('tool_choice')]
  const named = tools.isThere ? tools.list().map(readTool) : []
  refuseTwins(named.filter(([name]) => name !== ''))
  if (choice.isThere) readChoice(choice, new Set(named.map(([name]) => name)))
  if (body.at('parallel_tool_calls').isThere) body.at('parallel_tool_calls').flag()
}

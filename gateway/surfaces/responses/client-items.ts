// Calls of tools that the vendor defines and the client runs, as they stand in a conversation that was begun elsewhere:
// shell, local shell, apply_patch. Here they are calls of functions, what they were given and gave as JSON.

import type { Field } from '../field.ts'
import type { JsonObject } from '../surface.ts'
import { toolCall, type ToolResult } from '../translation.ts'

/** What each call has of its own. */
const given: Readonly<Record<string, string>> = { shell: 'action', local_shell: 'action', apply_patch: 'operation' }

const formOf = (item: Field): readonly [name: string, isResult: boolean] | null => {
  const { value: type } = item.at('type')
  const [, name, ending] = /^(shell|local_shell|apply_patch)_call(_output)?$/.exec(typeof type === 'string' ? type : '') ?? []
  return name === undefined ? null : [name, ending !== undefined]
}

/** The output of a local shell says whose it is by its own id. */
const callIdOf = (item: Field): string => (item.at('call_id').isThere ? item.at('call_id') : item.at('id')).word()

/** Null: it is no such call. */
export function callOf (item: Field): JsonObject | null {
  const [name, isResult] = formOf(item) ?? ['', true]
  if (isResult) return null
  return toolCall(callIdOf(item), name, JSON.stringify(item.at(given[name]!).object()))
}

/** Null: it is no such output. */
export function resultOf (item: Field): ToolResult | null {
  const [, isResult] = formOf(item) ?? ['', false]
  if (!isResult) return null
  const gave = item.at('output').value ?? item.at('status').value ?? ''
  const text = typeof gave === 'string' ? gave : JSON.stringify(gave)
  return { callId: callIdOf(item), texts: [text], images: [] }
}

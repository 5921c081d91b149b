import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chatSurface } from '../../../gateway/surfaces/chat/chat.ts'
import { isObject } from '../../../gateway/surfaces/chunk.ts'
import { Fault } from '../../../gateway/surfaces/fault.ts'
import { messagesSurface } from '../../../gateway/surfaces/messages/messages.ts'
import { responsesSurface } from '../../../gateway/surfaces/responses/responses.ts'
import type { Json, JsonObject } from '../../../gateway/surfaces/surface.ts'
import { bodyOf, chunk, contextOf, end, eventsOf, served, streamed } from './answers.ts'

/** Where a value in a body is, and what it is put in place of. */
function paths (value: Json | undefined, at: readonly string[] = []): Array<readonly string[]> {
  if (typeof value !== 'object' || value === null) return [at]
  return [at, ...Object.entries(value).flatMap(([name, each]) => paths(each as Json, [...at, name]))]
}

function replaced (value: Json | undefined, [name, ...rest]: readonly string[], by: Json): Json {
  if (name === undefined) return by
  if (Array.isArray(value)) {
    return value.map((each: Json, index) => String(index) === name ? replaced(each, rest, by) : each)
  }
  const object = value as JsonObject
  return { ...object, [name]: replaced(object[name], rest, by) }
}

const strange = fc.constantFrom<Json>(null, true, -1, 1e300, '', 'x', [], [null], [[]], {}, { type: 'text' }, { type: null, text: {} }, [{ type: 7 }])

/** Recorded bodies of chat have words about them around them. */
function sentBody (name: string): JsonObject {
  const { body, ...rest } = bodyOf(name)
  return isObject(body) ? body : rest
}

test.each([
  ['chat-cline', chatSurface], ['chat-openai-stream', chatSurface], ['chat-vercel-image', chatSurface], ['chat-langchain', chatSurface],
  ['claude-code-turn', messagesSurface], ['messages-images', messagesSurface], ['messages-tools', messagesSurface],
  ['codex-turn', responsesSurface], ['codex-thread', responsesSurface], ['responses-images', responsesSurface],
  ['responses-structured', responsesSurface]
] as const)('a body such as %s with anything anywhere is answered, or refused in words', (name, surface) => {
  const body = sentBody(name)
  const anywhere = fc.constantFrom(...paths(body))
  fc.assert(fc.property(anywhere, strange, anywhere, strange, (first, one, second, other) => {
    let strangest = replaced(body, first, one)
    try {
      strangest = replaced(strangest, second, other)
    } catch {
      // The second place was within the first, and is gone.
    }
    try {
      const inference = surface.read(strangest, contextOf('text-max'))
      const text = streamed(surface.stream(inference, served), [chunk({ content: 'a' }, 'stop')], end)
      if (surface === chatSurface) expect(text).toMatch(/data: \[DONE\]\n\n$/)
      else expect(eventsOf(text).length).toBeGreaterThan(4)
      expect(JSON.stringify(inference.chat)).not.toMatch(/"role":"developer"|"tool_calls":(\[\]|null)/)
      expect(inference.chat.messages.length).toBeGreaterThan(0)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      expect(error.status).toBeLessThan(500)
    }
  }), { seed: 6, numRuns: 400 })
})

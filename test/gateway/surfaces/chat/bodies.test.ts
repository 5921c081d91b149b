// What clients send, as it was recorded or as their sources make it, and what goes upstream for it.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { chatSurface } from '../../../../gateway/surfaces/chat/chat.ts'
import { sizeOf } from '../../../../gateway/surfaces/size.ts'
import type { Inference, JsonObject } from '../../../../gateway/surfaces/surface.ts'
import { contextOf } from './support.ts'

type Recorded = {
  readonly client: string
  readonly instrument: string
  readonly body: JsonObject
  readonly gone: readonly string[]
  readonly changed: JsonObject
  readonly ignored: readonly string[]
  readonly inference: Partial<Inference>
}

const folder = join(import.meta.dirname, '../bodies')
const files = readdirSync(folder).filter(name => name.startsWith('chat-')).sort()

describe('a body of', () => {
  const recorded = files.map(name => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Recorded)

  test.each(recorded)('$client goes upstream as it was sent, but for what is ours', sent => {
    const inference = chatSurface.read(sent.body, contextOf(sent.instrument))
    const rest = Object.entries(sent.body).filter(([name]) => !sent.gone.includes(name))
    expect(inference.chat).toEqual({ ...Object.fromEntries(rest), ...sent.changed })
    expect([...inference.ignored].sort()).toEqual([...sent.ignored].sort())
    expect(inference).toMatchObject(sent.inference)
    expect(inference.size).toEqual(sizeOf(inference.chat))
  })

  test('each is there', () => {
    expect(files.length).toBeGreaterThanOrEqual(11)
  })
})

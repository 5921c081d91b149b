// How the simulated upstream is told to behave: by flags, by the environment, and by each request.

import { z } from 'zod'

const count = z.coerce.number().int().min(0).max(2 ** 40)
const flag = z.union([z.boolean(), z.stringbool()])

export const failures = [
  'none', 'refuse', 'status', 'close', 'hang', 'cut', 'stall', 'error', 'garbage', 'endless'
] as const

export const behaviour = z.strictObject({
  first_token_ms: count.default(0),
  tokens_per_second: count.default(0),
  output_tokens: count.max(1_000_000).default(16),
  reasoning_tokens: count.max(1_000_000).default(0),
  output_bytes: count.default(0),
  echo: flag.default(false),
  usage: z.enum(['right', 'missing', 'zero', 'wrong', 'early']).default('right'),
  fail: z.enum(failures).default('none'),
  after: count.default(2),
  status: z.coerce.number().int().min(200).max(599).default(500),
  retry_after: count.default(0),
  rejects_stream_options: flag.default(false),
  context_tokens: count.default(0),
  piece_bytes: count.default(0)
})

export type Behaviour = z.output<typeof behaviour>
export type BehaviourSettings = z.input<typeof behaviour>

const some = behaviour.partial()

/** A request said something of how to behave that can't be understood. */
export class UnknownBehaviour extends Error {}

/** What `text` says, over what holds otherwise. */
export function behaviourIn (text: string, otherwise: Behaviour): Behaviour {
  try {
    // Only what was said: a default must not undo what was said elsewhere.
    const said = JSON.parse(text) as Readonly<Record<string, unknown>>
    const read = some.parse(said)
    return { ...otherwise, ...Object.fromEntries(Object.entries(read).filter(([name]) => name in said)) }
  } catch (error) {
    throw new UnknownBehaviour(`the settings for the simulation can't be read: ${String(error)}`)
  }
}

const magic = /^#simulate (\{.*\})\r?(?:\n|$)/

/** The last user message without its first line where that is for us, and the line. */
export function magicLine (text: string): { readonly said: string | null, readonly text: string } {
  const [line, said] = magic.exec(text) ?? []
  return line === undefined ? { said: null, text } : { said: said!, text: text.slice(line.length) }
}

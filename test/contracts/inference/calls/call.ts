// What a client's library is asked to do, and what its answers say that they took: the same in every delivery mode.

import { strict as assert } from 'node:assert'
import { z } from 'zod'
import type { Delivery } from '../../../../schemas/identity/records.ts'

export type Site = {
  /** Of the gateway, without a path. */
  readonly url: string
  readonly key: string
  readonly mode: Delivery
}

/** Resolves with the tokens that each answer said it took: what must be drawn in the end. */
export type Call = readonly [name: string, run: (site: Site) => Promise<readonly number[]>]

export const model = 'text-prime'
export const visionModel = 'text-max'
export const hello = 'Say hello to everybody here.'
export const useTheTool = 'Please use the tool.'
export const thoughtTokens = 6
/** To the simulated model server: reason so much before the answer. */
export const think = `#simulate {"reasoning_tokens": ${thoughtTokens}}\nThink about it.`

export const toolName = 'get_weather'
export const toolDescription = 'The weather in a city.'
export const toolSchema = z.object({ city: z.string(), days: z.int().optional() })
export const toolJsonSchema = {
  type: 'object' as const,
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city'],
  additionalProperties: false
}
export const weather = 'Mild, with some sun.'

export const person = z.object({ name: z.string(), age: z.int(), tags: z.array(z.string()) })

export const deliveryHeaders = ({ mode }: Site): Record<string, string> => ({ 'x-grid-delivery': mode })

/** An `x-api-key` is not taken where it would follow to a supplier. */
export const needsBearer = ({ mode }: Site): boolean => mode === 'supplier'

/** A pixel. */
export const image = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

/** Tokens that an answer says it took: there are always some. */
export function taken (input: number | undefined, output: number | undefined): number {
  assert.ok(input !== undefined && input > 0, `input: ${input}`)
  assert.ok(output !== undefined && output > 0, `output: ${output}`)
  return input + output
}

export function isText (text: unknown): asserts text is string {
  assert.ok(typeof text === 'string' && text.length > 0, `no text, but ${JSON.stringify(text)}`)
}

/** Resolves with what it was rejected with. */
export async function rejected (promise: Promise<unknown>): Promise<{ status?: number }> {
  try {
    await promise
  } catch (error) {
    return error as { status?: number }
  }
  throw new Error('It went well.')
}

// Tools of free form, which OpenAI's clients call custom. Upstream they are functions of one text, `input`.

import type { JsonObject } from './surface.ts'

export type CustomTool = {
  readonly name: string
  /** '': none. */
  readonly description: string
  /** No server of chats takes a grammar, but a model may keep to one that it was told. Null: any text will do. */
  readonly grammar: { readonly syntax: string, readonly definition: string } | null
}

export function customFunction ({ name, description: described, grammar }: CustomTool): JsonObject {
  const told = grammar === null ? '' : `The input must follow this ${grammar.syntax} grammar:\n${grammar.definition}`
  const description = [described, told].filter(text => text !== '').join('\n\n')
  const parameters = {
    type: 'object', properties: { input: { type: 'string' } }, required: ['input'], additionalProperties: false
  }
  return { name, ...(description === '' ? {} : { description }), parameters }
}

/** The text of a call, as a function's arguments. */
export const customArguments = (input: string): string => JSON.stringify({ input })

/** Back from upstream. A model that didn't keep to the schema meant what it said. */
export function customInput (args: string): string {
  try {
    const { input } = JSON.parse(args) as { input?: unknown }
    return typeof input === 'string' ? input : args
  } catch {
    return args
  }
}

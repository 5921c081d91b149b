// What tools are called upstream, where all are functions in one list, and what they are here.

import { isObject } from '../chunk.ts'
import type { Json, JsonObject } from '../surface.ts'

export type ToolName = { readonly name: string, readonly namespace: string | null, readonly isCustom: boolean }

/** What it is called upstream. */
export function flatName (name: string, namespace: string | null): string {
  if (namespace === null || namespace === '') return name
  return namespace.endsWith('__') ? `${namespace}${name}` : `${namespace}__${name}`
}

/** Names that are not the same upstream, and tools that are no functions here. */
export function namesJson (names: readonly ToolName[]): JsonObject {
  const other = names.filter(({ namespace, isCustom }) => namespace !== null || isCustom)
  return Object.fromEntries(other.map(each => [flatName(each.name, each.namespace), each]))
}

/** Back from upstream. A name nobody gave is that of a function: models invent some. */
export function ownName (flat: string, names: Json | undefined): ToolName {
  const found = isObject(names) && Object.hasOwn(names, flat) ? names[flat] : undefined
  if (!isObject(found) || typeof found['name'] !== 'string') return { name: flat, namespace: null, isCustom: false }
  const { name, namespace, isCustom } = found
  return { name, namespace: typeof namespace === 'string' ? namespace : null, isCustom: isCustom === true }
}

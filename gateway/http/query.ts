// A query string as its three dialects write it, brought into one form:
//
//   flat       market_id=…&from=…
//   filters    filters[0][field]=price&filters[0][op]=>=&filters[0][value]=1.5
//   flop       flop[filters][0][field]=…, flop[page_size]=…, order_by[]=…, order_directions[]=…
//
// Nothing is checked here but the form. What a name means, and whether it may be there, the reader of a route says.

import type { FieldFaults } from '../errors.ts'

/** Faults by field, gathered: a client learns of all of them at once. */
export class Faults {
  readonly #messages = new Map<string, string[]>()

  add (field: string, ...messages: readonly string[]): void {
    const known = this.#messages.get(field)
    if (known === undefined) this.#messages.set(field, [...messages])
    else known.push(...messages)
  }

  get isEmpty (): boolean {
    return this.#messages.size === 0
  }

  toFields (): FieldFaults {
    return Object.fromEntries(this.#messages)
  }
}

/** One `field op value`, not yet looked at. `name` is what the client called the value. */
export type RawCondition = {
  readonly name: string
  readonly field: string
  readonly op: string
  readonly value: string
}

export type RawQuery = {
  /** Flat parameters, each at most once. */
  readonly flat: ReadonlyMap<string, string>
  /** Conditions of the `filters` dialects. */
  readonly conditions: readonly RawCondition[]
}

const oldNames = new Map([
  ['order_by[]', 'order_by'],
  ['order_by[0]', 'order_by'],
  ['order_directions[]', 'order_direction'],
  ['order_directions[0]', 'order_direction']
])

function plainName (name: string): string {
  const unwrapped = name.replace(/^flop\[([a-z_]+)\]/, '$1')
  return oldNames.get(unwrapped) ?? unwrapped
}

const filterPart = /^filters\[(\d{1,3})\]\[(field|op|value)\]$/

type Parts = Partial<Record<'field' | 'op' | 'value', string>>

function conditionsOf (filters: ReadonlyMap<string, Parts>, faults: Faults): RawCondition[] {
  return [...filters].flatMap(([index, { field, op = '==', value }]) => {
    if (field === undefined) faults.add(`filters[${index}][field]`, 'is missing')
    if (value === undefined) faults.add(`filters[${index}][value]`, 'is missing')
    return field === undefined || value === undefined ? [] : [{ name: field, field, op, value }]
  })
}

export function readQuery (text: string, faults: Faults): RawQuery {
  const flat = new Map<string, string>()
  const filters = new Map<string, Parts>()
  for (const [sent, value] of new URLSearchParams(text)) {
    const name = plainName(sent)
    const [, index, part] = filterPart.exec(name) ?? []
    if (index === undefined) {
      if (flat.has(name)) faults.add(name, 'is given more than once')
      flat.set(name, value)
      continue
    }
    const parts = filters.get(index) ?? {}
    filters.set(index, parts)
    const key = part as keyof Parts
    if (parts[key] !== undefined) faults.add(name, 'is given more than once')
    parts[key] = value
  }
  return { flat, conditions: conditionsOf(filters, faults) }
}

// What a list may be asked: which fields filter it, what orders it, how it is paged. A route declares it as data, of
// zod schemas, so that reading a query and describing the API are the same table.

import type { z } from 'zod'
import { comparison, type Comparison, type Direction } from '../ports.ts'
import { invalid } from '../errors.ts'
import { direction, pageNumber, pageSize } from './parameters.ts'
import { queryMark, readCursor, type Place } from './paging.ts'
import { Faults, readQuery, type RawCondition, type RawQuery } from './query.ts'

export type Field = {
  readonly schema: z.ZodType<unknown, string>
  readonly ops: readonly Comparison[]
}

export type Fields = Readonly<Record<string, Field>>

export const equality = ['==', '!='] as const satisfies readonly Comparison[]
export const exact = ['=='] as const satisfies readonly Comparison[]

type Bounds = {
  readonly orderBy: readonly [string, ...string[]]
  readonly order: Direction
  readonly limit: { readonly default: number, readonly max: number }
  /** Page numbers as older clients send them: only where the whole list is at hand to be counted. */
  readonly hasPages: boolean
}

export type Listing<F extends Fields, Key> = Bounds & {
  readonly fields: F
  /** What a cursor holds. */
  readonly key: z.ZodType<Key>
}

type Condition<Name extends string, Value> = { readonly field: Name, readonly op: Comparison, readonly value: Value }

export type ConditionOf<F extends Fields> = {
  [Name in keyof F & string]: Condition<Name, z.output<F[Name]['schema']>>
}[keyof F & string]

export type AskedList<F extends Fields, Key> = {
  readonly conditions: ReadonlyArray<ConditionOf<F>>
  readonly orderBy: string
  readonly order: Direction
  readonly limit: number
  readonly place: Place<Key>
  /** Goes into cursors: what the list was asked, its pages apart. */
  readonly mark: string
  /** Set when the client pages by numbers. */
  readonly page: number | null
}

const controls = new Set(['limit', 'page_size', 'page', 'next', 'prev', 'order_by', 'order_direction'])

type Sent = { readonly name: string, readonly value: string }

/** Reads `value` by `schema`; what is wrong with it goes to `faults` under `name`. */
export function read<T> (schema: z.ZodType<T, string>, sent: Sent, faults: Faults): T | undefined {
  const result = schema.safeParse(sent.value)
  if (result.success) return result.data
  faults.add(sent.name, ...result.error.issues.map(({ message }) => message))
  return undefined
}

const isComparison = (op: string): op is Comparison => (comparison as readonly string[]).includes(op)

function readCondition<F extends Fields> (fields: F, raw: RawCondition, faults: Faults): Array<ConditionOf<F>> {
  const { name, field, op, value } = raw
  const known = Object.hasOwn(fields, field) ? fields[field] : undefined
  if (known === undefined) {
    faults.add(name, 'is not a parameter of this list')
    return []
  }
  if (!isComparison(op) || !known.ops.includes(op)) {
    faults.add(name, `is compared by ${known.ops.join(' ')}`)
    return []
  }
  const parsed = read(known.schema, { name, value }, faults)
  // The field is one of F and its own schema parsed the value, which the compiler cannot follow through a string.
  return parsed === undefined ? [] : [{ field, op, value: parsed } as ConditionOf<F>]
}

function readPlace<Key> (key: z.ZodType<Key>, asked: { raw: RawQuery, mark: string }, faults: Faults): Place<Key> {
  const [next, prev] = [asked.raw.flat.get('next'), asked.raw.flat.get('prev')]
  if (next !== undefined && prev !== undefined) faults.add('prev', 'may not be given together with next')
  const cursor = next ?? prev
  if (cursor === undefined) return { way: 'first' }
  const way = next === undefined ? 'prev' : 'next'
  const parsed = key.safeParse(readCursor(asked.mark, cursor))
  if (parsed.success) return { way, key: parsed.data }
  faults.add(way, 'is not a cursor of this list as it is filtered and ordered')
  return { way: 'first' }
}

type Order = { readonly orderBy: string, readonly order: Direction }

function readOrder (listing: Pick<Bounds, 'orderBy' | 'order'>, { flat }: RawQuery, faults: Faults): Order {
  const orderBy = flat.get('order_by') ?? listing.orderBy[0]
  if (!listing.orderBy.includes(orderBy)) faults.add('order_by', `is one of ${listing.orderBy.join(', ')}`)
  const sent = flat.get('order_direction')
  const order = sent === undefined ? listing.order : read(direction, { name: 'order_direction', value: sent }, faults)
  return { orderBy, order: order ?? listing.order }
}

type Size = { readonly limit: number, readonly page: number | null }

function readSize (listing: Pick<Bounds, 'limit' | 'hasPages'>, { flat }: RawQuery, faults: Faults): Size {
  if (flat.has('limit') && flat.has('page_size')) faults.add('page_size', 'may not be given together with limit')
  if (flat.has('page') && !listing.hasPages) faults.add('page', 'is not supported here; follow next')
  if (flat.has('page') && (flat.has('next') || flat.has('prev'))) faults.add('page', 'may not be given together with a cursor')
  const name = flat.has('page_size') ? 'page_size' : 'limit'
  const sent = flat.get(name)
  const limit = sent === undefined ? undefined : read(pageSize(listing.limit.max), { name, value: sent }, faults)
  const number = flat.get('page')
  const page = number === undefined ? 1 : read(pageNumber, { name: 'page', value: number }, faults) ?? 1
  const isNumbered = listing.hasPages && (flat.has('page') || name === 'page_size')
  return { limit: limit ?? listing.limit.default, page: isNumbered ? page : null }
}

export function readListing<F extends Fields, Key> (listing: Listing<F, Key>, text: string): AskedList<F, Key> {
  const faults = new Faults()
  const raw = readQuery(text, faults)
  const flat = [...raw.flat].filter(([name]) => !controls.has(name))
    .map(([name, value]) => ({ name, field: name, op: '==', value }))
  const conditions = [...flat, ...raw.conditions].flatMap(each => readCondition(listing.fields, each, faults))
  const order = readOrder(listing, raw, faults)
  const mark = queryMark([conditions.map(each => JSON.stringify(each)).sort(), order])
  const place = readPlace(listing.key, { raw, mark }, faults)
  const size = readSize(listing, raw, faults)
  if (!faults.isEmpty) throw invalid(faults.toFields())
  return { conditions, ...order, ...size, place, mark }
}

// A flow from a file of one's own: CSV as README.md describes it, plain or gzipped. The whole file is read once before
// anything is sent, so that a bad line costs nothing but its message; then again, piece by piece, while it is sent.

import { createHash } from 'node:crypto'
import { amendDefaults, cancelDefaults, orderDefaults, type AmendOrder, type OrderCommand, type PlaceOrder, type SetParameters } from '../../schemas/matching/records.ts'
import type { HolderId, InstrumentId, Instant, Microdollars, OrderId, OwnerId, Side, Units } from '../../schemas/units.ts'
import { instantOf, type Flow, type FlowMessage } from './flow.ts'
import { linesOf } from './lines.ts'

/** A line that is not a message: which, and why. */
export class FlowFileError extends Error {
  constructor (path: string, line: number, reason: string) {
    super(`${path}:${line}: ${reason}`)
    this.name = 'FlowFileError'
  }
}

export type FlowFileOptions = {
  readonly path: string
  /** Of the instrument that it is replayed on. */
  readonly parameters: SetParameters
  readonly limit?: number | undefined
  /** Kafka refuses records from the future. */
  readonly now: Instant
}

/** Reads the file to its end. Throws `FlowFileError` at the first line that is not a message. */
export async function readFlowFile (options: FlowFileOptions): Promise<Flow> {
  const { path, parameters, limit = Infinity } = options
  const content = createHash('sha256')
  let messages = 0
  let startsAt = instantOf(0)
  for await (const { text, message } of messagesOf(options)) {
    content.update(text).update('\n')
    if (message === undefined) continue
    if (message.sequence === 0) startsAt = Math.floor(message.at / 1000) * 1000 as Instant
    messages++
  }
  if (messages === 0) throw new FlowFileError(path, 1, 'no messages follow the header')
  return {
    // By its content: a run that is taken up again with another file is found out.
    name: `file-${content.digest('hex').slice(0, 16)}`,
    parameters,
    startsAt,
    messages: Math.min(limit, messages),
    checkpoints: [],
    batches: (from, size) => batchesOf(options, { from, end: Math.min(limit, messages), size })
  }
}

type Wanted = { readonly from: number, readonly end: number, readonly size: number }

async function * batchesOf (options: FlowFileOptions, { from, end, size }: Wanted): AsyncGenerator<FlowMessage[]> {
  let batch: FlowMessage[] = []
  for await (const { message } of messagesOf(options)) {
    if (message === undefined || message.sequence < from) continue
    if (message.sequence >= end) break
    batch.push(message)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

type Line = { readonly text: string, readonly message?: FlowMessage }

/** The header, then a message a line. */
async function * messagesOf (options: FlowFileOptions): AsyncGenerator<Line> {
  const { path, now } = options
  let parse: Parser | undefined
  let line = 0
  let last = 0 as Instant
  try {
    for await (const lines of linesOf(path)) {
      for (const text of lines) {
        line++
        if (parse === undefined) {
          parse = parser(text, options.parameters.instrumentId)
          yield { text }
          continue
        }
        const message = parse(text, line - 2)
        if (message.at < last) throw new Error('its time is before that of the line above')
        if (message.at > now) throw new Error('its time has not come yet')
        last = message.at
        yield { text, message }
      }
    }
  } catch (error) {
    throw error instanceof FlowFileError ? error : new FlowFileError(path, Math.max(1, line), (error as Error).message)
  }
}

const columns = ['time', 'action', 'order_id', 'side', 'price', 'quantity', 'time_in_force'] as const
type Column = typeof columns[number]
const optional: readonly Column[] = ['time', 'time_in_force']

type Parser = (text: string, sequence: number) => FlowMessage

/** Knows from the header where each column is. Throws what is wrong with a line. */
function parser (header: string, instrumentId: InstrumentId): Parser {
  const names = header.replace(/^\uFEFF/, '').split(',')
  const unknown = names.find(name => !(columns as readonly string[]).includes(name))
  if (unknown !== undefined) throw new Error(`the header names a column ${quoted(unknown)}; columns are ${columns.join(', ')}`)
  const missing = columns.find(name => !optional.includes(name) && !names.includes(name))
  if (missing !== undefined) throw new Error(`the header lacks the column ${missing}`)
  const twice = names.find((name, place) => names.indexOf(name) !== place)
  if (twice !== undefined) throw new Error(`the header names the column ${twice} twice`)
  const places = new Map(columns.map(name => [name, names.indexOf(name)]))
  return (text, sequence) => {
    const cells = text.split(',')
    if (cells.length !== names.length) throw new Error(`it has ${cells.length} columns, the header ${names.length}`)
    const cell = (name: Column): string => cells[places.get(name)!] ?? ''
    const at = places.get('time')! < 0 ? instantOf(sequence) : time(cell('time'))
    return { sequence, at, command: commandOf(cell, instrumentId) }
  }
}

function commandOf (cell: (name: Column) => string, instrumentId: InstrumentId): OrderCommand {
  // Ids begin at 1, for holder 0 is the operators'; every order is its own holder and owner.
  const orderId = whole('order_id', cell('order_id'), Number.MAX_SAFE_INTEGER - 1) + 1 as OrderId
  const of = { orderId, holder: orderId as number as HolderId, instrumentId }
  const action = oneOf('action', cell('action'), ['place', 'cancel', 'amend'])
  if (action === 'cancel') return { ...cancelDefaults, kind: 'cancel-order', ...of }
  if (action === 'amend') return amendment(cell, of)
  return {
    ...orderDefaults,
    kind: 'place-order',
    ...of,
    owner: orderId as number as OwnerId,
    side: oneOf('side', cell('side'), ['buy', 'sell']) satisfies Side,
    type: 'limit',
    timeInForce: oneOf('time_in_force', cell('time_in_force') || 'gtc', ['gtc', 'ioc', 'fok']) satisfies PlaceOrder['timeInForce'],
    postOnly: false,
    price: price(cell('price')),
    quantity: quantity(cell('quantity')),
    selfTradePrevention: 'cancel_newest'
  }
}

function amendment (cell: (name: Column) => string, of: Pick<AmendOrder, 'orderId' | 'holder' | 'instrumentId'>): AmendOrder {
  const [newPrice, newQuantity] = [cell('price'), cell('quantity')]
  if (newPrice === '' && newQuantity === '') throw new Error('an amend has a price, a quantity or both')
  return {
    ...amendDefaults,
    kind: 'amend-order',
    ...of,
    price: newPrice === '' ? null : price(newPrice),
    quantity: newQuantity === '' ? null : quantity(newQuantity),
    quantityIs: 'leaves'
  }
}

const quoted = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)

function oneOf<Value extends string> (name: Column, text: string, values: readonly Value[]): Value {
  const value = values.find(candidate => candidate === text)
  if (value === undefined) throw new Error(`${name} is ${values.join(', ')}, not ${quoted(text)}`)
  return value
}

function whole (name: Column, text: string, max: number): number {
  const value = Number(text)
  if (!/^\d{1,16}$/.test(text) || value > max) throw new Error(`${name} is a whole number up to ${max}, not ${quoted(text)}`)
  return value
}

const quantity = (text: string): Units => whole('quantity', text, 999_999_999) as Units

/** Whole numbers from the first digit on: the decimals are digits, not a fraction. */
function price (text: string): Microdollars {
  const [, dollars, decimals = ''] = /^(\d{1,8})(?:\.(\d{1,6}))?$/.exec(text) ?? []
  if (dollars === undefined) throw new Error(`price is dollars with up to six decimals, not ${quoted(text)}`)
  return Number(dollars + decimals.padEnd(6, '0')) as Microdollars
}

const earliest = Date.UTC(2000, 0, 1)

function time (text: string): Instant {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/.test(text) ? Date.parse(text) : NaN
  if (!(value >= earliest)) throw new Error(`time is like 2025-01-06T09:30:00.000Z, or milliseconds since the epoch, from 2000 on; not ${quoted(text)}`)
  return value as Instant
}

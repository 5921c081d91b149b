// The records of a batch as the broker keeps it, read where they lie.
//
//   The library makes a dozen objects of each record, big integers and slices nobody asks for: most of what it costs to
//   read. Here a record is its place in the bytes, and the rest is read when somebody wants it.
//
//   batch  := offset:8 length:4 epoch:4 magic:1 crc:4 attributes:2 last:4 timestamp:8 latest:8 producer:8 epoch:2
//             sequence:4 count:4 record*
//   record := length attributes:1 timestamp_delta offset_delta key value count (name value)*     (zigzag varints)

import type { IHeaders, KafkaMessage } from 'kafkajs'
import type { Instant } from '../../../schemas/units.ts'
import type { Headers, LogRecord } from '../log.ts'

/** Bytes before the records. */
export const batchHeadBytes = 61
/** Bytes before what `length` counts. */
export const batchPrefixBytes = 12
export const batchMagic = 2

const [appendTimeFlag, transactionFlag, controlFlag] = [0x08, 0x10, 0x20]

/** What the records of a batch have in common. */
export class RecordBatch {
  readonly bytes: Buffer
  readonly #firstOffset: number
  readonly #firstTimestamp: bigint
  /** Of every record, where the broker stamps them. */
  readonly #appendedAt: number | undefined
  readonly attributes: number
  readonly isControlBatch: boolean
  readonly context: { readonly producerId: string, readonly inTransaction: boolean, readonly isControlBatch: boolean }

  /** `head` is the batch's beginning; `bytes` its records, as they were before they were compressed. */
  constructor (head: Buffer, bytes: Buffer) {
    this.bytes = bytes
    this.attributes = head.readInt16BE(21)
    this.#firstOffset = Number(head.readBigInt64BE(0))
    this.#firstTimestamp = head.readBigInt64BE(27)
    this.#appendedAt = (this.attributes & appendTimeFlag) > 0 ? Number(head.readBigInt64BE(35)) : undefined
    this.isControlBatch = (this.attributes & controlFlag) > 0
    this.context = {
      producerId: String(head.readBigInt64BE(43)),
      inTransaction: (this.attributes & transactionFlag) > 0,
      isControlBatch: this.isControlBatch
    }
  }

  /** Adds all that the batch says it holds. */
  addTo (records: FetchedRecord[], count: number): void {
    const cursor = new Cursor(this.bytes, 0)
    const first = Number(this.#firstTimestamp)
    const isSmall = Number.isSafeInteger(first)
    for (let index = 0; index < count; index++) {
      const length = cursor.number()
      const end = cursor.at + length
      if (length < 0 || end > this.bytes.length) throw new Error('a record reaches beyond its batch')
      cursor.at++ // Attributes, of which there are none yet.
      const deltaAt = cursor.at
      const delta = cursor.small()
      // Where a double is not exact, the sum is made of integers that are.
      const isExact = isSmall && delta !== undefined
      const timestamp = isExact ? first + delta : Number(this.#firstTimestamp + cursor.large(deltaAt))
      const offset = this.#firstOffset + cursor.number()
      records.push(new FetchedRecord(this, { offset, timestamp: this.#appendedAt ?? timestamp, at: cursor.at }))
      cursor.at = end
    }
  }
}

const names = ['origin', 'command', 'control'].map(name => Buffer.from(name))
const [originName, commandName, controlName] = names
const nothing = Buffer.alloc(0)
const noHeaders: Headers = {}

/** Its getters are what the library and its users take a message for; `read` is what we want of it. */
export class FetchedRecord implements Omit<KafkaMessage, 'headers' | 'size'> {
  readonly #batch: RecordBatch
  readonly #offset: number
  readonly #timestamp: number
  readonly #at: number

  constructor (batch: RecordBatch, { offset, timestamp, at }: { offset: number, timestamp: number, at: number }) {
    this.#batch = batch
    this.#offset = offset
    this.#timestamp = timestamp
    this.#at = at
  }

  read (): LogRecord {
    const cursor = new Cursor(this.#batch.bytes, this.#at)
    const key = cursor.bytesOrNull()
    const value = cursor.bytesOrNull()
    return { offset: this.#offset, timestamp: this.#timestamp as Instant, key, value, headers: readOurs(cursor) }
  }

  get offset (): string { return String(this.#offset) }
  get timestamp (): string { return String(this.#timestamp) }
  get key (): Buffer | null { return new Cursor(this.#batch.bytes, this.#at).bytesOrNull() }
  get value (): Buffer | null { return this.read().value }
  get attributes (): number { return 0 }
  get magicByte (): number { return batchMagic }
  get isControlRecord (): boolean { return this.#batch.isControlBatch }
  get batchContext (): RecordBatch['context'] { return this.#batch.context }

  get headers (): IHeaders {
    const cursor = new Cursor(this.#batch.bytes, this.#at)
    cursor.bytesOrNull()
    cursor.bytesOrNull()
    const headers: IHeaders = {}
    for (let count = cursor.number(); count > 0; count--) {
      const name = String(cursor.bytesOrNull())
      const value = cursor.bytesOrNull() as Buffer
      const before = headers[name]
      headers[name] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value]
    }
    return headers
  }
}

function readOurs (cursor: Cursor): Headers {
  let origin: Buffer | undefined
  let command: Buffer | undefined
  let control: Buffer | undefined
  for (let count = cursor.number(); count > 0; count--) {
    const name = cursor.oneOf(names)
    const value = cursor.bytesOrNull() ?? nothing
    if (name === originName) origin = joined(origin, value)
    else if (name === commandName) command = joined(command, value)
    else if (name === controlName) control = joined(control, value)
  }
  // Nearly every record has an origin and nothing else.
  if (command === undefined && control === undefined) return origin === undefined ? noHeaders : { origin }
  return {
    ...(origin === undefined ? {} : { origin }),
    ...(command === undefined ? {} : { command }),
    ...(control === undefined ? {} : { control })
  }
}

const space = Buffer.from(' ')

/** A header that is there twice is not one of ours: joined, it is not well-formed, and its record is a dead letter. */
export function joined (before: Buffer | undefined, value: Buffer): Buffer {
  return before === undefined ? value : Buffer.concat([before, space, value])
}

/** Reads on from where it stands. */
class Cursor {
  readonly #bytes: Buffer
  at: number

  constructor (bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  /** A varint of 32 bits. */
  number (): number {
    const bytes = this.#bytes
    let byte = bytes[this.at++]!
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1)
    let raw = byte & 0x7f
    for (let shift = 7; byte >= 0x80; shift += 7) {
      byte = bytes[this.at++]!
      raw |= (byte & 0x7f) << shift
    }
    return (raw >>> 1) ^ -(raw & 1)
  }

  /** A varint of up to 49 bits, which a double holds exactly; undefined for a longer one. */
  small (): number | undefined {
    const from = this.at
    let raw = 0
    let unit = 1
    for (;;) {
      const byte = this.#bytes[this.at++]!
      raw += (byte & 0x7f) * unit
      if (byte < 0x80) return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2
      if (this.at - from === 7) return undefined
      unit *= 128
    }
  }

  /** A varint of 64 bits that begins there; goes to its end. */
  large (from: number): bigint {
    this.at = from
    let raw = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#bytes[this.at++]!
      raw += BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asIntN(64, (raw >> 1n) ^ -(raw & 1n))
      if (shift > 63n) throw new Error('a number of more than 64 bits')
    }
  }

  bytesOrNull (): Buffer | null {
    const length = this.number()
    if (length < 0) return null
    const from = this.at
    this.at += length
    return this.#bytes.subarray(from, this.at)
  }

  /** Which of these comes next, as bytes with their length; goes past it whatever it is. */
  oneOf (names: readonly Buffer[]): Buffer | undefined {
    const length = this.number()
    const from = this.at
    this.at += Math.max(length, 0)
    for (const name of names) if (name.length === length && this.#holds(name, from)) return name
    return undefined
  }

  #holds (name: Buffer, from: number): boolean {
    for (let at = 0; at < name.length; at++) if (this.#bytes[from + at] !== name[at]) return false
    return true
  }
}

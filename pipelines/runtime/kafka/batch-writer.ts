// Batches of records as the broker takes them (record-batch.ts has the form), each written once, where it will lie.

import type { Message } from 'kafkajs'
import { batchHeadBytes, batchMagic, batchPrefixBytes } from './record-batch.ts'
import { crc32c } from './crc32c.ts'

/** A producer's place in a partition; what the broker drops repeats by. */
export type Producer = { readonly id: number | string, readonly epoch: number, readonly firstSequence: number }

type Bytes = Buffer | string | null | undefined
type Header = { readonly name: string, readonly value: Buffer | string }

/** Measured before it is written: the length of a record stands before it. */
type Measured = {
  readonly message: Message
  readonly headers: readonly Header[]
  readonly delta: number
  readonly size: number
}

export type MeasuredBatch = {
  readonly records: readonly Measured[]
  readonly firstTimestamp: number
  readonly maxTimestamp: number
  /** All of the batch, its head included. */
  readonly size: number
}

const none = -1
const twoToThe31 = 2 ** 31

/** Of the zigzag varint. */
function sizeOfNumber (value: number): number {
  let size = 1
  for (let rest = value < 0 ? -value * 2 - 1 : value * 2; rest >= 128; rest = Math.floor(rest / 128)) size++
  return size
}

const lengthOf = (bytes: Bytes): number =>
  bytes === null || bytes === undefined ? none : typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length

function sizeOfBytes (bytes: Bytes): number {
  const length = lengthOf(bytes)
  return sizeOfNumber(length) + Math.max(0, length)
}

/** A header may be there more than once. */
function headersOf (message: Message): Header[] {
  const headers: Header[] = []
  for (const [name, value = ''] of Object.entries(message.headers ?? {})) {
    if (Array.isArray(value)) for (const each of value) headers.push({ name, value: each })
    else headers.push({ name, value })
  }
  return headers
}

type Deltas = { readonly delta: number, readonly index: number }

function sizeOfRecord (message: Message, headers: readonly Header[], { delta, index }: Deltas): number {
  let size = 1 + sizeOfNumber(delta) + sizeOfNumber(index) + sizeOfBytes(message.key) + sizeOfBytes(message.value) +
    sizeOfNumber(headers.length)
  for (const { name, value } of headers) size += sizeOfBytes(name) + sizeOfBytes(value)
  return size
}

/** Messages of one partition. `now` is the time of those that have none, in milliseconds. */
export function measure (messages: readonly Message[], now: number): MeasuredBatch {
  const times = messages.map(({ timestamp }) => timestamp === undefined ? now : Number(timestamp))
  let [firstTimestamp, maxTimestamp] = [times[0] ?? now, times[0] ?? now]
  for (const time of times) {
    firstTimestamp = Math.min(firstTimestamp, time)
    maxTimestamp = Math.max(maxTimestamp, time)
  }
  let size = batchHeadBytes
  const records = messages.map((message, index): Measured => {
    const headers = headersOf(message)
    const delta = times[index]! - firstTimestamp
    const own = sizeOfRecord(message, headers, { delta, index })
    size += sizeOfNumber(own) + own
    return { message, headers, delta, size: own }
  })
  return { records, firstTimestamp, maxTimestamp, size }
}

/** Writes on from where it stands. */
export class Writer {
  readonly bytes: Buffer
  at = 0

  constructor (size: number) {
    this.bytes = Buffer.allocUnsafe(size)
  }

  int16 (value: number): void {
    this.at = this.bytes.writeInt16BE(value, this.at)
  }

  int32 (value: number): void {
    this.at = this.bytes.writeInt32BE(value, this.at)
  }

  int64 (value: number | string): void {
    this.at = this.bytes.writeBigInt64BE(BigInt(value), this.at)
  }

  /** With its length in two bytes; null has none. */
  string (value: string | null): void {
    if (value === null) {
      this.int16(none)
      return
    }
    const at = this.at + 2
    const length = this.bytes.write(value, at)
    this.int16(length)
    this.at = at + length
  }

  /** A zigzag varint. */
  number (value: number): void {
    const { bytes } = this
    if (value < twoToThe31 / 2 && value >= -twoToThe31 / 2) {
      let raw = (value << 1) ^ (value >> 31)
      for (; raw > 127; raw >>>= 7) bytes[this.at++] = (raw & 0x7f) | 0x80
      bytes[this.at++] = raw
      return
    }
    let raw = value < 0 ? -value * 2 - 1 : value * 2
    for (; raw >= 128; raw = Math.floor(raw / 128)) bytes[this.at++] = (raw % 128) | 0x80
    bytes[this.at++] = raw
  }

  /** With its length as a varint. */
  lengthAndBytes (value: Bytes): void {
    this.number(lengthOf(value))
    if (typeof value === 'string') this.at += this.bytes.write(value, this.at)
    else if (value !== null && value !== undefined) this.at += value.copy(this.bytes, this.at)
  }

  batch ({ records, firstTimestamp, maxTimestamp, size }: MeasuredBatch, producer: Producer): void {
    const begins = this.at
    this.int64(0) // The offset is the broker's to say.
    this.int32(size - batchPrefixBytes)
    this.int32(0) // The leader's epoch: unknown.
    this.bytes[this.at++] = batchMagic
    const sumAt = this.at
    this.at += 4
    this.int16(0) // Not compressed, not of a transaction, stamped by us.
    this.int32(records.length - 1)
    this.int64(firstTimestamp)
    this.int64(maxTimestamp)
    this.int64(producer.id)
    this.int16(producer.epoch)
    this.int32(producer.firstSequence)
    this.int32(records.length)
    records.forEach((record, index) => { this.#record(record, index) })
    if (this.at - begins !== size) throw new Error(`a batch has ${this.at - begins} bytes, and was measured at ${size}`)
    this.bytes.writeUInt32BE(crc32c(this.bytes, sumAt + 4, this.at), sumAt)
  }

  #record ({ message, headers, delta, size }: Measured, index: number): void {
    this.number(size)
    this.bytes[this.at++] = 0 // Attributes, of which there are none yet.
    this.number(delta)
    this.number(index)
    this.lengthAndBytes(message.key)
    this.lengthAndBytes(message.value)
    this.number(headers.length)
    for (const { name, value } of headers) {
      this.lengthAndBytes(name)
      this.lengthAndBytes(value)
    }
  }
}

import { createRequire } from 'node:module'
import fc from 'fast-check'
import type { KafkaMessage } from 'kafkajs'
import { describe, expect, test } from 'vitest'
import { decodeBatches } from '../../../../pipelines/runtime/kafka/fetch-response.ts'
import { FetchedRecord } from '../../../../pipelines/runtime/kafka/record-batch.ts'
import { logRecord } from '../../../../pipelines/runtime/kafka/reader.ts'

// The library's own way there and back is the naive twin.
const require = createRequire(import.meta.url)
type Encoded = { buffer: Buffer }
type Decoder = { canReadBytes (length: number): boolean }
type Decode = (decoder: Decoder) => Promise<{ records: KafkaMessage[] }>
const protocol = (name: string): unknown => require(`kafkajs/src/protocol/${name}`)
const recordOf = protocol('recordBatch/record/v0') as (record: object) => Encoded
const library = protocol('recordBatch/v0') as { RecordBatch (batch: object): Promise<Encoded> }
const LibraryDecoder = protocol('decoder') as new (bytes: Buffer) => Decoder
const decodeBatch = protocol('recordBatch/v0/decoder') as Decode

async function byLibrary (bytes: Buffer): Promise<KafkaMessage[]> {
  const decoder = new LibraryDecoder(bytes)
  const records: KafkaMessage[] = []
  while (decoder.canReadBytes(49)) {
    const batch = await decodeBatch(decoder).catch((error: unknown) => {
      if (!(error instanceof Error && error.name === 'KafkaJSPartialMessageError')) throw error
    })
    if (batch === undefined) break
    records.push(...batch.records)
  }
  return records
}

type Given = {
  readonly firstOffset: bigint
  readonly firstTimestamp: bigint
  readonly compression: number
  readonly isStamped: boolean
  readonly records: readonly GivenRecord[]
}
type GivenRecord = {
  readonly delta: bigint
  readonly key: string | null
  readonly value: string | null
  readonly headers: Record<string, string | string[]>
}

async function encoded ({ firstOffset, firstTimestamp, compression, isStamped, records }: Given): Promise<Buffer> {
  const { buffer } = await library.RecordBatch({
    compression,
    firstTimestamp: String(firstTimestamp),
    maxTimestamp: String(firstTimestamp + 5n),
    producerId: '7',
    lastOffsetDelta: records.length - 1,
    records: records.map(({ delta, key, value, headers }, offsetDelta) =>
      recordOf({ offsetDelta, timestampDelta: String(delta), key, value, headers }))
  })
  // The brokers' part: where the batch lies, and when it came.
  buffer.writeBigInt64BE(firstOffset, 0)
  if (isStamped) buffer.writeInt16BE(buffer.readInt16BE(21) | 8, 21)
  return buffer
}

/** A batch of one. */
const single = (record: Partial<GivenRecord>): Promise<Buffer> => encoded({
  firstOffset: 3n,
  firstTimestamp: 9n,
  compression: 0,
  isStamped: false,
  records: [{ delta: 0n, key: null, value: 'a', headers: {}, ...record }]
})

const text = fc.option(fc.string({ maxLength: 200 }), { freq: 9 })
const word = fc.string({ maxLength: 20 })
const header = fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 3 }))
const name = fc.constantFrom('origin', 'command', 'control', 'original', 'b', 'contrib')
const huge = 2n ** 62n
const batch: fc.Arbitrary<Given> = fc.record({
  firstOffset: fc.oneof(fc.bigInt(0n, 300n), fc.bigInt(0n, 2n ** 52n)),
  firstTimestamp: fc.oneof(fc.constant(-1n), fc.bigInt(17n * 10n ** 11n, 18n * 10n ** 11n), fc.bigInt(-huge, huge)),
  compression: fc.constantFrom(0, 0, 1),
  isStamped: fc.boolean(),
  records: fc.array(fc.record({
    delta: fc.oneof(fc.bigInt(0n, 300n), fc.bigInt(-(2n ** 50n), 2n ** 50n), fc.bigInt(-(2n ** 61n), 2n ** 61n)),
    key: text,
    value: text,
    headers: fc.dictionary(name, header, { maxKeys: 4, noNullPrototype: true })
  }), { minLength: 1, maxLength: 20 })
})

const seen = (message: KafkaMessage) => {
  const { offset, timestamp, key, value, headers, attributes } = message
  const { isControlRecord } = message as { isControlRecord?: boolean }
  return { offset: Number(offset), timestamp: Number(timestamp), key, value, headers, attributes, isControlRecord }
}

describe('a record that lies in its batch', () => {
  test('is what the library makes of it, to us and to the library', async () => {
    const batches = fc.array(batch, { minLength: 1, maxLength: 3 })
    await fc.assert(fc.asyncProperty(batches, fc.nat({ max: 100 }), async (given, cut) => {
      const all = Buffer.concat(await Promise.all(given.map(encoded)))
      // A fetch may end anywhere within its last batch.
      const bytes = all.subarray(0, all.length - cut)
      const expected = await byLibrary(bytes)
      const found = await decodeBatches(bytes) as unknown as KafkaMessage[]
      expect(found.map(logRecord)).toEqual(expected.map(logRecord))
      expect(found.map(seen)).toEqual(expected.map(seen))
    }), { seed: 4, numRuns: 400 })
  })

  test('keeps what aborted transactions are told by', async () => {
    const bytes = await single({})
    bytes.writeInt16BE(0x30, 21)
    const [record] = await decodeBatches(bytes)
    expect(record).toBeInstanceOf(FetchedRecord)
    expect(record!.isControlRecord).toBe(true)
    expect(record!.batchContext).toMatchObject({ producerId: '7', inTransaction: true })
  })

  test('has a header without a value as one that is not well-formed', async () => {
    const bytes = await single({ headers: { origin: 'x' } })
    const from = bytes.indexOf('origin')
    // A length of -1 in the place of 1, and the byte that follows as the end of the record.
    bytes[from + 6] = 1
    const [record] = await decodeBatches(bytes)
    expect(record!.read().headers).toEqual({ origin: Buffer.alloc(0) })
    const [message] = await byLibrary(bytes)
    expect(logRecord(message!).headers).toEqual({ origin: Buffer.alloc(0) })
  })
})

describe('bytes that are no batch', () => {
  test('end in an error, and never in a loop', async () => {
    const bytes = await single({ key: 'k' })
    for (let at = 0; at < bytes.length; at++) {
      for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
        const harmed = Buffer.from(bytes)
        harmed[at] = value
        const found = await decodeBatches(harmed).catch((error: unknown) => error)
        expect(found instanceof Error || Array.isArray(found)).toBe(true)
      }
    }
  })
})

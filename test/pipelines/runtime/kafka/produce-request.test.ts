import { createRequire } from 'node:module'
import fc from 'fast-check'
import type { Message } from 'kafkajs'
import { describe, expect, test } from 'vitest'
import { crc32c } from '../../../../pipelines/runtime/kafka/crc32c.ts'
import {
  mendProduceRequest, writeProduceRequest, type ProduceRequest
} from '../../../../pipelines/runtime/kafka/produce-request.ts'

// The library's own encoding is the naive twin.
const require = createRequire(import.meta.url)
type Encoded = { readonly buffer: Buffer }
type Call = (request: ProduceRequest) => { readonly request: { encode (): Promise<Encoded> } }
const protocol = (name: string): unknown => require(`kafkajs/src/protocol/${name}`)
const byLibrary = protocol('requests/produce/v7/request') as (request: ProduceRequest) => { encode (): Promise<Encoded> }
const sumByLibrary = protocol('recordBatch/crc32C') as (bytes: Buffer) => number

const bytes: fc.Arbitrary<Buffer | string> =
  fc.oneof(fc.string({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }).map(each => Buffer.from(each)))
const bytesOrNone: fc.Arbitrary<Buffer | string | null> = fc.option(bytes)
const word = fc.string({ maxLength: 20, unit: 'grapheme' })
const time = fc.oneof(
  fc.integer({ min: 1_700_000_000_000, max: 1_700_000_000_400 }), fc.integer({ min: 10 ** 12, max: 2 * 10 ** 12 })
)
const message: fc.Arbitrary<Message> = fc.record({
  key: bytesOrNone,
  value: bytesOrNone,
  timestamp: time.map(String),
  headers: fc.dictionary(word, fc.oneof(bytes, fc.array(bytes, { maxLength: 3 })), {
    maxKeys: 4, noNullPrototype: true
  })
})
const partition = fc.record({
  partition: fc.nat(300),
  firstSequence: fc.nat(2 ** 31 - 1),
  messages: fc.array(message, { minLength: 1, maxLength: 150 })
})
const request: fc.Arbitrary<ProduceRequest> = fc.record({
  acks: fc.constantFrom(-1, 1),
  timeout: fc.nat(60_000),
  topicData: fc.array(fc.record({ topic: word, partitions: fc.array(partition, { maxLength: 4 }) }), { maxLength: 3 }),
  producerId: fc.oneof(fc.constant(-1), fc.nat(10 ** 9)),
  producerEpoch: fc.nat(32_000)
})

test('what is sent is what the library would have sent, byte by byte', async () => {
  await fc.assert(fc.asyncProperty(request, async asked => {
    const { buffer } = await byLibrary(asked).encode()
    expect(writeProduceRequest(asked).equals(buffer)).toBe(true)
  }), { numRuns: 150 })
})

describe('a record', () => {
  const asked = (messages: readonly Message[]): ProduceRequest =>
    ({ acks: -1, timeout: 1, topicData: [{ topic: 't', partitions: [{ partition: 0, messages }] }] })

  test('of no time has that of the call', () => {
    const before = Date.now()
    const written = writeProduceRequest(asked([{ value: 'a' }]))
    const firstTimestampAt = 12 + 3 + 4 + 4 + 4 + 27
    const at = Number(written.readBigInt64BE(firstTimestampAt))
    expect(at).toBeGreaterThanOrEqual(before)
    expect(at).toBeLessThanOrEqual(Date.now())
  })

  test('may come long after the first, and long before', async () => {
    for (const times of [['0', '4611686018427'], ['4611686018427', '0'], ['1000000000', '3000000000']]) {
      const far = asked(times.map(timestamp => ({ value: null, timestamp })))
      // The library sorts times as text; these have one order either way.
      const { buffer } = await byLibrary(far).encode()
      expect(writeProduceRequest(far).equals(buffer), times.join()).toBe(true)
    }
  })
})

test('a sum is the library’s, of any length, from anywhere', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(20), (content, skipped) => {
    const from = Math.min(skipped, content.length)
    expect(crc32c(content, from)).toBe(sumByLibrary(Buffer.from(content.subarray(from))))
  }))
  // RFC 3720, appendix B.4.
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
})

test('producers write it, but for what is compressed or of a transaction', async () => {
  const { protocol: before } = protocol('requests/produce') as { protocol: (version: { version: number }) => Call }
  mendProduceRequest()
  const { protocol: after } = protocol('requests/produce') as { protocol: (version: { version: number }) => Call }
  expect(after).not.toBe(before)
  const plain: ProduceRequest = { acks: -1, timeout: 1, topicData: [{ topic: 't', partitions: [{ partition: 0, messages: [{ value: 'a', timestamp: '5' }] }] }] }
  for (const asked of [plain, { ...plain, compression: 1 }, { ...plain, transactionalId: 'x' }]) {
    const encoded = await after({ version: 7 })(asked).request.encode()
    const { buffer } = await before({ version: 7 })(asked).request.encode()
    expect(encoded.buffer.equals(buffer)).toBe(true)
  }
})

// What a fetch answers, decoded without opening its records (record-batch.ts): put in the place of the library's own
// decoding, for every consumer of the process. A broker too old for this version of the request gets the library's.

import { createRequire } from 'node:module'
import { batchHeadBytes, batchMagic, batchPrefixBytes, RecordBatch, type FetchedRecord } from './record-batch.ts'

type Decoder = {
  offset: number
  readInt16 (): number
  readInt32 (): number
  readInt64 (): bigint
  readString (): string
  readBytes (length: number): Buffer
  canReadBytes (length: number): boolean
  readArray<Item> (read: (decoder: Decoder) => Item): Item[]
  readArrayAsync<Item> (read: (decoder: Decoder) => Promise<Item>): Promise<Item[]>
}
type Codec = { decompress (bytes: Buffer): Promise<Buffer> } | null

const require = createRequire(import.meta.url)
const protocol = (name: string): unknown => require(`kafkajs/src/protocol/${name}`)

const LibraryDecoder = protocol('decoder') as new (bytes: Buffer) => Decoder
const compression = protocol('message/compression') as { lookupCodecByAttributes (attributes: number): Codec }
const decodeByLibrary = protocol('requests/fetch/v4/decodeMessages') as (decoder: Decoder) => Promise<unknown[]>
const response = protocol('requests/fetch/v11/response') as { decode (payload: Buffer): Promise<unknown> }

/** For every consumer from now on. */
export function mendFetchResponse (): void {
  response.decode = decodeResponse
}

export async function decodeResponse (payload: Buffer): Promise<unknown> {
  const decoder = new LibraryDecoder(payload)
  const clientSideThrottleTime = decoder.readInt32()
  const errorCode = decoder.readInt16()
  const sessionId = decoder.readInt32()
  const responses = await decoder.readArrayAsync(decodeTopic)
  // Throttling is the library's to do, on the other number.
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses }
}

const decodeTopic = async (decoder: Decoder): Promise<unknown> =>
  ({ topicName: decoder.readString(), partitions: await decoder.readArrayAsync(decodePartition) })

const decodePartition = async (decoder: Decoder): Promise<unknown> => ({
  partition: decoder.readInt32(),
  errorCode: decoder.readInt16(),
  highWatermark: String(decoder.readInt64()),
  lastStableOffset: String(decoder.readInt64()),
  lastStartOffset: String(decoder.readInt64()),
  abortedTransactions: decoder.readArray(aborted =>
    ({ producerId: String(aborted.readInt64()), firstOffset: String(aborted.readInt64()) })),
  preferredReadReplica: decoder.readInt32(),
  messages: await decodeMessages(decoder)
})

const magicAt = 16

async function decodeMessages (decoder: Decoder): Promise<unknown[]> {
  const begins = decoder.offset
  const length = decoder.readInt32()
  if (length <= 0 || !decoder.canReadBytes(length)) return []
  const bytes = decoder.readBytes(length)
  if (bytes[magicAt] === batchMagic) return await decodeBatches(bytes)
  // Of a time before batches.
  decoder.offset = begins
  return await decodeByLibrary(decoder)
}

/** The last may be cut off: a fetch ends where its bytes are used up. */
export async function decodeBatches (bytes: Buffer): Promise<FetchedRecord[]> {
  const records: FetchedRecord[] = []
  for (let at = 0; bytes.length - at >= batchHeadBytes && bytes[at + magicAt] === batchMagic;) {
    const end = at + batchPrefixBytes + bytes.readInt32BE(at + 8)
    if (end > bytes.length) break
    if (end < at + batchHeadBytes) throw new Error('a batch is shorter than its head')
    const head = bytes.subarray(at, at + batchHeadBytes)
    const body = bytes.subarray(at + batchHeadBytes, end)
    const codec = compression.lookupCodecByAttributes(head.readInt16BE(21))
    const count = head.readInt32BE(57)
    if (count > 0) new RecordBatch(head, codec === null ? body : await codec.decompress(body)).addTo(records, count)
    at = end
  }
  return records
}

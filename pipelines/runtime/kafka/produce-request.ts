// What is sent to be appended, written at once and in one piece: put in the place of the library's own encoding, for
// every producer of the process. The library makes an encoder of half a kilobyte of each record and of each header, and
// copies all of it five times. Compressed batches, transactions, and brokers too old for batches get the library's.

import { createRequire } from 'node:module'
import type { Message } from 'kafkajs'
import { measure, Writer } from './batch-writer.ts'

type Partition = { readonly partition: number, readonly firstSequence?: number, readonly messages: readonly Message[] }
type TopicData = { readonly topic: string, readonly partitions: readonly Partition[] }

export type ProduceRequest = {
  readonly acks: number
  readonly timeout: number
  readonly compression?: number
  readonly topicData: readonly TopicData[]
  readonly transactionalId?: string | null | undefined
  readonly producerId?: number | string
  readonly producerEpoch?: number
}

/** As the library hands on what it has encoded. */
type Encoded = { readonly buf: Buffer, readonly buffer: Buffer, size (): number }
type Call = { readonly request: { encode: () => Promise<Encoded> }, readonly response: unknown }
type Protocol = (version: { readonly version: number }) => (request: ProduceRequest) => Call

const require = createRequire(import.meta.url)
const library = require('kafkajs/src/protocol/requests/produce') as { protocol: Protocol }
const [versionMin, versionMax] = [3, 7]

/** For every producer from now on. */
export function mendProduceRequest (): void {
  const { protocol } = library
  library.protocol = version => {
    const call = protocol(version)
    const isKnown = version.version >= versionMin && version.version <= versionMax
    return request => {
      const made = call(request)
      const isPlain = (request.compression ?? 0) === 0 && (request.transactionalId ?? null) === null
      if (isKnown && isPlain) made.request.encode = () => Promise.resolve(encoded(writeProduceRequest(request)))
      return made
    }
  }
}

const encoded = (bytes: Buffer): Encoded => ({ buf: bytes, buffer: bytes, size: () => bytes.length })

/** Versions 3 to 7 of the request's body. */
export function writeProduceRequest (request: ProduceRequest): Buffer {
  const { acks, timeout, topicData, producerId = -1, producerEpoch = 0 } = request
  const now = Date.now()
  let size = 2 + 2 + 4 + 4
  const topics = topicData.map(({ topic, partitions }) => {
    size += 2 + Buffer.byteLength(topic) + 4
    return {
      topic,
      partitions: partitions.map(({ partition, firstSequence = 0, messages }) => {
        const batch = measure(messages, now)
        size += 4 + 4 + batch.size
        return { partition, firstSequence, batch }
      })
    }
  })
  const writer = new Writer(size)
  writer.string(null) // No transaction.
  writer.int16(acks)
  writer.int32(timeout)
  writer.int32(topics.length)
  for (const { topic, partitions } of topics) {
    writer.string(topic)
    writer.int32(partitions.length)
    for (const { partition, firstSequence, batch } of partitions) {
      writer.int32(partition)
      writer.int32(batch.size)
      writer.batch(batch, { id: producerId, epoch: producerEpoch, firstSequence })
    }
  }
  return writer.bytes
}

// One producer, one outstanding send. kafkajs' idempotent producer loses or misorders records with two sends in flight,
// and writes nothing at all after one that exhausted its retries; so sends queue here, and a producer that has rejected
// anything is never used again.

import type { Kafka, Message, Producer } from 'kafkajs'
import type { Outgoing } from '../log.ts'

// kafkajs groups a send in time quadratic in the records of a partition; brokers refuse batches above a megabyte.
const recordsAPartitionMax = 1000
const bytesAPartitionMax = 900_000

type Waiting = { readonly records: readonly Outgoing[], at: number, resolve (): void, reject (error: unknown): void }
type Part = { messages: Message[], bytes: number }

export class Sender {
  readonly #kafka: Kafka
  #producer: Promise<Producer> | undefined
  #queue: Waiting[] = []
  #isSending = false

  constructor (kafka: Kafka) {
    this.#kafka = kafka
  }

  /** Rejected: the outcome is unknown, and so it is of all that waited behind it. */
  send (records: readonly Outgoing[]): Promise<void> {
    if (records.length === 0) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#queue.push({ records, at: 0, resolve, reject })
      if (!this.#isSending) this.#drain().catch(reject)
    })
  }

  async #drain (): Promise<void> {
    this.#isSending = true
    while (this.#queue.length > 0) {
      try {
        this.#producer ??= this.#open()
        const producer = await this.#producer
        const { topicMessages, done } = this.#take()
        await producer.sendBatch({ acks: -1, topicMessages })
        for (const waiting of done) waiting.resolve()
      } catch (error) {
        await this.#discard(error)
      }
    }
    this.#isSending = false
  }

  // As many records as one send may hold, in the order in which they came; an entry may take several sends.
  #take (): { topicMessages: { topic: string, messages: Message[] }[], done: Waiting[] } {
    const topics = new Map<string, Map<number, Part>>()
    const done: Waiting[] = []
    for (const waiting of this.#queue) {
      while (waiting.at < waiting.records.length && put(topics, waiting.records[waiting.at]!)) waiting.at++
      if (waiting.at < waiting.records.length) break
      done.push(waiting)
    }
    this.#queue.splice(0, done.length)
    this.#taken = done
    const topicMessages = [...topics].map(([topic, parts]) => {
      return { topic, messages: [...parts.values()].flatMap(part => part.messages) }
    })
    return { topicMessages, done }
  }

  #taken: Waiting[] = []

  async #open (): Promise<Producer> {
    const producer = this.#kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 50, maxRetryTime: 1000, retries: Number.MAX_SAFE_INTEGER }
    })
    await producer.connect()
    return producer
  }

  async #discard (error: unknown): Promise<void> {
    const lost = [...this.#taken, ...this.#queue]
    this.#taken = []
    this.#queue = []
    const producer = await this.#producer?.catch(() => undefined)
    this.#producer = undefined
    for (const waiting of lost) waiting.reject(error)
    await producer?.disconnect().catch(() => {})
  }

  async close (): Promise<void> {
    const producer = await this.#producer?.catch(() => undefined)
    this.#producer = undefined
    await producer?.disconnect()
  }
}

/** False when the partition has all that one send may hold. */
function put (topics: Map<string, Map<number, Part>>, record: Outgoing): boolean {
  let parts = topics.get(record.topic)
  if (parts === undefined) topics.set(record.topic, parts = new Map<number, Part>())
  let part = parts.get(record.partition)
  if (part === undefined) parts.set(record.partition, part = { messages: [], bytes: 0 })
  const bytes = (record.value?.length ?? 0) + 200
  const isFull = part.messages.length >= recordsAPartitionMax || part.bytes + bytes > bytesAPartitionMax
  if (isFull && part.messages.length > 0) return false
  part.bytes += bytes
  const { key, value, partition, timestamp, headers } = record
  part.messages.push({ key, value, partition, timestamp: String(timestamp), headers })
  return true
}

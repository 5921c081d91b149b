// kafkajs itself, without anything of ours but the mended request queue (pipelines/runtime/kafka/client.ts), which on
// this version of Node it can't do without.

import { randomUUID } from 'node:crypto'
import type { Consumer, Kafka, KafkaMessage, Message, Producer, TopicMessages } from 'kafkajs'
import type { Outgoing } from '../../pipelines/runtime/log.ts'

export const recordsASend = 1000
/** A consumer that closes waits for the fetch that it is in, which without records the broker answers only then. */
const closesWithinMs = 200

/** As safe as ours: idempotent, every replica's acknowledgement, one request in flight. */
export async function openProducer (kafka: Kafka): Promise<Producer> {
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false })
  await producer.connect()
  return producer
}

/** Ready to be sent, so that the clock sees the library's work alone. */
export function sendsOf (records: readonly Outgoing[], nameOf: (topic: string) => string): TopicMessages[][] {
  const sends: TopicMessages[][] = []
  for (let from = 0; from < records.length; from += recordsASend) {
    sends.push(topicMessages(records.slice(from, from + recordsASend), nameOf))
  }
  return sends
}

export function topicMessages (records: readonly Outgoing[], nameOf: (topic: string) => string): TopicMessages[] {
  const byTopic = Map.groupBy(records, ({ topic }) => topic)
  return [...byTopic].map(([topic, group]) => ({ topic: nameOf(topic), messages: group.map(message) }))
}

const message = ({ key, value, partition, timestamp, headers }: Outgoing): Message =>
  ({ key, value, partition, timestamp: String(timestamp), headers })

export async function produce (producer: Producer, sends: readonly TopicMessages[][]): Promise<void> {
  for (const batch of sends) await producer.sendBatch({ acks: -1, topicMessages: batch })
}

type Take = (topic: string, messages: readonly KafkaMessage[]) => void

/** Reads topics from their start and counts. */
export class RawConsumer {
  readonly #consumer: Consumer
  readonly #take: Take | undefined
  readonly #waiting: { count: number, resolve: () => void }[] = []
  #count = 0

  private constructor (consumer: Consumer, take?: Take) {
    this.#consumer = consumer
    this.#take = take
  }

  /** Resolves once it has its partitions and fetches. */
  static async open (kafka: Kafka, topics: readonly string[], take?: Take): Promise<RawConsumer> {
    const consumer = kafka.consumer({
      groupId: `bench-${randomUUID()}`, allowAutoTopicCreation: false, readUncommitted: true, maxWaitTimeInMs: closesWithinMs
    })
    const raw = new RawConsumer(consumer, take)
    const joined = new Promise(resolve => { consumer.on(consumer.events.GROUP_JOIN, resolve) })
    await consumer.connect()
    await consumer.subscribe({ topics: [...topics], fromBeginning: true })
    await consumer.run({ autoCommit: false, eachBatch: ({ batch }) => raw.#eachBatch(batch.topic, batch.messages) })
    await joined
    return raw
  }

  #eachBatch (topic: string, messages: readonly KafkaMessage[]): Promise<void> {
    this.#count += messages.length
    this.#take?.(topic, messages)
    for (const { count, resolve } of this.#waiting) if (this.#count >= count) resolve()
    return Promise.resolve()
  }

  get count (): number {
    return this.#count
  }

  until (count: number): Promise<void> {
    return new Promise(resolve => {
      if (this.#count >= count) resolve()
      else this.#waiting.push({ count, resolve })
    })
  }

  close (): Promise<void> {
    return this.#consumer.disconnect()
  }
}

// Lone readers. kafkajs can't be given a partition by hand, so each reader is a group of its own whose assigner gives
// it every partition of its topic, all of them paused but those that somebody reads; it never commits. Where it stands
// is kept here, and set again whenever the library joins anew.

import { randomUUID } from 'node:crypto'
import {
  AssignerProtocol, type Consumer, type EachBatchPayload, type Kafka, type KafkaMessage, type PartitionAssigner
} from 'kafkajs'
import type { Instant } from '../../../schemas/units.ts'
import type { Deliver, Headers, LogRecord } from '../log.ts'
import { keepRunning, knownPartitions } from './revival.ts'

type Cursor = { position: number, readonly deliver: Deliver, readonly failed: (error: unknown) => void }

const { MemberAssignment, MemberMetadata } = AssignerProtocol
const heartbeatMs = 3000

const everything = (topic: string): PartitionAssigner => ({ cluster }) => ({
  name: 'everything',
  version: 0,
  protocol: ({ topics }) => ({
    name: 'everything',
    metadata: MemberMetadata.encode({ version: 0, topics, userData: Buffer.alloc(0) })
  }),
  assign: ({ members }) => {
    const assignment = { [topic]: knownPartitions(cluster, topic) }
    return Promise.resolve(members.map(({ memberId }) => ({
      memberId,
      memberAssignment: MemberAssignment.encode({ version: 0, assignment, userData: Buffer.alloc(0) })
    })))
  }
})

export class TopicReader {
  readonly topic: string
  readonly #consumer: Consumer
  readonly #cursors = new Map<number, Cursor>()
  readonly #started: Promise<void>
  readonly #giveUp: () => void
  /** Between two runs of the consumer it takes no orders; each join gives them all again. */
  #hasJoined = false

  constructor (kafka: Kafka, topic: string) {
    this.topic = topic
    this.#consumer = kafka.consumer({
      groupId: `reader-${topic}-${randomUUID()}`,
      partitionAssigners: [everything(topic)],
      allowAutoTopicCreation: false,
      readUncommitted: true,
      maxWaitTimeInMs: 250,
      maxBytesPerPartition: 2 ** 21,
      maxBytes: 2 ** 23,
      sessionTimeout: 30_000,
      heartbeatInterval: heartbeatMs
    })
    this.#consumer.on(this.#consumer.events.STOP, () => { this.#hasJoined = false })
    this.#consumer.on(this.#consumer.events.GROUP_JOIN, () => {
      this.#hasJoined = true
      this.#consumer.pause([{ topic }])
      for (const partition of this.#cursors.keys()) this.#seek(partition)
    })
    this.#giveUp = keepRunning(this.#consumer, () => this.#start())
    this.#started = this.#start()
  }

  isFree (partition: number): boolean {
    return !this.#cursors.has(partition)
  }

  get isIdle (): boolean {
    return this.#cursors.size === 0
  }

  async #start (): Promise<void> {
    const { topic } = this
    await this.#consumer.connect()
    await this.#consumer.subscribe({ topics: [topic], fromBeginning: true })
    await this.#consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: 64,
      eachBatchAutoResolve: true,
      eachBatch: payload => this.#eachBatch(payload)
    })
  }

  /** The partition must be free. */
  async read (partition: number, cursor: Cursor): Promise<void> {
    this.#cursors.set(partition, cursor)
    await this.#started
    this.#seek(partition)
  }

  #seek (partition: number): void {
    const cursor = this.#cursors.get(partition)
    if (cursor === undefined || !this.#hasJoined) return
    this.#consumer.seek({ topic: this.topic, partition, offset: String(cursor.position) })
    this.#consumer.resume([{ topic: this.topic, partitions: [partition] }])
  }

  release (partition: number): void {
    this.#cursors.delete(partition)
    this.#pause(partition)
  }

  #pause (partition: number): void {
    if (this.#hasJoined) this.#consumer.pause([{ topic: this.topic, partitions: [partition] }])
  }

  async #eachBatch (payload: EachBatchPayload): Promise<void> {
    const { partition, messages } = payload.batch
    const cursor = this.#cursors.get(partition)
    if (cursor === undefined) return
    const records = readRecords(messages, cursor.position)
    if (records.length === 0) return
    cursor.position = records.at(-1)!.offset + 1
    const beat = setInterval(() => { payload.heartbeat().catch(() => {}) }, heartbeatMs)
    try {
      await cursor.deliver(records)
    } catch (error) {
      this.#pause(partition)
      cursor.failed(error)
    } finally {
      clearInterval(beat)
    }
  }

  async close (): Promise<void> {
    this.#giveUp()
    await this.#started.catch(() => {})
    await this.#consumer.disconnect()
  }
}

// What was fetched before a seek is not what was asked for.
function readRecords (messages: readonly KafkaMessage[], from: number): LogRecord[] {
  const records: LogRecord[] = []
  for (const { offset, timestamp, key, value, headers } of messages) {
    const at = Number(offset)
    if (at < from) continue
    records.push({ offset: at, timestamp: Number(timestamp) as Instant, key, value, headers: readHeaders(headers) })
  }
  return records
}

const noHeaders: Headers = {}

function readHeaders (headers: KafkaMessage['headers']): Headers {
  if (headers === undefined) return noHeaders
  const { origin, command, control } = headers
  // Nearly every record has an origin and nothing else.
  if (Buffer.isBuffer(origin) && command === undefined && control === undefined) return { origin }
  return {
    ...(origin === undefined ? {} : { origin: single(origin) }),
    ...(command === undefined ? {} : { command: single(command) }),
    ...(control === undefined ? {} : { control: single(control) })
  }
}

// A header that is there twice is not one of ours: joined, it is not well-formed, and its record is a dead letter.
function single (header: Buffer | string | (Buffer | string)[]): Buffer {
  if (Buffer.isBuffer(header)) return header
  return Buffer.from(Array.isArray(header) ? header.map(String).join(' ') : header)
}

// Lone readers. kafkajs can't be given a partition by hand, so each reader is a group of its own whose assigner gives
// it every partition of its topic, all of them paused but those that somebody reads; it never commits. Where it stands
// is kept here, and set again whenever the library joins anew.

import { randomUUID } from 'node:crypto'
import {
  AssignerProtocol, type Consumer, type EachBatchPayload, type Kafka, type KafkaMessage, type PartitionAssigner
} from 'kafkajs'
import type { Instant } from '../../../schemas/units.ts'
import type { Deliver, Headers, LogRecord } from '../log.ts'
import { mendFetchResponse } from './fetch-response.ts'
import { FetchedRecord, joined } from './record-batch.ts'
import { keepRunning, knownPartitions } from './revival.ts'

mendFetchResponse()

type Cursor = {
  position: number
  readonly isPatient: boolean
  readonly deliver: Deliver
  readonly failed: (error: unknown) => void
}

const { MemberAssignment, MemberMetadata } = AssignerProtocol
const heartbeatMs = 3000
/** Records that are opened and handed over together: they are garbage before they grow old. */
const atOnce = 500
/** Who is patient waits so long for the next fetch, where one has followed so closely upon another. */
const breathMs = 2
const closelyMs = 6
const fewRecords = 100

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
  #deliveredAt = Number.NEGATIVE_INFINITY
  #breath: Promise<unknown> | null = null

  constructor (kafka: Kafka, topic: string) {
    this.topic = topic
    this.#consumer = kafka.consumer({
      groupId: `reader-${topic}-${randomUUID()}`,
      partitionAssigners: [everything(topic)],
      allowAutoTopicCreation: false,
      readUncommitted: true,
      maxWaitTimeInMs: 250,
      maxBytesPerPartition: 2 ** 20,
      maxBytes: 2 ** 22,
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
    const beat = setInterval(() => { payload.heartbeat().catch(() => {}) }, heartbeatMs)
    try {
      for (let at = 0; at < messages.length && this.#cursors.get(partition) === cursor; at += atOnce) {
        // Others of the process have something to send and to answer.
        if (at > 0) await new Promise(resolve => setImmediate(resolve))
        await deliver(cursor, messages.slice(at, at + atOnce))
      }
      if (cursor.isPatient && messages.length < fewRecords) await this.#breathe()
    } catch (error) {
      this.#pause(partition)
      cursor.failed(error)
    } finally {
      clearInterval(beat)
    }
  }

  /** The library fetches again once all that it fetched is done: what comes until then costs one fetch together. */
  async #breathe (): Promise<void> {
    const at = performance.now()
    const isClose = at - this.#deliveredAt < closelyMs
    this.#deliveredAt = at
    if (!isClose) return
    this.#breath ??= new Promise(resolve => { setTimeout(resolve, breathMs) }).then(() => { this.#breath = null })
    await this.#breath
  }

  async close (): Promise<void> {
    this.#giveUp()
    await this.#started.catch(() => {})
    await this.#consumer.disconnect()
  }
}

async function deliver (cursor: Cursor, messages: readonly KafkaMessage[]): Promise<void> {
  // What was fetched before a seek is not what was asked for.
  const records = messages.map(logRecord).filter(({ offset }) => offset >= cursor.position)
  if (records.length === 0) return
  cursor.position = records.at(-1)!.offset + 1
  await cursor.deliver(records)
}

/** A message of the library's own making comes from an old broker. */
export function logRecord (message: KafkaMessage): LogRecord {
  if (message instanceof FetchedRecord) return message.read()
  const { offset, timestamp, key, value, headers = {} } = message
  const read: { -readonly [Name in keyof Headers]: Buffer } = {}
  for (const name of ['origin', 'command', 'control'] as const) {
    const header = headers[name]
    if (header === undefined) continue
    // A header may be there without a value, whatever the library's declarations say.
    const values = (Array.isArray(header) ? header : [header]) as (Buffer | string | null)[]
    for (const each of values) read[name] = joined(read[name], Buffer.from(each ?? ''))
  }
  return { offset: Number(offset), timestamp: Number(timestamp) as Instant, key, value, headers: read }
}

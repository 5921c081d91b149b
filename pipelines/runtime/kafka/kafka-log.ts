// The port to a log, on Kafka.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin, Kafka } from 'kafkajs'
import type { Instant } from '../../../schemas/units.ts'
import type {
  Deliver, Extent, Log, Outgoing, Ownership, OwnershipRequest, Reading, ReadFrom
} from '../log.ts'
import { Membership } from './membership.ts'
import { TopicReader } from './reader.ts'
import { PartitionsUnknown } from './revival.ts'
import { Sender } from './sender.ts'

type Extents = Map<number, Extent>

// The library takes a coordinator that can't be found for final; it is what a broker that restarts looks like.
function canPass (error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return error.name === 'KafkaJSGroupCoordinatorNotFound' || ('retriable' in error && error.retriable === true)
}

// Where no partition of a topic is known, the library stumbles over its own empty answer.
async function answered<Answer> (topic: string, asked: Promise<Answer>): Promise<Answer> {
  try {
    return await asked
  } catch (error) {
    throw error instanceof TypeError ? new PartitionsUnknown(topic) : error
  }
}

/** What is asked of a log that has been closed. */
const unanswered = new Promise<never>(() => {})
const lastAnswersMs = 2000

export class KafkaLog implements Log {
  readonly #kafka: Kafka
  readonly #admin: Admin
  readonly #sender: Sender
  readonly #readers: TopicReader[] = []
  readonly #memberships: Membership[] = []
  readonly #asking = new Map<string, Promise<Extents>>()
  readonly #questions = new Set<Promise<unknown>>()
  #connected: Promise<void> | undefined
  #isClosed = false

  constructor (kafka: Kafka) {
    this.#kafka = kafka
    this.#admin = kafka.admin()
    this.#sender = new Sender(kafka)
  }

  // Leaders move and brokers restart; the library's admin client gives up on some of that at once.
  async #ask<Answer> (question: (admin: Admin) => Promise<Answer>): Promise<Answer> {
    await (this.#connected ??= this.#admin.connect())
    for (let waitMs = 20; ; waitMs = Math.min(waitMs * 2, 1000)) {
      if (this.#isClosed) return await unanswered
      const asked = question(this.#admin)
      this.#questions.add(asked)
      try {
        return await asked
      } catch (error) {
        if (!canPass(error)) throw error
        await this.sleep(waitMs)
      } finally {
        this.#questions.delete(asked)
      }
    }
  }

  async read (place: ReadFrom, deliver: Deliver, failed: (error: unknown) => void): Promise<Reading> {
    const { topic, partition, from, isPatient = false } = place
    let reader = this.#readers.find(candidate => candidate.topic === topic && candidate.isFree(partition))
    if (reader === undefined) this.#readers.push(reader = new TopicReader(this.#kafka, topic))
    const chosen = reader
    await chosen.read(partition, { position: from, isPatient, deliver, failed })
    return {
      close: () => {
        chosen.release(partition)
        return Promise.resolve()
      }
    }
  }

  async extent (topic: string, partition: number): Promise<Extent> {
    const extent = (await this.#extents(topic)).get(partition)
    if (extent === undefined) throw new Error(`the broker knows no partition ${partition} of ${topic}`)
    return extent
  }

  // One request answers all who ask within the same turn.
  #extents (topic: string): Promise<Extents> {
    const asked = this.#asking.get(topic)
    if (asked !== undefined) return asked
    const asking = new Promise(resolve => setImmediate(resolve)).then(async () => {
      this.#asking.delete(topic)
      const offsets = await this.#ask(admin => answered(topic, admin.fetchTopicOffsets(topic)))
      return new Map(offsets.map(({ partition, low, high }) => [partition, { start: Number(low), end: Number(high) }]))
    })
    this.#asking.set(topic, asking)
    return asking
  }

  send (records: readonly Outgoing[]): Promise<void> {
    return this.#sender.send(records)
  }

  async committed (group: string, topic: string): Promise<ReadonlyMap<number, number>> {
    const partitions = await this.#ask(async admin => {
      const [answer] = await admin.fetchOffsets({ groupId: group, topics: [topic] })
      if (answer === undefined || answer.partitions.length === 0) throw new PartitionsUnknown(topic)
      return answer.partitions
    })
    const committed = new Map<number, number>()
    for (const { partition, offset } of partitions) {
      if (Number(offset) >= 0) committed.set(partition, Number(offset))
    }
    return committed
  }

  async own (request: OwnershipRequest): Promise<Ownership> {
    const membership = new Membership(this.#kafka, request)
    this.#memberships.push(membership)
    await membership.join()
    return membership
  }

  async offsetAt (topic: string, partition: number, instant: Instant): Promise<number> {
    const offsets = await this.#ask(admin => answered(topic, admin.fetchTopicOffsetsByTimestamp(topic, instant)))
    const offset = Number(offsets.find(candidate => candidate.partition === partition)?.offset ?? -1)
    return offset >= 0 ? offset : (await this.extent(topic, partition)).end
  }

  async trim (topic: string, partition: number, before: number): Promise<void> {
    // The library looks for a partition's leader among what it knows already, and so does not find it the first time.
    await this.extent(topic, partition)
    await this.#ask(admin => admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(before) }] }))
  }

  sleep (ms: number): Promise<void> {
    return new Promise(resolve => { setTimeout(resolve, ms) })
  }

  async close (): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.#memberships.map(membership => membership.leave()))
    await Promise.all(this.#readers.map(reader => reader.close()))
    await this.#sender.close()
    if (this.#connected === undefined) return
    // The library would connect again for a question under way, and the process would never end.
    await Promise.race([Promise.allSettled(this.#questions), sleep(lastAnswersMs, undefined, { ref: false })])
    await this.#admin.disconnect()
  }
}

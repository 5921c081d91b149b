// Ownership without data: a member of the group that is always paused. It owns partitions and commits for them; the
// records come through lone readers, so that a rebalance stops nothing. Assignment is sticky and even.

import { AssignerProtocol, type Cluster, type Consumer, type Kafka, type PartitionAssigner } from 'kafkajs'
import type { Ownership, OwnershipRequest } from '../log.ts'
import { keepRunning, knownPartitions } from './revival.ts'

const { MemberAssignment, MemberMetadata } = AssignerProtocol

const name = 'sticky'

export type Wish = { readonly id: string, readonly owned: readonly number[] }

/** Who gets what: members keep what they have up to their share, and what is free goes to who has least. */
export function assign (members: readonly Wish[], partitions: readonly number[]): Map<string, number[]> {
  const share = Math.floor(partitions.length / members.length)
  // So many have one more than the others.
  let larger = partitions.length % members.length
  const given = new Map<string, number[]>(members.map(({ id }) => [id, []]))
  const free = new Set(partitions)
  for (const { id, owned } of members) {
    const kept = given.get(id)!
    for (const partition of owned) {
      if (kept.length > share || (kept.length === share && larger === 0) || !free.delete(partition)) continue
      if (kept.push(partition) > share) larger--
    }
  }
  for (const partition of free) {
    const [least] = [...given.values()].sort((a, b) => a.length - b.length)
    least!.push(partition)
  }
  return given
}

function sticky (topic: string, owned: () => readonly number[]): PartitionAssigner {
  return ({ cluster }) => ({
    name,
    version: 0,
    protocol: ({ topics }) => {
      const userData = Buffer.from(JSON.stringify(owned()))
      return { name, metadata: MemberMetadata.encode({ version: 0, topics, userData }) }
    },
    assign: ({ members }) => {
      const partitions = knownPartitions(cluster, topic)
      const wishes = members.map(({ memberId, memberMetadata }) => ({ id: memberId, owned: readOwned(memberMetadata) }))
      const given = assign(wishes.sort((a, b) => a.id < b.id ? -1 : 1), partitions.sort((a, b) => a - b))
      return Promise.resolve([...given].map(([memberId, owned]) => {
        const assignment = { version: 0, assignment: { [topic]: owned }, userData: Buffer.alloc(0) }
        return { memberId, memberAssignment: MemberAssignment.encode(assignment) }
      }))
    }
  })
}

function readOwned (metadata: Buffer): number[] {
  const text = MemberMetadata.decode(metadata)?.userData.toString() ?? ''
  return text === '' ? [] : JSON.parse(text) as number[]
}

export class Membership implements Ownership {
  readonly #consumer: Consumer
  readonly #topic: string
  readonly #giveUp: () => void
  #owned: readonly number[] = []
  #generation = 0
  #pending = new Map<number, number>()
  #flushing: Promise<void> | undefined

  constructor (kafka: Kafka, { group, topic, assigned }: OwnershipRequest) {
    this.#topic = topic
    this.#consumer = kafka.consumer({
      groupId: group,
      partitionAssigners: [sticky(topic, () => this.#owned)],
      allowAutoTopicCreation: false,
      readUncommitted: true,
      // Heartbeats follow fetches, of which an always paused member makes none but in name.
      maxWaitTimeInMs: 100,
      sessionTimeout: 10_000,
      rebalanceTimeout: 10_000,
      // How soon a standby hears that a leader has been evicted.
      heartbeatInterval: 100
    })
    this.#consumer.on(this.#consumer.events.GROUP_JOIN, ({ payload }) => {
      this.#consumer.pause([{ topic }])
      this.#owned = payload.memberAssignment[topic] ?? []
      this.#pending.clear()
      assigned({ generation: ++this.#generation, partitions: this.#owned })
    })
    this.#giveUp = keepRunning(this.#consumer, () => this.join())
  }

  async join (): Promise<void> {
    await this.#consumer.connect()
    await this.#consumer.subscribe({ topics: [this.#topic] })
    await this.#consumer.run({ autoCommit: false, eachBatch: () => Promise.resolve() })
  }

  /** Commits of many partitions travel together, one request at a time. */
  commit (partition: number, offset: number): Promise<void> {
    this.#pending.set(partition, offset)
    this.#flushing ??= this.#flush()
    return this.#flushing
  }

  async #flush (): Promise<void> {
    await new Promise(resolve => setImmediate(resolve))
    const topic = this.#topic
    const offsets = [...this.#pending].map(([partition, offset]) => ({ topic, partition, offset: String(offset) }))
    this.#pending = new Map()
    this.#flushing = undefined
    // A new assignment has come in between: what was to be committed is another's.
    if (offsets.length === 0) throw new Error('the partition was given anew before it could be committed')
    await this.#consumer.commitOffsets(offsets)
  }

  async leave (): Promise<void> {
    this.#giveUp()
    await this.#consumer.disconnect()
  }
}

// Not in the library's declarations.
type Coordinators = {
  findGroupCoordinator (request: { groupId: string }): Promise<Coordinator>
}
type Coordinator = { leaveGroup (request: { groupId: string, memberId: string }): Promise<void> }

/**
 * Takes a dead process's memberships away at once, instead of after its session: the next in line has its partitions
 * within a fraction of a second. Evicting a live one is harmless: it joins again.
 */
export async function evict (kafka: Kafka, group: string, clientId: string): Promise<number> {
  const held: { cluster?: Cluster } = {}
  const admin = kafka.admin()
  // A partition assigner's factory is where the library hands out its cluster; the consumer is never run.
  const consumer = kafka.consumer({
    groupId: group,
    partitionAssigners: [({ cluster }) => {
      held.cluster = cluster
      return sticky('', () => [])({ cluster, groupId: group, logger: kafka.logger() })
    }]
  })
  try {
    await Promise.all([admin.connect(), consumer.connect()])
    const { groups } = await admin.describeGroups([group])
    const dead = (groups[0]?.members ?? []).filter(member => member.clientId === clientId)
    const coordinator = await (held.cluster as unknown as Coordinators).findGroupCoordinator({ groupId: group })
    for (const { memberId } of dead) await coordinator.leaveGroup({ groupId: group, memberId })
    return dead.length
  } finally {
    await Promise.all([admin.disconnect(), consumer.disconnect()])
  }
}

// A broker in memory: partitions with append time, groups with offsets and generations, compaction and trimming. It is
// as unkind as the real one is allowed to be: see client.ts for what happens on the way to it.

import type { Instant } from '../../schemas/units.ts'
import type { Extent, LogRecord, Outgoing } from '../../pipelines/runtime/log.ts'
import type { Scheduler } from './scheduler.ts'

export class Partition {
  /** Everything ever appended, for the judge; compaction and trimming only hide. */
  readonly archive: LogRecord[] = []
  /** When each was appended, by a clock that is never wrong. */
  readonly truth: number[] = []
  readonly #hidden = new Set<number>()
  #start = 0
  #waiting: (() => void)[] = []

  get extent (): Extent {
    return { start: this.#start, end: this.archive.length }
  }

  append (outgoing: Pick<Outgoing, 'key' | 'value' | 'headers'>, timestamp: number, truth: number): void {
    const { key, value, headers } = outgoing
    const offset = this.archive.length
    this.truth.push(truth)
    const bytes = key === null ? null : Buffer.from(key)
    this.archive.push({ offset, timestamp: timestamp as Instant, key: bytes, value, headers })
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }

  fetch (from: number, most: number): LogRecord[] {
    const batch: LogRecord[] = []
    for (let offset = Math.max(from, this.#start); offset < this.archive.length && batch.length < most; offset++) {
      if (!this.#hidden.has(offset)) batch.push(this.archive[offset]!)
    }
    return batch
  }

  appended (wake: () => void): void {
    this.#waiting.push(wake)
  }

  trim (before: number): void {
    this.#start = Math.max(this.#start, Math.min(before, this.archive.length))
  }

  /** Keeps the last of each key, and lets tombstones go; the last record of all stays, as in a real active segment. */
  compact (): void {
    const last = new Map<string, number>()
    for (const { key, offset } of this.archive) last.set(String(key), offset)
    for (const { key, value, offset } of this.archive) {
      if (offset === this.archive.length - 1) continue
      if (last.get(String(key)) !== offset || value === null) this.#hidden.add(offset)
    }
  }

  /** Sabotage: what a broker that lost its disk would show. */
  truncate (end: number): void {
    this.archive.length = Math.min(end, this.archive.length)
  }
}

export type Member = { readonly id: number, assign (generation: number, partitions: number[]): void }

class Group {
  readonly members = new Map<number, Member>()
  readonly offsets = new Map<number, number>()
  readonly owners = new Map<number, number>()
  generation = 0
}

export class Broker {
  readonly scheduler: Scheduler
  readonly #partitions = new Map<string, Partition>()
  readonly #groups = new Map<string, Group>()
  readonly #sizes: Record<string, number>
  /** Added to append time while the broker's own clock is wrong. */
  skew = 0
  #members = 0

  constructor (scheduler: Scheduler, sizes: Record<string, number>) {
    this.scheduler = scheduler
    this.#sizes = sizes
    for (const [topic, size] of Object.entries(sizes)) {
      for (let index = 0; index < size; index++) this.#partitions.set(`${topic}/${index}`, new Partition())
    }
  }

  partition (topic: string, partition: number): Partition {
    const found = this.#partitions.get(`${topic}/${partition}`)
    if (found === undefined) throw new Error(`no partition ${topic}/${partition}`)
    return found
  }

  partitionsOf (topic: string): Partition[] {
    return Array.from({ length: this.#sizes[topic] ?? 0 }, (_, partition) => this.partition(topic, partition))
  }

  append (outgoing: Outgoing): void {
    const { now } = this.scheduler
    this.partition(outgoing.topic, outgoing.partition).append(outgoing, now + this.skew, now)
  }

  offsets (group: string): Map<number, number> {
    return this.#group(group).offsets
  }

  nextMember (): number {
    return ++this.#members
  }

  join (group: string, topic: string, member: Member): void {
    this.#group(group).members.set(member.id, member)
    this.#rebalance(group, topic)
  }

  evict (group: string, topic: string, member: number): void {
    if (this.#group(group).members.delete(member)) this.#rebalance(group, topic)
  }

  /** As the real one: a member may commit for a partition that it has lost. */
  commit (group: string, member: number, partition: number, offset: number): boolean {
    const { members, offsets } = this.#group(group)
    if (!members.has(member)) return false
    offsets.set(partition, offset)
    return true
  }

  #group (name: string): Group {
    let group = this.#groups.get(name)
    if (group === undefined) this.#groups.set(name, group = new Group())
    return group
  }

  // Owners keep what they have; what is free goes to any member.
  #rebalance (name: string, topic: string): void {
    const group = this.#group(name)
    const ids = [...group.members.keys()]
    const generation = ++group.generation
    for (let partition = 0; partition < this.#sizes[topic]!; partition++) {
      const owner = group.owners.get(partition)
      const stays = owner !== undefined && group.members.has(owner) && !this.scheduler.random.chance(0.2)
      if (ids.length === 0) group.owners.delete(partition)
      else if (!stays) group.owners.set(partition, ids[this.scheduler.random.below(ids.length)]!)
    }
    for (const [id, member] of group.members) {
      member.assign(generation, [...group.owners].filter(([, owner]) => owner === id).map(([partition]) => partition))
    }
  }
}

// A host: one process's run of a stage over its partitions. It keeps a replica of each, joins the group once they are
// warm, and leads those that it is given.

import type { Assignment, Log, Ownership } from './log.ts'
import { Leader, type LeaderEvent } from './leader.ts'
import type { Machine } from './machine.ts'
import type { Replica } from './replica.ts'
import { manifestOf } from './snapshot.ts'
import type { Named } from './stage.ts'

export type HostOptions<State, In extends Named, Out extends Named> = {
  readonly log: Log
  readonly topic: string
  readonly group: string
  readonly replicas: readonly Replica<State, In, Out>[]
  /** Where manifests come by, to compare hashes with. */
  readonly snapshots: { readonly topic: string, partitionOf (partition: number): number }
  /** False in a gateway: it never joins. */
  readonly leads: boolean
  readonly outputsASend?: number
  readonly report: (partition: number, event: LeaderEvent) => void
  /** Called at most once a cause, with what makes the process stop. */
  readonly failed: (error: unknown) => void
}

const pollMs = 200

export class Host<State = unknown, In extends Named = Named, Out extends Named = Named> {
  readonly #options: HostOptions<State, In, Out>
  readonly #byPartition: Map<number, Replica<State, In, Out>>
  #assignment: Assignment = { generation: 0, partitions: [] }
  readonly #leading = new Map<number, Promise<void>>()
  #ownership: Ownership | undefined
  #closed = false

  constructor (options: HostOptions<State, In, Out>) {
    this.#options = options
    this.#byPartition = new Map(options.replicas.map(replica => [replica.options.partition, replica]))
  }

  get partitionsLed (): readonly number[] {
    return this.#assignment.partitions
  }

  /** What has been applied here of a partition; undefined where it is not run here. */
  machine (partition: number): Machine<State, In, Out> | undefined {
    return this.#byPartition.get(partition)?.machine
  }

  /**
   * Restores and follows every partition; resolves once each has reached the end that its log had before, or holds as
   * much as it may: then only leading makes room.
   */
  async warm (): Promise<void> {
    const { log, topic, replicas, leads, failed } = this.#options
    if (leads) this.#poll().catch(failed)
    await Promise.all(replicas.map(async replica => {
      await replica.restore()
      await this.#watchManifests(replica)
      const { end } = await log.extent(topic, replica.options.partition)
      await replica.follow()
      while (replica.machine.next < end && !replica.isFull && !this.#closed) await replica.applied()
    }))
  }

  /** Joins the group, and from then on leads what it is given. Call it once warm. */
  async join (): Promise<void> {
    const { log, group, topic } = this.#options
    this.#ownership = await log.own({ group, topic, assigned: assignment => { this.#assigned(assignment) } })
    this.#leadAll()
  }

  #assigned (assignment: Assignment): void {
    this.#assignment = assignment
    for (const replica of this.#byPartition.values()) replica.wake()
    this.#leadAll()
  }

  #leadAll (): void {
    const { generation, partitions } = this.#assignment
    const ownership = this.#ownership
    if (ownership === undefined) return
    for (const partition of partitions) {
      const replica = this.#byPartition.get(partition)
      if (replica !== undefined) this.#lead(replica, ownership, generation)
    }
  }

  #lead (replica: Replica<State, In, Out>, ownership: Ownership, generation: number): void {
    const { log, group, report, failed, outputsASend } = this.#options
    const { partition } = replica.options
    const isCurrent = (): boolean => !this.#closed && this.#assignment.generation === generation // R5
    const leader = new Leader(replica, {
      log,
      group,
      ownership,
      isCurrent,
      report: event => { report(partition, event) },
      ...(outputsASend === undefined ? {} : { outputsASend })
    })
    // One leader at a time on a replica: the one of an earlier generation ends first.
    const before = this.#leading.get(partition) ?? Promise.resolve()
    const run = before.then(() => isCurrent() ? leader.run() : undefined)
    this.#leading.set(partition, run.catch(failed))
  }

  // A replica that does not lead lets go of what the leader has committed.
  async #poll (): Promise<void> {
    const { log, group, topic } = this.#options
    while (!this.#closed) {
      const committed = await log.committed(group, topic)
      for (const [partition, offset] of committed) {
        if (!this.#assignment.partitions.includes(partition)) this.#byPartition.get(partition)?.prune(offset)
      }
      await log.sleep(pollMs)
    }
  }

  async #watchManifests (replica: Replica<State, In, Out>): Promise<void> {
    const { log, snapshots, failed } = this.#options
    const partition = snapshots.partitionOf(replica.options.partition)
    const { source } = replica.options.snapshots
    const { end } = await log.extent(snapshots.topic, partition)
    await log.read({ topic: snapshots.topic, partition, from: end }, batch => {
      for (const record of batch) {
        const seen = manifestOf(record)
        if (seen?.source === source) replica.expect(seen.manifest.offset, seen.manifest.hash)
      }
      return Promise.resolve()
    }, failed)
  }

  async close (): Promise<void> {
    this.#closed = true
    for (const replica of this.#byPartition.values()) replica.wake()
    await this.#ownership?.leave()
    await Promise.all(this.#leading.values())
    await Promise.all([...this.#byPartition.values()].map(replica => replica.close()))
  }
}

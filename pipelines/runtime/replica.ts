// A replica: a machine that follows its partition. Gateways read from it; a process that may lead keeps what it would
// have emitted (the tail) from the committed offset on, so that it can take over without replaying.

import type { Named, Stage } from './stage.ts'
import type { Extent, Log, LogRecord, Reading } from './log.ts'
import { Machine, type Binder, type Fate, type MachineOptions, type Output } from './machine.ts'
import type { AcceptedSchema } from '../../schemas/codec.ts'
import type { Snapshot, SnapshotStore } from './snapshot.ts'
import { Stop } from './stop.ts'

export type ReplicaOptions<State, In extends Named, Out extends Named> = Omit<MachineOptions<State, In, Out>, 'skips'> & {
  readonly log: Log
  readonly stage: Stage<State, In, Out>
  readonly binder: Binder & { fetch (accepted: AcceptedSchema): Promise<void> }
  readonly snapshots: SnapshotStore
  /** Offsets that an operator has marked to be passed over, read at each start. */
  readonly readSkips?: () => Promise<ReadonlySet<number>>
  /** Records between two hashes of the state, which replicas compare; of who may lead they go with its snapshots. */
  readonly hashEvery: number
  /** The names on the broker of the topics that the stage writes. */
  readonly brokerName: (topic: string) => string
  /** False for gateways, which never lead and keep no tail. */
  readonly keepsTail: boolean
  /** Ends the reading of a partition: a Stop, a broken invariant, or a log that can't be read. */
  readonly failed: (error: unknown) => void
  readonly observe?: (fate: Fate, record: LogRecord) => void
  /** Sees what each record made the stage emit, right after it was applied, kept or not. */
  readonly witness?: (applied: Applied<State, In, Out>) => void
}

/** A record, and what came of it. The machine stands just behind it. */
export type Applied<State, In extends Named, Out extends Named> = {
  readonly fate: Fate
  readonly record: LogRecord
  readonly outputs: readonly Output[]
  readonly partition: number
  readonly machine: Machine<State, In, Out>
}

/** Outputs that wait to be committed: beyond this a leader's partition is not read on. */
const tailMax = 50_000

/** How often a restore reads the snapshots before it gives up, and what it waits in between. */
const readingsMax = 5
const againMs = 200

export class Replica<State = unknown, In extends Named = Named, Out extends Named = Named> {
  readonly options: ReplicaOptions<State, In, Out>
  machine: Machine<State, In, Out>
  /** Outputs of records at or above `tailFrom` that have been applied, in order. */
  tail: Output[] = []
  tailFrom = Number.POSITIVE_INFINITY
  /** How many outputs have ever been let go of: the number of the tail's first. */
  pruned = 0
  /** Snapshots taken while leading, until the committed offset reaches them. */
  captured: Snapshot[] = []
  captures = false
  #reading: Reading | undefined
  #hashes = new Map<number, string>()
  #expected = new Map<number, string>()
  #applied = Promise.withResolvers<undefined>()
  #drained = Promise.withResolvers<undefined>()
  #closed = false

  constructor (options: ReplicaOptions<State, In, Out>) {
    this.options = options
    this.machine = new Machine(options)
  }

  /** Starts from the newest good snapshot, or from the log's start where there is none. */
  async restore (): Promise<void> {
    const { topic, partition, stage } = this.options
    const { snapshot, start, end } = await this.#find()
    const from = snapshot?.frame.next ?? 0
    if (start > from) {
      throw new Stop('log_trimmed', `${topic}/${partition} begins at ${start}, and ${from} is needed: no good snapshot is left that reaches it.`)
    }
    if (end < from) { // R11
      throw new Stop('log_shrunk', `${topic}/${partition} ends at ${end}, below the snapshot at ${from}: the topic lost records or was made anew.`)
    }
    const state = snapshot === undefined ? undefined : stage.restore(snapshot.state)
    const skips = await this.options.readSkips?.() ?? new Set()
    this.machine = new Machine({ ...this.options, skips }, snapshot?.frame, state)
    this.tailFrom = this.options.keepsTail ? from : Number.POSITIVE_INFINITY
  }

  // While one reads, what one is about to read can be superseded, tombstoned and compacted away by sets that lie beyond
  // where reading ends. Then reading again finds them.
  async #find (): Promise<Extent & { readonly snapshot: Snapshot | undefined }> {
    const { log, topic, partition, snapshots } = this.options
    for (let readings = 1; ; readings++) {
      const snapshot = await this.#newest(snapshots)
      const { start, end } = await log.extent(topic, partition)
      if (start <= (snapshot?.frame.next ?? 0) || readings === readingsMax) return { snapshot, start, end }
      await log.sleep(againMs)
    }
  }

  // A set whose bytes are whole but whose state does not hash to what its writer saw is as good as none.
  async #newest (snapshots: SnapshotStore): Promise<Snapshot | undefined> {
    const { stage } = this.options
    for (const snapshot of (await snapshots.sets()).valid()) {
      for (const accepted of this.options.binder.unknown(snapshot.frame.listing.schemas)) {
        await this.options.binder.fetch(accepted)
      }
      if (snapshot.frame.listing.version > stage.version) {
        throw new Stop('version_ahead', `${snapshots.source}: version ${snapshot.frame.listing.version} is on; this release knows ${stage.version}. Deploy a newer release.`)
      }
      const machine = new Machine(this.options, snapshot.frame, stage.restore(snapshot.state))
      if (machine.hash() === snapshot.hash) return snapshot
    }
    return undefined
  }

  /** Reads on from where the machine stands, until closed. */
  async follow (): Promise<void> {
    const { log, topic, partition, failed, keepsTail } = this.options
    const place = { topic, partition, from: this.machine.next, isPatient: !keepsTail }
    this.#reading = await log.read(place, batch => this.#ingest(batch), failed)
  }

  /** More waits to be committed than is read on for. */
  get isFull (): boolean {
    return this.tail.length > tailMax
  }

  async close (): Promise<void> {
    this.#closed = true
    this.#drained.resolve(undefined)
    await this.#reading?.close()
  }

  async #ingest (batch: readonly LogRecord[]): Promise<void> {
    for (const record of batch) {
      for (const accepted of this.machine.wanted(record)) await this.options.binder.fetch(accepted)
      if (this.#closed) return
      this.#apply(record)
    }
    const applied = this.#applied
    this.#applied = Promise.withResolvers()
    applied.resolve(undefined)
    while (this.isFull && !this.#closed) await this.#drained.promise
  }

  #apply (record: LogRecord): void {
    const { tail, machine, options: { witness, partition } } = this
    const before = tail.length
    const fate = machine.apply(record, tail)
    witness?.({ fate, record, outputs: tail.slice(before), partition, machine })
    if (record.offset < this.tailFrom) tail.length = before
    this.options.observe?.(fate, record)
    if (this.machine.next % this.options.hashEvery === 0) this.#mark()
  }

  // At a snapshot's offset every process that runs the partition knows its hash, and has to know the same.
  #mark (): void {
    const { machine, options: { stage } } = this
    const state = stage.snapshot(machine.state)
    const hash = machine.hash(state)
    this.#hashes.set(machine.next, hash)
    const expected = this.#expected.get(machine.next)
    if (expected !== undefined) this.#compare(machine.next, expected)
    for (const [offset] of this.#hashes) {
      if (this.#hashes.size <= 8) break
      this.#hashes.delete(offset)
    }
    if (!this.captures) return
    this.captured.push({ frame: machine.frame(), state, hash })
  }

  /** A manifest says which hash its writer had at an offset. */
  expect (offset: number, hash: string): void {
    if (this.#hashes.has(offset)) {
      this.#compare(offset, hash)
    } else if (offset > this.machine.next && offset % this.options.hashEvery === 0) {
      this.#expected.set(offset, hash)
    }
  }

  #compare (offset: number, expected: string): void {
    this.#expected.delete(offset)
    const hash = this.#hashes.get(offset)
    if (hash === expected) return
    this.options.failed(new Stop('state_differs', `${this.machine.source}: at offset ${offset} this process has state ${hash ?? 'unknown'}, the snapshot's writer had ${expected}. One of them is wrong; replay from zero to find which.`)) // R12
  }

  /** Lets go of outputs of records below an offset: they are known to be there. */
  prune (committed: number): void {
    if (!(committed > this.tailFrom)) return
    this.tailFrom = committed
    const keep = this.tail.findIndex(output => output.offset >= committed)
    const gone = keep < 0 ? this.tail.length : keep
    this.tail = this.tail.slice(gone)
    this.pruned += gone
    const drained = this.#drained
    this.#drained = Promise.withResolvers()
    drained.resolve(undefined)
  }

  /** Resolves when something has been applied after the call. */
  applied (): Promise<undefined> {
    return this.#applied.promise
  }

  /** Wakes whoever waits, without anything having been applied. */
  wake (): void {
    const applied = this.#applied
    this.#applied = Promise.withResolvers()
    applied.resolve(undefined)
  }
}

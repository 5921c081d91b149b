// A sink: reads a topic's partitions, drops what its marks have seen, and writes rows in blocks, into the tables that
// are made of the kinds of record that it takes.
//
// The order of these steps is the guarantee; each says what a crash after it costs.
//   1 insert   the blocks                           they are inserted again, and each row replaces itself
//   2 publish  where the next start reads from      nothing
//   3 commit   the group's offset                   nothing; it is there for those who watch lag
//
// While a block is being inserted the next one fills, and no further: a ClickHouse that is away stops the reading, and
// nothing else.

import type { EncodedBlock } from '../../analytics/client.ts'
import type { Block } from '../../analytics/tables.ts'
import { Undecodable } from '../../schemas/codec.ts'
import { deadLetterOf, type DeadLetter } from '../runtime/dead-letters.ts'
import type { Assignment, Log, LogRecord, Ownership, Reading } from '../runtime/log.ts'
import { Marks } from '../runtime/origin.ts'
import type { Positions } from '../runtime/positions.ts'
import type { Named } from '../runtime/stage.ts'
import { Stop } from '../runtime/stop.ts'
import { Blocks } from './blocks.ts'
import type { Fold, Incoming, SinkKind } from './fold.ts'
import { identityOf, type Takes } from './identity.ts'

export type SinkOptions = Takes & {
  readonly name: string
  readonly log: Log
  /** Of the topic on the broker. */
  readonly topic: string
  readonly group: string
  /** What it takes of what the topic carries. */
  readonly kinds: readonly SinkKind<never>[]
  /** Anything else that decodes is a dead letter. */
  readonly carries: ReadonlySet<string>
  /** Throws `Undecodable`; asynchronous only where a schema has to be fetched. */
  readonly read: (value: Buffer | null) => Named | Promise<Named>
  readonly insert: (block: EncodedBlock) => Promise<void>
  readonly positions: Positions
  readonly setAside: (letter: DeadLetter) => Promise<void>
  readonly failed: (error: unknown) => void
  readonly report: (event: SinkEvent) => void
}

export type SinkEvent =
  | { readonly kind: 'inserted', readonly rows: number, readonly ms: number }
  | { readonly kind: 'waiting', readonly error: unknown }
  | { readonly kind: 'dead-letter', readonly reason: string }
  | { readonly kind: 'duplicate' }

/** A block takes no more; and one that has enough is not kept back for more to come. */
export const blockRowsMax = 65_536
const blockRowsEnough = 20_000
const blockMs = 250
const retryMsMax = 5000

/** A fold, and the place of its block. */
type Folding = { readonly kind: string, readonly fold: Fold<unknown>, readonly index: number }

type Lane = {
  readonly partition: number
  readonly foldings: readonly Folding[]
  readonly byKind: ReadonlyMap<string, readonly Folding[]>
  /** One of them says where a restart may begin; else that is anywhere. */
  readonly hasBoundaries: boolean
  readonly marks: Marks
  /** Where reading stands, and from where a restart would read. */
  next: number
  resume: { position: number, marks: [string, number][] }
  committed: number
  reading?: Reading
}

export class Sink {
  readonly #options: SinkOptions
  readonly #taken: ReadonlySet<string>
  #lanes = new Map<number, Lane>()
  #filling: Blocks
  #spare: Blocks
  #generation = 0
  #ownership: Ownership | undefined
  #closed = false
  #flushing: Promise<void> = Promise.resolve()
  /** Resolved when the block that fills is a new one, and when it has enough. */
  #room = Promise.withResolvers<undefined>()
  #enough = Promise.withResolvers<undefined>()
  #publishing: Promise<void> = Promise.resolve()

  constructor (options: SinkOptions) {
    this.#options = options
    this.#taken = new Set(options.kinds.map(({ kind }) => kind))
    this.#filling = new Blocks(options.kinds)
    this.#spare = new Blocks(options.kinds)
  }

  async start (): Promise<void> {
    const { log, group, topic } = this.#options
    this.#ownership = await log.own({ group, topic, assigned: assignment => { this.#assigned(assignment) } })
    this.#flushing = this.#flushForEver()
  }

  /** Partition → the offset below which everything is stored. */
  standings (): ReadonlyMap<number, number> {
    return new Map([...this.#lanes].map(([partition, lane]) => [partition, lane.committed]))
  }

  #assigned ({ generation, partitions }: Assignment): void {
    this.#generation = generation
    for (const [partition, lane] of this.#lanes) {
      if (partitions.includes(partition)) continue
      this.#lanes.delete(partition)
      lane.reading?.close().catch(this.#options.failed)
    }
    for (const partition of partitions) {
      if (!this.#lanes.has(partition)) this.#open(partition, generation).catch(this.#options.failed)
    }
  }

  async #open (partition: number, generation: number): Promise<void> {
    const { log, topic, positions, kinds, failed } = this.#options
    const { position, marks } = await positions.read(topic, partition)
    const { start, end } = await log.extent(topic, partition)
    if (generation !== this.#generation || this.#closed) return
    if (position > end) throw new Stop('log_shrunk', `${topic}/${partition} ends at ${end}; ${this.#options.name} stands at ${position}: the topic lost records or was made anew.`)
    if (start > position) throw new Stop('log_trimmed', `${topic}/${partition} begins at ${start}; ${this.#options.name} needs ${position}: what lies between was deleted before it was stored.`)
    const resume = { position, marks: marks.map(([source, last]): [string, number] => [source, last]) }
    const standing = { next: position, resume, committed: position }
    const foldings = kinds.map(({ kind, fold }, index): Folding => ({ kind, fold: fold(), index }))
    const byKind = Map.groupBy(foldings, ({ kind }) => kind)
    const hasBoundaries = foldings.some(({ fold }) => fold.finish !== undefined)
    const lane: Lane = { partition, foldings, byKind, hasBoundaries, marks: Marks.from(marks), ...standing }
    this.#lanes.set(partition, lane)
    lane.reading = await log.read({ topic, partition, from: position }, batch => this.#take(lane, batch), failed)
  }

  async #take (lane: Lane, batch: readonly LogRecord[]): Promise<void> {
    for (const record of batch) {
      while (this.#filling.rows >= blockRowsMax && this.#isOpen(lane)) await this.#room.promise
      if (!this.#isOpen(lane)) return
      const { topic, name } = this.#options
      if (record.offset !== lane.next) throw new Stop('log_gap', `${name} expected offset ${lane.next} of ${topic}/${lane.partition}, was given ${record.offset}.`)
      const answer = this.#incoming(lane, record)
      const incoming = answer instanceof Promise ? await answer : answer
      if (!this.#isOpen(lane)) return
      if (incoming !== undefined) this.#add(lane, incoming)
      lane.next = record.offset + 1
      if (this.#filling.rows >= blockRowsEnough) this.#enough.resolve(undefined)
    }
  }

  #isOpen (lane: Lane): boolean {
    return !this.#closed && this.#lanes.get(lane.partition) === lane
  }

  #add (lane: Lane, incoming: Incoming): void {
    const { origin, offset, value } = incoming
    // Marks count whatever the topic carries: an emitter numbers its records of all kinds together.
    if (origin.sequence > 0 && !this.#isNew(lane, incoming)) return
    let isBoundary = false
    for (const { fold, index } of lane.byKind.get(value.kind) ?? []) {
      if (fold.add(incoming, this.#filling.at(index)) === true) isBoundary = true
    }
    if (!isBoundary) return
    // A boundary stands before its record: the marks are those without it.
    const marks = lane.marks.entries()
    for (const mark of marks) if (mark[0] === origin.source) mark[1]--
    lane.resume = { position: offset, marks }
  }

  #isNew (lane: Lane, { origin, offset, partition }: Incoming): boolean {
    const verdict = lane.marks.see(origin)
    if (verdict === 'gap') {
      throw new Stop('sequence_gap', `${this.#options.name}: at ${this.#options.topic}/${partition} offset ${offset} came sequence ${origin.sequence} of ${origin.source} after ${lane.marks.last(origin.source)}. What lies between was lost.`)
    }
    if (verdict === 'seen') this.#options.report({ kind: 'duplicate' })
    return verdict === 'new'
  }

  // Synchronous but for what is rare: an awaited promise a record would cost more than all the rest.
  #incoming (lane: Lane, record: LogRecord): Incoming | Promise<Incoming | undefined> {
    const { partition } = lane
    const refuse = (error: unknown): Promise<undefined> => {
      if (!(error instanceof Undecodable)) throw error
      return this.#setAside(partition, record, error.reason, error.message)
    }
    try {
      const value = this.#options.read(record.value)
      if (value instanceof Promise) return value.then(read => this.#identify(partition, record, read), refuse)
      return this.#identify(partition, record, value)
    } catch (error) {
      return refuse(error)
    }
  }

  #identify (partition: number, record: LogRecord, value: Named): Incoming | Promise<undefined> {
    const { carries, topic } = this.#options
    const { offset, timestamp } = record
    if (!carries.has(value.kind)) return this.#setAside(partition, record, 'wrong_kind', `${value.kind} does not belong on ${topic}`)
    const origin = identityOf(record, this.#taken.has(value.kind), this.#options)
    if (origin !== null) return { value, origin, partition, offset, timestamp }
    return this.#setAside(partition, record, 'no_identity', 'no origin header, or not a well-formed one')
  }

  // Its key is its origin: written twice, it is one row.
  async #setAside (partition: number, record: LogRecord, reason: string, detail: string): Promise<undefined> {
    const { topic, name, setAside, report } = this.#options
    report({ kind: 'dead-letter', reason })
    await setAside(deadLetterOf({ topic, partition, record, reader: name, reason, detail }))
  }

  async #flushForEver (): Promise<void> {
    try {
      while (!this.#closed) {
        const began = Date.now()
        await this.#flush()
        const spare = blockMs - (Date.now() - began)
        if (spare > 0) await Promise.race([this.#options.log.sleep(spare), this.#enough.promise])
      }
    } catch (error) {
      // What can't be stored on the way out is read again by the next run.
      if (!this.#closed) this.#options.failed(error)
    }
  }

  async #flush (): Promise<void> {
    const lanes = [...this.#lanes.values()]
    for (const lane of lanes) {
      for (const { fold, index } of lane.foldings) fold.finish?.(this.#filling.at(index))
      if (!lane.hasBoundaries) lane.resume = { position: lane.next, marks: lane.marks.entries() }
    }
    const moved = lanes.filter(lane => lane.resume.position > lane.committed)
    const standings = moved.map(lane => ({ lane, resume: lane.resume }))
    const blocks = this.#filling
    if (blocks.rows > 0) {
      this.#filling = this.#spare
      this.#spare = blocks
      const room = this.#room
      this.#room = Promise.withResolvers()
      this.#enough = Promise.withResolvers()
      room.resolve(undefined)
      await Promise.all(blocks.filled.map(block => this.#insert(block))) // 1
      blocks.clear()
    }
    // The next block may go in while this one's end is being published: a position says only what is stored before it.
    await this.#publishing
    this.#publishing = this.#publish(standings.filter(({ lane, resume }) => resume.position > lane.committed))
    this.#publishing.catch(() => {}) // It is met at the next flush, or at the close.
  }

  async #publish (standings: readonly { lane: Lane, resume: Lane['resume'] }[]): Promise<void> {
    if (standings.length === 0) return
    const { log, topic, positions } = this.#options
    const records = standings.map(({ lane, resume }) => positions.record(topic, lane.partition, resume))
    await this.#patiently(() => log.send(records)) // 2
    for (const { lane, resume } of standings) {
      lane.committed = resume.position
      const isOurs = this.#lanes.get(lane.partition) === lane
      if (isOurs) this.#ownership?.commit(lane.partition, resume.position).catch(() => {}) // 3
    }
  }

  #insert (block: Block<unknown>): Promise<void> {
    const began = performance.now()
    return this.#patiently(async () => {
      await this.#options.insert(block)
      this.#options.report({ kind: 'inserted', rows: block.rows, ms: performance.now() - began })
    })
  }

  // What passes is waited for, and said; what does not ends the process.
  async #patiently (work: () => Promise<void>): Promise<void> {
    for (let waitMs = 100; ; waitMs = Math.min(waitMs * 2, retryMsMax)) {
      try {
        await work()
        return
      } catch (error) {
        const isFinal = error instanceof Error && 'canRetry' in error && error.canRetry !== true
        if (this.#closed || isFinal) throw error
        this.#options.report({ kind: 'waiting', error })
        await this.#options.log.sleep(waitMs)
      }
    }
  }

  async close (): Promise<void> {
    this.#closed = true
    this.#room.resolve(undefined)
    this.#enough.resolve(undefined)
    // One flush at a time: two would fill a block that is being inserted.
    await this.#flushing
    await this.#flush().then(() => this.#publishing).catch(() => {})
    await this.#ownership?.leave()
  }
}

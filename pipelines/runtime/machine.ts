// A stage's core with what makes it deterministic around it: continuity, stage time, origins, ids, versions.
//
//   The machine is synchronous and knows no log. Leader, replica and every judge in the tests feed it the same records
//   and get the same state and the same outputs; only what they do with the outputs differs.

import { createHash } from 'node:crypto'
import type { Instant } from '../../schemas/units.ts'
import { Undecodable, type AcceptedSchema } from '../../schemas/codec.ts'
import { topicOf } from '../../schemas/topics.ts'
import { readCommandTag, SeenCommands, validityMsMax } from './command.ts'
import { readControl } from './control.ts'
import { deadLetterOf, type DeadLetter } from './dead-letters.ts'
import type { LogRecord } from './log.ts'
import { Marks, readOrigin, sourceOf } from './origin.ts'
import { StageClock } from './stage-clock.ts'
import { stateHash, type Emit, type Named, type Position, type Stage } from './stage.ts'
import { Stop } from './stop.ts'

/** What encodes and decodes under one listing of accepted schemas. */
export type Binding = { decode (bytes: Buffer | null): Named, encode (value: Named): Buffer }

/** Where bindings come from. `unknown` says which schemas have to be fetched before `bind` can be called. */
export type Binder = {
  bind (listing: readonly AcceptedSchema[]): Binding
  unknown (listing: readonly AcceptedSchema[]): readonly AcceptedSchema[]
  /** This release's own: dead letters are written with it, since they may come before any listing does. */
  readonly current: Binding
}

export type Output = {
  /** The input record it follows from, and its place among that record's outputs. */
  readonly offset: number
  readonly index: number
  readonly topic: string
  readonly partition: number
  readonly key: string
  readonly sequence: number
  readonly value: Named
  readonly binding: Binding
  readonly at: Instant
}

/** What happened to a record; for metrics. */
export type Fate = 'applied' | 'clock' | 'control' | 'duplicate' | 'dead-letter' | 'skipped'

export type MachineOptions<State, In extends Named, Out extends Named> = {
  readonly stage: Stage<State, In, Out>
  /** The topic's name on the broker: part of every origin. */
  readonly topic: string
  readonly partition: number
  readonly binder: Binder
  /** The kinds of record that belong on the topic; where nothing is said, those of the table in schemas/topics.ts. */
  readonly carries?: readonly string[]
  /** Of dead letters: where they go. */
  readonly deadLetters: (topic: string, partition: number) => { topic: string, partition: number }
  /** Offsets that an operator has marked to be passed over. */
  readonly skips?: ReadonlySet<number>
}

type Listing = { readonly version: number, readonly schemas: readonly AcceptedSchema[] }

/** All of a machine's state but the core's, as it stands in a snapshot. */
export type Frame = {
  readonly next: number
  readonly now: Instant
  readonly led: Instant
  readonly listing: Listing
  readonly marks: [string, number][]
  readonly emitted: [string, number][]
  readonly seen: [number, string[]][]
}

const noListing: Listing = { version: 0, schemas: [] }

// Without its header an activation is nothing: what is for the runtime reaches no core.
const commandsAmong = (kinds: readonly string[]): ReadonlySet<string> =>
  new Set(kinds.filter(kind => kind !== 'activate-version'))

export class Machine<State, In extends Named, Out extends Named> {
  readonly #options: MachineOptions<State, In, Out>
  readonly #source: string
  readonly #kinds: ReadonlySet<string>
  state: State
  /** The offset of the record that comes next. */
  next: number
  #clock: StageClock
  #marks: Marks
  #seen: SeenCommands
  readonly #emitted: Map<string, number>
  #listing: Listing
  #binding: Binding

  // Of the record under way. One position object is reused: cores copy what they keep.
  readonly #position: { -readonly [Name in keyof Position]: Position[Name] }
  readonly #emit: Emit<Out>
  #index = 0
  #outputs: Output[] = []

  constructor (options: MachineOptions<State, In, Out>, frame?: Frame, state?: State) {
    const { stage, topic, partition } = options
    this.#options = options
    this.#source = sourceOf(stage.name, topic, partition)
    this.#kinds = commandsAmong(options.carries ?? topicOf(stage.reads).records)
    this.state = state ?? stage.initial(partition)
    this.next = frame?.next ?? 0
    this.#clock = new StageClock(frame?.now, frame?.led)
    this.#marks = Marks.from(frame?.marks ?? [])
    this.#seen = SeenCommands.from(frame?.seen ?? [])
    this.#emitted = new Map(frame?.emitted)
    this.#listing = frame?.listing ?? noListing
    this.#binding = options.binder.bind(this.#listing.schemas)
    this.#position = { at: this.#clock.now, partition, offset: 0, version: this.#listing.version, isLate: false }
    this.#emit = (to, toPartition, key, value) => { this.#output(to, toPartition, key, value) }
  }

  get source (): string {
    return this.#source
  }

  get now (): Instant {
    return this.#clock.now
  }

  get version (): number {
    return this.#listing.version
  }

  /** The last sequence applied from a source: what read-your-writes waits for. */
  mark (source: string): number {
    return this.#marks.last(source)
  }

  /** Schemas that a record would activate and that have to be fetched before it is applied; usually none. */
  wanted (record: LogRecord): readonly AcceptedSchema[] {
    const { control } = record.headers
    if (control === undefined) return []
    const activation = readControl(control, record.value)
    return activation === null ? [] : this.#options.binder.unknown(activation.schemas)
  }

  /** The only writer. Appends what the record makes it emit to `outputs`; throws `Stop`, or what an assert throws. */
  apply (record: LogRecord, outputs: Output[]): Fate {
    if (record.offset !== this.next) { // R10
      throw new Stop('log_gap', `${this.#source}: expected offset ${this.next}, was given ${record.offset}. Records are missing, or the topic was made anew.`)
    }
    this.#index = 0
    this.#outputs = outputs
    this.#position.offset = record.offset
    const fate = this.#dispatch(record)
    this.next = record.offset + 1
    return fate
  }

  #dispatch (record: LogRecord): Fate {
    const { headers } = record
    const skips = this.#options.skips?.has(record.offset) === true
    if (headers.control !== undefined) return skips ? this.#setAside(record, 'skipped') : this.#control(record, headers.control)
    const origin = headers.origin === undefined ? undefined : readOrigin(headers.origin)
    if (skips) {
      if (origin != null) this.#marks.skipTo(origin)
      return this.#setAside(record, 'skipped')
    }
    if (origin === null) return this.#setAside(record, 'bad_origin')
    if (origin !== undefined) {
      const verdict = this.#marks.see(origin)
      if (verdict === 'gap') {
        throw new Stop('sequence_gap', `${this.#source}: at offset ${record.offset} came sequence ${origin.sequence} of ${origin.source} after ${this.#marks.last(origin.source)}. What lies between was lost.`)
      }
      if (verdict === 'seen') {
        this.#pass(record)
        return 'duplicate'
      }
    }
    return this.#read(record, origin !== undefined)
  }

  #read (record: LogRecord, hasOrigin: boolean): Fate {
    let command: Named
    try {
      command = this.#binding.decode(record.value)
    } catch (error) {
      if (!(error instanceof Undecodable)) throw error
      return this.#setAside(record, error.reason, error.message)
    }
    if (command.kind === 'clock') return this.#tick(record, command as unknown as { sentAt: Instant })
    this.#pass(record)
    if (!this.#kinds.has(command.kind)) return this.#deadLetter(record, 'wrong_kind', `${command.kind} is no command of ${this.#options.stage.name}`)
    this.#position.isLate = false
    const { command: header } = record.headers
    if (header === undefined) {
      if (!hasOrigin) return this.#deadLetter(record, 'no_identity', 'neither an origin nor a command header')
    } else {
      const tag = readCommandTag(header)
      if (tag === null || tag.validUntil > this.#clock.now + validityMsMax) {
        return this.#deadLetter(record, 'bad_command', `not "valid_until id" with a time within ${validityMsMax} ms`)
      }
      this.#position.isLate = tag.validUntil < this.#clock.now // R14
      if (!hasOrigin && !this.#seen.see(tag)) return 'duplicate' // R13
    }
    this.#options.stage.apply(this.state, command as In, this.#position, this.#emit)
    return 'applied'
  }

  #tick (record: LogRecord, clock: { sentAt: Instant }): Fate {
    if (!this.#clock.lead(clock.sentAt, record.timestamp)) {
      this.#pass(record)
      return 'duplicate'
    }
    this.#position.at = this.#clock.now
    this.#position.isLate = false
    this.#seen.forget(this.#clock.now)
    this.#options.stage.apply(this.state, { kind: 'clock' }, this.#position, this.#emit)
    return 'clock'
  }

  #pass (record: LogRecord): void {
    this.#position.at = this.#clock.pass(record.timestamp)
  }

  #control (record: LogRecord, header: Buffer): Fate {
    this.#pass(record)
    const activation = readControl(header, record.value)
    if (activation === null) return this.#deadLetter(record, 'bad_control', 'not a control record that this release knows')
    if (activation.version > this.#options.stage.version) {
      throw new Stop('version_ahead', `${this.#source}: offset ${record.offset} activates version ${activation.version}; this release knows ${this.#options.stage.version}. Deploy a newer release.`)
    }
    if (activation.version >= this.#listing.version) {
      this.#listing = { version: activation.version, schemas: activation.schemas }
      this.#binding = this.#options.binder.bind(activation.schemas)
      this.#position.version = activation.version
    }
    return 'control'
  }

  #setAside (record: LogRecord, reason: string, detail = ''): Fate {
    this.#pass(record)
    const fate = this.#deadLetter(record, reason, detail)
    return reason === 'skipped' ? 'skipped' : fate
  }

  #deadLetter (record: LogRecord, reason: string, detail: string): Fate {
    const { topic, partition, stage, deadLetters } = this.#options
    const letter = deadLetterOf({ topic, partition, record, reader: stage.name, reason, detail })
    const place = deadLetters(topic, partition)
    this.#output(place.topic, place.partition, `${topic}/${partition}/${record.offset}`, letter, this.#options.binder.current)
    return 'dead-letter'
  }

  #output (topic: string, partition: number, key: string, value: Out | DeadLetter, binding = this.#binding): void {
    const counter = `${topic} ${partition}`
    const sequence = (this.#emitted.get(counter) ?? 0) + 1
    this.#emitted.set(counter, sequence)
    const { offset, at } = this.#position
    this.#outputs.push({ offset, index: this.#index++, topic, partition, key, sequence, value, binding, at })
  }

  frame (): Frame {
    return {
      next: this.next,
      now: this.#clock.now,
      led: this.#clock.led,
      listing: this.#listing,
      marks: this.#marks.entries(),
      emitted: [...this.#emitted].sort(([a], [b]) => a < b ? -1 : 1),
      seen: this.#seen.entries()
    }
  }

  /** Equal in every process that has applied the same records, whatever it restored from. `state`: as in a snapshot. */
  hash (state: Uint8Array = this.#options.stage.snapshot(this.state)): string {
    const frame = createHash('sha256').update(JSON.stringify(this.frame())).digest('hex').slice(0, 16)
    return `${frame}-${stateHash(state)}`
  }
}

// Snapshots: state at an offset, cut into chunks that fit a record, in a compacted topic.
//
//   key   := stage '/' topic '/' partition '/' offset '-' writer '/' (chunk number | 'manifest')
//   body  := length of the frame (uint32) · frame (JSON) · the core's bytes; its chunks in order
//
// A set counts when its manifest is there, every chunk is, and the bytes hash to what the manifest says. The manifest
// is written last, under its own key; `writer` is drawn anew by each process, so that two writers never mix chunks.

import { createHash } from 'node:crypto'
import type { Instant } from '../../schemas/units.ts'
import type { Log, LogRecord, Outgoing } from './log.ts'
import type { Frame } from './machine.ts'
import { readToEnd } from './read.ts'

export type Snapshot = { readonly frame: Frame, readonly state: Uint8Array, readonly hash: string }

export type Manifest = {
  readonly offset: number
  readonly writer: string
  readonly chunks: number
  readonly sha256: string
  /** The machine's, for replicas to compare with theirs. */
  readonly hash: string
}

/** Below what brokers take as one record. */
export const chunkBytesMax = 900_000

export type SnapshotPlace = {
  readonly topic: string
  readonly partition: number
  readonly source: string
  /** Drawn anew by each process. */
  readonly writer: string
  readonly chunkBytes?: number
}

export function packSnapshot ({ frame, state }: Snapshot): Buffer {
  const head = Buffer.from(JSON.stringify(frame))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(head.length)
  return Buffer.concat([length, head, state])
}

function unpackSnapshot (body: Buffer, hash: string): Snapshot {
  const from = 4 + body.readUInt32BE(0)
  return { frame: JSON.parse(body.toString('utf8', 4, from)) as Frame, state: body.subarray(from), hash }
}

function digest (parts: readonly Buffer[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

const keyPattern = /^(.+)\/(\d+)-([\w-]+)\/(\d+|manifest)$/

type Set_ = { offset: number, writer: string, chunks: Map<number, Buffer>, manifest?: Manifest }

/** What is in the topic for one source, newest last; sets that are not complete or not valid included. */
export class SnapshotSets {
  readonly #source: string
  readonly #sets = new Map<string, Set_>()

  constructor (source: string) {
    this.#source = source
  }

  add (record: LogRecord): void {
    const match = keyPattern.exec(record.key?.toString('utf8') ?? '')
    if (match?.[1] !== this.#source) return
    const [, , offset, writer, part] = match as unknown as [string, string, string, string, string]
    const name = `${offset}-${writer}`
    const set = this.#sets.get(name) ?? { offset: Number(offset), writer, chunks: new Map<number, Buffer>() }
    this.#sets.set(name, set)
    if (part === 'manifest') {
      const manifest = record.value === null ? undefined : readManifest(record.value)
      if (manifest === undefined) delete set.manifest
      else set.manifest = manifest
    } else if (record.value === null) {
      set.chunks.delete(Number(part))
    } else {
      set.chunks.set(Number(part), record.value)
    }
  }

  /** Newest first, only those that are complete and whole. */
  * valid (): Generator<Snapshot & { manifest: Manifest }> {
    for (const { manifest, parts } of this.#whole()) {
      yield { ...unpackSnapshot(Buffer.concat(parts), manifest.hash), manifest }
    }
  }

  /** The offset of the second-newest good one: nothing below it is needed any more. */
  secondNewest (): number | undefined {
    const [, second] = this.#whole()
    return second?.manifest.offset
  }

  * #whole (): Generator<{ manifest: Manifest, parts: readonly Buffer[] }> {
    const sets = [...this.#sets.values()].sort((a, b) => b.offset - a.offset)
    for (const { manifest, chunks } of sets) {
      const parts = manifest === undefined ? undefined : partsOf(manifest, chunks)
      if (manifest !== undefined && parts !== undefined) yield { manifest, parts }
    }
  }

  /** Keys of every set below an offset: what may be tombstoned. */
  keysBelow (offset: number): string[] {
    const keys: string[] = []
    for (const [name, set] of this.#sets) {
      if (set.offset >= offset) continue
      if (set.manifest !== undefined) keys.push(`${this.#source}/${name}/manifest`)
      for (const chunk of set.chunks.keys()) keys.push(`${this.#source}/${name}/${chunk}`)
    }
    return keys
  }
}

function partsOf (manifest: Manifest, chunks: Map<number, Buffer>): Buffer[] | undefined {
  const parts: Buffer[] = []
  for (let chunk = 0; chunk < manifest.chunks; chunk++) {
    const part = chunks.get(chunk)
    if (part === undefined) return undefined
    parts.push(part)
  }
  return digest(parts) === manifest.sha256 ? parts : undefined // R7
}

function readManifest (value: Buffer): Manifest | undefined {
  try {
    const manifest = JSON.parse(value.toString('utf8')) as Manifest | null
    const { offset, writer, chunks, sha256, hash } = manifest ?? {}
    const isWhole = Number.isSafeInteger(offset) && Number.isSafeInteger(chunks) &&
      typeof writer === 'string' && typeof sha256 === 'string' && typeof hash === 'string'
    return isWhole ? manifest ?? undefined : undefined
  } catch {
    // Not a manifest: the set does not count, and an older one is used.
    return undefined
  }
}

/** What a manifest record says, for those who compare hashes as they go; undefined for every other record. */
export function manifestOf (record: LogRecord): { source: string, manifest: Manifest } | undefined {
  const match = keyPattern.exec(record.key?.toString('utf8') ?? '')
  if (match === null || match[4] !== 'manifest' || record.value === null) return undefined
  const manifest = readManifest(record.value)
  return manifest === undefined ? undefined : { source: match[1]!, manifest }
}

/** Undefined: part of a snapshot. Null: a key of another kind. Else why it is no good as what its key says. */
export function snapshotFault (record: LogRecord): string | null | undefined {
  const match = keyPattern.exec(record.key?.toString('utf8') ?? '')
  if (match === null) return null
  if (match[4] !== 'manifest' || record.value === null || readManifest(record.value) !== undefined) return undefined
  return 'a manifest that is not one'
}

/** The snapshots of one source in the log. */
export class SnapshotStore {
  readonly #log: Log
  readonly #topic: string
  readonly #partition: number
  readonly #source: string
  readonly #writer: string
  readonly #chunkBytes: number

  constructor (log: Log, place: SnapshotPlace) {
    this.#log = log
    this.#topic = place.topic
    this.#partition = place.partition
    this.#source = place.source.replaceAll(' ', '/')
    this.#writer = place.writer
    this.#chunkBytes = place.chunkBytes ?? chunkBytesMax
  }

  get source (): string {
    return this.#source
  }

  /** Everything there is, read from the start to the end as it was when asked. */
  async sets (): Promise<SnapshotSets> {
    const sets = new SnapshotSets(this.#source)
    await readToEnd(this.#log, { topic: this.#topic, partition: this.#partition }, record => { sets.add(record) })
    return sets
  }

  /**
   * Writes a set; `isCurrent` is asked after every wait. Then reads back, and tombstones what is older than the
   * second-newest good set. Call it once the committed offset has reached the snapshot's.
   */
  async publish (snapshot: Snapshot, isCurrent: () => boolean): Promise<void> {
    const body = packSnapshot(snapshot)
    const name = `${this.#source}/${snapshot.frame.next}-${this.#writer}`
    const chunks = Math.max(1, Math.ceil(body.length / this.#chunkBytes))
    for (let chunk = 0; chunk < chunks; chunk++) { // 1 the chunks, so that a manifest never promises what is not there
      const part = body.subarray(chunk * this.#chunkBytes, (chunk + 1) * this.#chunkBytes)
      await this.#log.send([this.#record(`${name}/${chunk}`, part)])
      if (!isCurrent()) return
    }
    const { hash, frame: { next: offset } } = snapshot
    const manifest: Manifest = { offset, writer: this.#writer, chunks, sha256: digest([body]), hash }
    await this.#log.send([this.#record(`${name}/manifest`, Buffer.from(JSON.stringify(manifest)))]) // 2 the manifest
    if (!isCurrent()) return
    const sets = await this.sets() // 3 read back what is really there
    if (!isCurrent()) return
    const second = sets.secondNewest() // R8
    if (second === undefined) return
    const old = sets.keysBelow(second) // 4 only then let go of what is older than two good ones
    if (old.length > 0) await this.#log.send(old.map(key => this.#record(key, null)))
  }

  #record (key: string, value: Buffer | null): Outgoing {
    return { topic: this.#topic, partition: this.#partition, key, value, headers: {}, timestamp: 0 as Instant }
  }
}

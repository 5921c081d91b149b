// Takes a backup of a market that runs. The numbers in comments are the rules of README.md.

import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { RegistryAddress } from '../../schemas/registry.ts'
import { brokerName, topicOf, topicTable, topics, type Topic } from '../../schemas/topics.ts'
import type { Log, LogRecord } from '../runtime/log.ts'
import { sourceOf } from '../runtime/origin.ts'
import { readStretch } from '../runtime/read.ts'
import { SnapshotSets } from '../runtime/snapshot.ts'
import { ArchiveWriter } from './archive.ts'
import { Cut } from './cut.ts'
import { writeManifest, type Manifest, type PartitionCopy } from './manifest.ts'
import { SchemaCopies } from './schema-copies.ts'

/** A stage by its name and the topic it reads. */
export type Restored = { readonly stage: string, readonly reads: string }

export type BackupOptions = {
  readonly log: Log
  readonly registry: RegistryAddress
  readonly topicPrefix: string
  readonly stages: readonly Restored[]
  /** Is made; must be empty where it is there. */
  readonly dir: string
  readonly takenAt: Date
  readonly progress?: (line: string) => void
}

const isOurs = (subject: string): boolean => subject.startsWith('market.')

export async function backUp (options: BackupOptions): Promise<Manifest> {
  const { dir, registry, takenAt, topicPrefix } = options
  await mkdir(dir, { recursive: true, mode: 0o700 })
  if ((await readdir(dir)).length > 0) throw new Error(`${dir} is not empty: a backup is written into a folder of its own.`)
  const backup = new Backup(options)
  await backup.prepare()
  await backup.take(topics.snapshots) // B2: before the ends of all others are asked for.
  for (const topic of topicTable) if (topic.name !== topics.snapshots.name) await backup.take(topic)
  await backup.close() // B1
  const partitions = await backup.finish()
  backup.check() // B3
  // Whatever a record bears was registered before it was written.
  const schemas = await new SchemaCopies(registry).read(isOurs)
  const manifest: Manifest = { form: 1, takenAt: takenAt.toISOString(), topicPrefix, schemas, partitions }
  await writeManifest(dir, manifest)
  return manifest
}

type Copy = {
  readonly topic: Topic
  readonly partition: number
  readonly writer: ArchiveWriter
  readonly start: number
  end: number
}

const partitionsOf = ({ partitions }: Topic): number[] =>
  Array.from({ length: partitions }, (_, partition) => partition)

class Backup {
  readonly #options: BackupOptions
  readonly #cut = new Cut()
  readonly #copies = new Map<string, Copy>()
  /** Snapshots of each partition that was trimmed, by its place. */
  readonly #needed = new Map<string, SnapshotSets>()

  constructor (options: BackupOptions) {
    this.#options = options
  }

  #name (topic: Topic): string {
    return brokerName(topic, this.#options.topicPrefix)
  }

  async prepare (): Promise<void> {
    for (const { stage, reads } of this.#options.stages) {
      const topic = topicOf(reads)
      const name = this.#name(topic)
      for (const partition of partitionsOf(topic)) {
        if ((await this.#options.log.extent(name, partition)).start === 0) continue
        const source = sourceOf(stage, name, partition).replaceAll(' ', '/')
        this.#needed.set(`${name} ${partition}`, new SnapshotSets(source))
      }
    }
  }

  /** All that is there of a topic now. */
  async take (topic: Topic): Promise<void> {
    this.#options.progress?.(topic.name)
    const { log, dir } = this.#options
    const name = this.#name(topic)
    await Promise.all(partitionsOf(topic).map(async partition => {
      const { start, end } = await log.extent(name, partition)
      const writer = new ArchiveWriter(join(dir, fileOf(name, partition)))
      const copy = { topic, partition, start, end: start, writer }
      this.#copies.set(`${name} ${partition}`, copy)
      await this.#read(copy, end)
      if (topic.cleanup === 'compact' && topic.name !== topics.snapshots.name) await this.#settle(copy)
    }))
  }

  // What a key held when reading began may have been compacted away since: then what it holds now lies beyond.
  async #settle (copy: Copy): Promise<void> {
    for (;;) {
      const { end } = await this.#options.log.extent(this.#name(copy.topic), copy.partition)
      if (end === copy.end) return
      await this.#read(copy, end)
    }
  }

  async #read (copy: Copy, until: number): Promise<void> {
    const { topic, partition, writer, end: from } = copy
    const place = { topic: this.#name(topic), partition }
    let next = from
    await readStretch(this.#options.log, { ...place, from, until }, async records => {
      for (const record of records) {
        if (topic.cleanup === 'delete' && record.offset !== next) {
          throw new Error(`${place.topic}/${partition} has no record at ${next}: it was trimmed while it was read. Take the backup again.`)
        }
        next = record.offset + 1
        this.#see(topic, record)
      }
      await writer.write(records)
    })
    copy.end = until
    this.#cut.set({ ...place, start: copy.start, end: until })
  }

  #see (topic: Topic, record: LogRecord): void {
    this.#cut.see(record)
    if (topic.name !== topics.snapshots.name) return
    for (const sets of this.#needed.values()) sets.add(record)
  }

  /** Reads on until the cause of every record is there. */
  async close (): Promise<void> {
    for (let short = this.#cut.short(); short.length > 0; short = this.#cut.short()) {
      for (const { topic, partition, end, needed } of short) {
        const there = await this.#options.log.extent(topic, partition)
        if (there.end < needed) {
          this.#cut.giveUp({ topic, partition })
          continue
        }
        this.#options.progress?.(`${topic}/${partition}: on from ${end} to ${needed}`)
        await this.#read(this.#copies.get(`${topic} ${partition}`)!, needed)
      }
    }
  }

  /** Every stage can come to where its log begins to be whole. */
  check (): void {
    for (const { stage, reads } of this.#options.stages) {
      const topic = topicOf(reads)
      for (const partition of partitionsOf(topic)) {
        const place = `${this.#name(topic)} ${partition}`
        const { start, end } = this.#copies.get(place)!
        const reaches = (offset: number): boolean => offset >= start && offset <= end
        if (start === 0 || this.#needed.get(place)?.valid().some(({ frame }) => reaches(frame.next)) === true) continue
        throw new Error(`${place} begins at ${start}, and no snapshot of ${stage} that was read reaches it. Take the backup again.`)
      }
    }
  }

  async finish (): Promise<PartitionCopy[]> {
    return await Promise.all(Array.from(this.#copies.values(), async ({ topic, partition, start, end, writer }) => {
      const sha256 = await writer.close()
      const name = this.#name(topic)
      const file = writer.records === 0 ? null : fileOf(name, partition)
      return { topic: name, partition, start, end, records: writer.records, file, sha256 }
    }))
  }
}

const fileOf = (topic: string, partition: number): string => `${topic}.${partition}.jsonl.gz`

// Makes a market of a backup, in a cluster that has none. The numbers in comments are the rules of README.md.

import { join } from 'node:path'
import type { Kafka } from 'kafkajs'
import type { RegistryAddress } from '../../schemas/registry.ts'
import { brokerName, topicTable, topics, type Topic } from '../../schemas/topics.ts'
import type { Instant } from '../../schemas/units.ts'
import { existingTopics, provideTopics, settleTopics } from '../runtime/kafka/topics.ts'
import type { Log, LogRecord, Outgoing, Place } from '../runtime/log.ts'
import { Positions } from '../runtime/positions.ts'
import { readArchive } from './archive.ts'
import { readManifest, type Manifest, type PartitionCopy } from './manifest.ts'
import { SchemaCopies } from './schema-copies.ts'
import { FirstMarks, sinkPlace } from './standing-places.ts'

export type RestoreOptions = {
  readonly dir: string
  readonly kafka: Kafka
  readonly log: Log
  readonly registry: RegistryAddress
  readonly topicPrefix: string
  readonly replicationFactor: number
  readonly progress?: (line: string) => void
}

export async function restore (options: RestoreOptions): Promise<Manifest> {
  const { dir, kafka, registry, topicPrefix, replicationFactor, progress = () => {} } = options
  progress('checking files')
  const manifest = await readManifest(dir)
  refuseOther(manifest, options)
  const there = await existingTopics(kafka, topicPrefix)
  if (there.length > 0) throw new Error(`The cluster has ${there.join(', ')} already. A backup is restored into a cluster that has no market of that name; what an earlier restore left is to be deleted first.`)
  progress('schemas')
  await new SchemaCopies(registry).restore(manifest.schemas) // B6
  const topicOptions = { prefix: topicPrefix, replicationFactor }
  await provideTopics(kafka, { ...topicOptions, isSimulated: true }) // B5
  for (const topic of topicTable) {
    progress(topic.name)
    await new Filling(options, topic, manifest).run()
  }
  await settleTopics(kafka, { ...topicOptions, isSimulated: false }) // B5
  return manifest
}

function refuseOther ({ topicPrefix, partitions }: Manifest, options: RestoreOptions): void {
  if (topicPrefix !== options.topicPrefix) { // B7
    throw new Error(`The backup is of the market whose topics begin with '${topicPrefix}', and TOPIC_PREFIX says '${options.topicPrefix}': origins name topics, so it has to be the same.`)
  }
  const known = new Map(topicTable.map(topic => [brokerName(topic, topicPrefix), topic.partitions]))
  for (const { topic, partition } of partitions) {
    if (partition >= (known.get(topic) ?? 0)) throw new Error(`This release has no ${topic}/${partition}, which is in the backup.`)
  }
}

const recordsAtOnce = 1000
const nobody = { key: null, value: Buffer.alloc(0), headers: {}, timestamp: 0 as Instant }

class Filling {
  readonly #options: RestoreOptions
  readonly #topic: Topic
  readonly #manifest: Manifest
  /** Where sinks stood, as far as it is told in the snapshots. */
  readonly #stood: (Place & { readonly sink: string })[] = []

  constructor (options: RestoreOptions, topic: Topic, manifest: Manifest) {
    this.#options = options
    this.#topic = topic
    this.#manifest = manifest
  }

  get #name (): string {
    return brokerName(this.#topic, this.#options.topicPrefix)
  }

  async run (): Promise<void> {
    const copies = this.#manifest.partitions.filter(({ topic }) => topic === this.#name)
    await Promise.all(copies.map(copy => this.#fill(copy)))
    for (const place of this.#stood) await this.#stand(place)
  }

  async #fill (copy: PartitionCopy): Promise<void> {
    const { log, dir } = this.#options
    const { topic, partition, start, end, file } = copy
    const isCompacted = this.#topic.cleanup === 'compact'
    if (!isCompacted) await this.#fillBelow(copy)
    let next = start
    if (file !== null) {
      for await (const records of readArchive(join(dir, file), recordsAtOnce)) {
        next = isCompacted ? end : next + records.length
        const last = records.at(-1)!.offset
        if (!isCompacted && last !== next - 1) throw new Error(`${file} leaves out a record before ${last}`)
        const kept = records.filter(record => this.#keeps(record))
        await log.send(kept.map(record => outgoing({ topic, partition }, record)))
      }
    }
    const { end: reached } = await log.extent(topic, partition)
    if (!isCompacted && reached !== end) throw new Error(`${topic}/${partition} ends at ${reached}, and should at ${end}.`)
  }

  /** What is below the start takes up its offsets and is gone again. (B4) */
  async #fillBelow ({ topic, partition, start }: PartitionCopy): Promise<void> {
    const { log } = this.#options
    for (let at = 0; at < start; at += recordsAtOnce) {
      const length = Math.min(recordsAtOnce, start - at)
      await log.send(Array.from({ length }, () => ({ ...nobody, topic, partition })))
    }
    if (start > 0) await log.trim(topic, partition, start)
  }

  #keeps (record: LogRecord): boolean {
    if (this.#topic.name !== topics.snapshots.name) return true
    const stood = sinkPlace(record)
    if (stood === null) return true
    if (record.value !== null && !this.#stood.some(other => isSame(other, stood))) this.#stood.push(stood)
    return false
  }

  async #stand ({ sink, topic, partition }: Place & { readonly sink: string }): Promise<void> { // B8
    const { log, dir } = this.#options
    const copy = this.#manifest.partitions.find(other => other.topic === topic && other.partition === partition)
    if (copy === undefined || copy.start === 0) return
    const marks = new FirstMarks(copy.start)
    if (copy.file !== null) {
      for await (const records of readArchive(join(dir, copy.file))) for (const record of records) marks.see(record)
    }
    const positions = new Positions(log, { topic: this.#name, partitions: this.#topic.partitions, name: sink })
    await log.send([positions.record(topic, partition, marks.standing())])
  }
}

const isSame = (one: Place & { sink: string }, other: Place & { sink: string }): boolean =>
  one.sink === other.sink && one.topic === other.topic && one.partition === other.partition

function outgoing (place: Place, { key, value, headers, timestamp }: LogRecord): Outgoing {
  return { ...place, key: key?.toString() ?? null, value, headers, timestamp }
}

// How far the stages and sinks of a replay have come, followed as they say it: stages by their groups' offsets, each
// sink by the positions that it keeps in the log.

import { topicOf, topics, type Topic } from '../../schemas/topics.ts'
import { ledger } from '../ledger/stage.ts'
import { matching } from '../matching/stage.ts'
import type { Context } from '../process/context.ts'
import type { Reading } from '../runtime/log.ts'
import { Positions, type Standing } from '../runtime/positions.ts'
import { deadLettersSink, fillsSink, journalSink, orderUpdatesSink } from '../sinks/kinds.ts'
import { metering } from '../metering/stage.ts'
import { meterEventsSink, unbilledUsageSink } from '../sinks/usage-kinds.ts'
import { accountPartition } from './accounts.ts'

export type WatchedSink = { readonly sink: string, readonly topic: Topic, readonly partition: number }
export type WatchedStage = { readonly name: string, readonly topic: Topic, readonly partition: number }

/** Which parts count, and which of their partitions. */
export type Watching = { readonly stages: readonly WatchedStage[], readonly sinks: readonly WatchedSink[] }

/** The sinks whose position says that all is stored. That of the candles stays at the open minute. */
const watchedSinks = [
  { sink: fillsSink.name, topic: topics.fills },
  { sink: orderUpdatesSink.name, topic: topics.orderUpdates },
  { sink: deadLettersSink.name, topic: topics.deadLetters }
] as const

/** And that of the journal, where the flow goes through accounts. */
const accountSinks = [{ sink: journalSink.name, topic: topics.ledgerEntries }] as const

/** And those of what requests take. */
const usageSinks = [
  { sink: meterEventsSink.name, topic: topics.usage },
  { sink: unbilledUsageSink.name, topic: topics.reconciliation }
] as const

const every = ({ partitions }: Topic): number[] => Array.from({ length: partitions }, (_, partition) => partition)

/** `instrument`: its partition, of topics that are kept by instrument. */
const sinksAt = (kinds: readonly Omit<WatchedSink, 'partition'>[], instrument: number): WatchedSink[] =>
  kinds.flatMap(({ sink, topic }) =>
    (topic === topics.fills ? [instrument] : every(topic)).map(partition => ({ sink, topic, partition })))

const matcherAt = (partition: number): WatchedStage => ({ name: matching().name, topic: topics.orders, partition })

/** What a flow goes through. */
export function watchingFlow (instrument: number, { throughAccounts = false } = {}): Watching {
  const holding = { name: ledger().name, topic: topics.ledger, partition: accountPartition }
  return {
    stages: [...throughAccounts ? [holding] : [], matcherAt(instrument)],
    sinks: sinksAt([...watchedSinks, ...throughAccounts ? accountSinks : []], instrument)
  }
}

/** What usage goes through, in its order. */
export function watchingUsage (instrument: number): Watching {
  const ofHolders = [metering(), ledger()].flatMap(({ name, reads }) => {
    const topic = topicOf(reads)
    return every(topic).map(partition => ({ name, topic, partition }))
  })
  return {
    stages: [...ofHolders, matcherAt(instrument)],
    sinks: sinksAt([...watchedSinks, ...accountSinks, ...usageSinks], instrument)
  }
}

export type Lag = { readonly reached: number, readonly end: number }

export class Standings {
  readonly #context: Context
  readonly #watched: readonly WatchedSink[]
  readonly #positions = new Map<string, number>()
  readonly #readings: Reading[] = []
  readonly #stages: readonly WatchedStage[]

  constructor (context: Context, { stages, sinks }: Watching) {
    this.#context = context
    this.#stages = stages
    this.#watched = sinks
  }

  async open (): Promise<void> {
    const { log, topic, failed } = this.#context
    const snapshots = topic(topics.snapshots.name)
    const keys = new Set(this.#watched.map(watched => this.#key(watched)))
    const partitions = new Set(this.#watched.map(watched => this.#record(watched).partition))
    for (const partition of partitions) {
      const { start } = await log.extent(snapshots, partition)
      this.#readings.push(await log.read({ topic: snapshots, partition, from: start }, batch => {
        for (const { key, value } of batch) {
          const name = key?.toString() ?? ''
          if (value === null || !keys.has(name)) continue
          this.#positions.set(name, (JSON.parse(value.toString()) as Standing).position)
        }
        return Promise.resolve()
      }, failed))
    }
  }

  /** Commands that the stages have answered for good, and those that there are. */
  async matched (): Promise<Lag> {
    const { log, topic } = this.#context
    const committed = await this.#committed()
    const all = await Promise.all(this.#stages.map(async ({ name, topic: { name: reads }, partition }) => {
      const { end } = await log.extent(topic(reads), partition)
      return { end, reached: committed.get(`${name} ${partition}`) ?? 0 }
    }))
    const sum = (of: (lag: Lag) => number): number => all.reduce((total, lag) => total + of(lag), 0)
    return { reached: sum(({ reached }) => reached), end: sum(({ end }) => end) }
  }

  async #committed (): Promise<Map<string, number>> {
    const { log, topic, group } = this.#context
    const committed = new Map<string, number>()
    const reads = new Map(this.#stages.map(({ name, topic: { name: read } }) => [name, read]))
    for (const [name, read] of reads) {
      const offsets = await log.committed(group(name), topic(read))
      for (const [partition, offset] of offsets) committed.set(`${name} ${partition}`, offset)
    }
    return committed
  }

  /** Records that the sinks have stored for good, and those that there are. */
  async stored (): Promise<Lag> {
    const { log, topic } = this.#context
    let reached = 0
    let end = 0
    await Promise.all(this.#watched.map(async watched => {
      const extent = await log.extent(topic(watched.topic.name), watched.partition)
      end += extent.end
      reached += this.#positions.get(this.#key(watched)) ?? 0
    }))
    return { reached, end }
  }

  #key (watched: WatchedSink): string {
    return this.#record(watched).key ?? ''
  }

  #record ({ sink, topic, partition }: WatchedSink) {
    const { log, topic: nameOf } = this.#context
    const { name, partitions } = topics.snapshots
    const positions = new Positions(log, { topic: nameOf(name), partitions, name: sink })
    return positions.record(nameOf(topic.name), partition, { position: 0, marks: [] })
  }

  async close (): Promise<void> {
    await Promise.all(this.#readings.map(reading => reading.close()))
  }
}

// How far the stages and sinks of a replay have come, followed as they say it: stages by their groups' offsets, each
// sink by the positions that it keeps in the log.

import { topics, type Topic } from '../../schemas/topics.ts'
import { ledger } from '../ledger/stage.ts'
import { matching } from '../matching/stage.ts'
import type { Context } from '../process/context.ts'
import type { Reading } from '../runtime/log.ts'
import { Positions, type Standing } from '../runtime/positions.ts'
import { deadLettersSink, fillsSink, journalSink, orderUpdatesSink } from '../sinks/kinds.ts'
import { accountPartition } from './accounts.ts'

type Watched = { readonly sink: string, readonly topic: Topic, readonly partition: number }

/** The sinks whose position says that all is stored. That of the candles stays at the open minute. */
const watchedSinks = [
  { sink: fillsSink.name, topic: topics.fills },
  { sink: orderUpdatesSink.name, topic: topics.orderUpdates },
  { sink: deadLettersSink.name, topic: topics.deadLetters }
] as const

/** And that of the journal, where the flow goes through accounts. */
const accountSinks = [{ sink: journalSink.name, topic: topics.ledgerEntries }] as const

type WatchedStage = { readonly name: string, readonly topic: Topic, readonly partition: number }

export type Lag = { readonly reached: number, readonly end: number }

export class Standings {
  readonly #context: Context
  readonly #watched: Watched[]
  readonly #positions = new Map<string, number>()
  readonly #readings: Reading[] = []
  readonly #stages: readonly WatchedStage[]

  /** `partition`: that of the instrument. */
  constructor (context: Context, partition: number, { throughAccounts = false } = {}) {
    this.#context = context
    const matcher = { name: matching().name, topic: topics.orders, partition }
    const holding = { name: ledger().name, topic: topics.ledger, partition: accountPartition }
    this.#stages = throughAccounts ? [holding, matcher] : [matcher]
    this.#watched = [...watchedSinks, ...throughAccounts ? accountSinks : []].flatMap(({ sink, topic }) => {
      const all = Array.from({ length: topic.partitions }, (_, index) => index)
      const used = topic === topics.fills ? [partition] : all
      return used.map(index => ({ sink, topic, partition: index }))
    })
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
    const { log, topic, group } = this.#context
    let reached = 0
    let end = 0
    for (const { name, topic: { name: reads }, partition } of this.#stages) {
      end += (await log.extent(topic(reads), partition)).end
      reached += (await log.committed(group(name), topic(reads))).get(partition) ?? 0
    }
    return { reached, end }
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

  #key (watched: Watched): string {
    return this.#record(watched).key ?? ''
  }

  #record ({ sink, topic, partition }: Watched) {
    const { log, topic: nameOf } = this.#context
    const { name, partitions } = topics.snapshots
    const positions = new Positions(log, { topic: nameOf(name), partitions, name: sink })
    return positions.record(nameOf(topic.name), partition, { position: 0, marks: [] })
  }

  async close (): Promise<void> {
    await Promise.all(this.#readings.map(reading => reading.close()))
  }
}

// The log replayed from its start in this process: what each stage must have made of what it read, held against what is
// there, record by record. Of the rest of the soak this is the judge: nothing but the log and the cores is asked.

import { createHash, type Hash } from 'node:crypto'
import type { Context } from '../../../pipelines/process/context.ts'
import type { Place } from '../../../pipelines/runtime/log.ts'
import { Machine, type Output } from '../../../pipelines/runtime/machine.ts'
import { Marks, readOrigin } from '../../../pipelines/runtime/origin.ts'
import { readStretch } from '../../../pipelines/runtime/read.ts'
import type { Named, Stage } from '../../../pipelines/runtime/stage.ts'
import { deadLetterPartition, topicOf, topics } from '../../../schemas/topics.ts'

/** Numbered by its emitter for one output partition. */
class Lane {
  readonly #hash: Hash = createHash('sha256')
  count = 0

  add (key: string, value: Buffer): void {
    this.count++
    this.#hash.update(`${key} ${value.length} `).update(value)
  }

  digest (): string {
    return `${this.count} records, ${this.#hash.digest('hex').slice(0, 16)}`
  }
}

type Lanes = Map<string, Lane>

function laneOf (lanes: Lanes, name: string): Lane {
  let lane = lanes.get(name)
  if (lane === undefined) lanes.set(name, lane = new Lane())
  return lane
}

export type Replayed<State> = {
  /** By partition. */
  readonly states: readonly State[]
  readonly records: number
}

/** By partition, the offset up to which a stage's log is replayed. */
export type Until = ReadonlyMap<number, number>

export class LogReplay {
  readonly #context: Context
  readonly #expected: Lanes = new Map<string, Lane>()
  readonly #writes = new Set<string>()
  /** Each with the offset up to which it was replayed. */
  readonly #sources = new Map<string, number>()

  constructor (context: Context) {
    this.#context = context
  }

  /** `hears` is given every output, partition by partition. `until`: what was committed, so that all must be there. */
  async stage<State, In extends Named, Out extends Named> (
    stage: Stage<State, In, Out>, until: Until, hears: (value: Out) => void
  ): Promise<Replayed<State>> {
    const machines = Array.from({ length: topicOf(stage.reads).partitions }, (_, partition) =>
      this.#machine(stage, partition))
    const ends = machines.map((_, partition) => until.get(partition) ?? 0)
    await Promise.all(machines.map((machine, partition) => this.#run(
      machine, { topic: stage.reads, partition, end: ends[partition]! }, output => { hears(output.value as Out) }
    )))
    for (const topic of [...stage.writes, topics.deadLetters.name]) this.#writes.add(topic)
    return { states: machines.map(({ state }) => state), records: ends.reduce((sum, end) => sum + end, 0) }
  }

  #machine<State, In extends Named, Out extends Named> (
    stage: Stage<State, In, Out>, partition: number
  ): Machine<State, In, Out> {
    const { binder, topic } = this.#context
    const deadLetters = (origin: string, from: number) =>
      ({ topic: topics.deadLetters.name, partition: deadLetterPartition(origin, from) })
    return new Machine({ stage, topic: topic(stage.reads), partition, binder, deadLetters })
  }

  async #run<State, In extends Named, Out extends Named> (
    machine: Machine<State, In, Out>, reads: Place & { readonly end: number }, hears: (output: Output) => void
  ): Promise<void> {
    const { log, topic, binder } = this.#context
    const { partition, end } = reads
    const place = { topic: topic(reads.topic), partition }
    const { start } = await log.extent(place.topic, partition)
    if (start > 0) throw new Error(`${place.topic}/${partition} begins at ${start}: it can't be replayed from zero`)
    this.#sources.set(machine.source, end)
    const outputs: Output[] = []
    await readStretch(log, { ...place, from: 0, until: end }, async batch => {
      for (const record of batch) {
        for (const accepted of machine.wanted(record)) await binder.fetch(accepted)
        machine.apply(record, outputs)
        for (const output of outputs.splice(0)) {
          this.#expect(machine.source, output)
          hears(output)
        }
      }
    })
  }

  #expect (source: string, { topic, partition, key, binding, value }: Output): void {
    laneOf(this.#expected, `${source} → ${topic}/${partition}`).add(key, binding.encode(value))
  }

  /** What the stages that were replayed have written that they should not have, or not written that they should. */
  async differences (): Promise<string[]> {
    const found: Lanes = new Map<string, Lane>()
    const gaps: string[] = []
    for (const name of this.#writes) {
      const { partitions } = topicOf(name)
      const places = Array.from({ length: partitions }, (_, partition) => ({ topic: name, partition }))
      await Promise.all(places.map(place => this.#read(place, found, gaps)))
    }
    const names = new Set([...this.#expected.keys(), ...found.keys()])
    const differing = [...names].flatMap(name => {
      const [due, there] = [this.#expected, found].map(lanes => lanes.get(name)?.digest() ?? 'nothing')
      return due === there ? [] : [`${name} holds ${there}, not ${due}`]
    })
    return [...gaps, ...differing]
  }

  async #read ({ topic: name, partition }: Place, found: Lanes, gaps: string[]): Promise<void> {
    const { log, topic } = this.#context
    const marks = new Marks()
    const { start, end } = await log.extent(topic(name), partition)
    await readStretch(log, { topic: topic(name), partition, from: start, until: end }, batch => {
      for (const { headers, key, value, offset } of batch) {
        const origin = headers.origin === undefined ? null : readOrigin(headers.origin)
        // What came of records beyond the replayed ones is not known here.
        if (origin === null || origin.offset >= (this.#sources.get(origin.source) ?? 0)) continue
        const verdict = marks.see(origin)
        if (verdict === 'gap') gaps.push(`${name}/${partition} has a gap at ${offset}`)
        if (verdict === 'new') laneOf(found, `${origin.source} → ${name}/${partition}`).add(String(key), value!)
      }
    })
  }
}

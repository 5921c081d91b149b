// Tells a stage what to do and hears what came of it, from a replica of the stage in this process: the log has the
// command and the stage is a function of its log, so nobody has to be asked, and nobody has to lead.

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { topicOf } from '../../schemas/topics.ts'
import type { Instant } from '../../schemas/units.ts'
import type { Context } from '../process/context.ts'
import { runStage } from '../process/run-stage.ts'
import { readCommandTag, writeCommandTag } from '../runtime/command.ts'
import type { Host } from '../runtime/host.ts'
import type { Outgoing } from '../runtime/log.ts'
import type { Fate } from '../runtime/machine.ts'
import type { Named, Stage } from '../runtime/stage.ts'

/** A command and where it goes; the key is for those who look at the topic. */
export type Told<In> = { readonly partition: number, readonly key: string | null, readonly command: In }

export type Heard<Out> = { readonly fate: Fate, readonly outputs: readonly Out[] }

const validMs = 20_000
/** A little longer than it is valid: then it never counts. */
const patienceMs = 25_000

export class StageClient<State, In extends Named, Out extends Named> {
  readonly #context: Context
  readonly #stage: Stage<State, In, Out>
  readonly #host: Host<State, In, Out>
  readonly #waiting = new Map<string, (heard: Heard<Out>) => void>()

  private constructor (context: Context, stage: Stage<State, In, Out>, partitions: readonly number[]) {
    this.#context = context
    this.#stage = stage
    this.#host = runStage(context, stage, {
      leads: false,
      partitions,
      witness: ({ fate, record, outputs }) => {
        const tag = record.headers.command === undefined ? null : readCommandTag(record.headers.command)
        if (tag !== null) this.#waiting.get(tag.id)?.({ fate, outputs: outputs.map(({ value }) => value as Out) })
      }
    })
  }

  /** Follows the partitions; resolves once it stands where their logs ended. */
  static async open<State, In extends Named, Out extends Named> (
    context: Context, stage: Stage<State, In, Out>, partitions: readonly number[]
  ): Promise<StageClient<State, In, Out>> {
    const client = new StageClient(context, stage, partitions)
    await client.#host.warm()
    return client
  }

  /** As of the last record applied here. */
  state (partition: number): State {
    const machine = this.#host.machine(partition)
    if (machine === undefined) throw new Error(`partition ${partition} of ${this.#stage.name} is not followed here`)
    return machine.state
  }

  /** What each came to, in their order. Throws where one was not heard of: it then never counts. */
  async tell (all: readonly Told<In>[]): Promise<readonly Heard<Out>[]> {
    const { log } = this.#context
    const sent = all.map(told => ({ id: `admin-${randomUUID()}`, told }))
    const heard = Promise.all(sent.map(({ id }) => this.#hear(id)))
    const givingUp = new AbortController()
    const late = sleep(patienceMs, undefined, { signal: givingUp.signal }).then(() => {
      throw new Error(`The log did not bring it back within ${patienceMs / 1000} s. If it is not there by now, it never counts.`)
    })
    late.catch(() => {}) // It is met in the race, if that is still on.
    try {
      await log.send(sent.map(({ id, told }) => this.#record(id, told)))
      return await Promise.race([heard, late])
    } finally {
      givingUp.abort()
      for (const { id } of sent) this.#waiting.delete(id)
    }
  }

  #hear (id: string): Promise<Heard<Out>> {
    return new Promise(resolve => { this.#waiting.set(id, resolve) })
  }

  #record (id: string, { partition, key, command }: Told<In>): Outgoing {
    const { binder, topic } = this.#context
    const at = Date.now() as Instant
    const headers = { command: writeCommandTag({ id, validUntil: at + validMs as Instant }) }
    const value = binder.current.encode(command)
    return { topic: topic(topicOf(this.#stage.reads).name), partition, key, value, headers, timestamp: at }
  }

  async close (): Promise<void> {
    await this.#host.close()
  }
}

/** A command that was not done: refused by its stage, or never taken. */
export class NotDone extends Error {}

const notTaken = 'not taken: this market is of an earlier release, and `admin activate-version` switches it'

type Said = Named & { readonly refusal?: string | null, readonly refused?: boolean, readonly reason?: string }

/** Why a stage did not do what it was told; null: it did. */
export function refusalOf ({ fate, outputs }: Heard<Named>): string | null {
  if (fate === 'dead-letter') return notTaken
  for (const { kind, refusal, refused, reason } of outputs as readonly Said[]) {
    if (kind === 'order-update' && refused === true) return reason ?? ''
    if (kind === 'command-outcome' && refusal != null) return refusal
  }
  return null
}

/** Throws `NotDone` at the first that was not done. */
export function assertDone (told: readonly Told<Named>[], heard: readonly Heard<Named>[]): void {
  for (const [index, each] of heard.entries()) {
    const refusal = refusalOf(each)
    if (refusal !== null) throw new NotDone(`${told[index]?.command.kind ?? 'command'}: ${refusal}`)
  }
}

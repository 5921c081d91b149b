// Writes what a usage replay has to say: commands to the ledger, readings to metering, and time to all that it moves.
//
// Rules
//   S1  Each record has an origin, of the replay's name and the record's own number in its partition. A send of unknown
//       outcome is sent again as it was, before anything else: what was there already is dropped by its reader.
//   S2  Time is the replay's. A clock record goes to every partition of the ledger and of metering, and to that of the
//       instrument, before anything of its step.

import { setTimeout as sleep } from 'node:timers/promises'
import type { MeterEvent } from '../../schemas/usage/records.ts'
import { topics } from '../../schemas/topics.ts'
import { partitionOfHolder, type Instant } from '../../schemas/units.ts'
import type { Context } from '../process/context.ts'
import type { Outgoing } from '../runtime/log.ts'
import { sourceOf, writeOrigin } from '../runtime/origin.ts'
import type { Named } from '../runtime/stage.ts'
import type { OfHolder } from './usage-accounts.ts'

const retryMs = 500

export type Said = { readonly command: OfHolder | MeterEvent, readonly at: Instant }

export type SenderOptions = {
  /** Of the replay: part of every origin. */
  readonly name: string
  /** Of the instrument. */
  readonly partition: number
  readonly signal: AbortSignal
}

export class UsageSender {
  /** Readings written so far. */
  readings = 0
  readonly #context: Context
  readonly #options: SenderOptions
  readonly #source: string
  readonly #sequences = new Map<string, number>()

  constructor (context: Context, options: SenderOptions) {
    this.#context = context
    this.#options = options
    this.#source = sourceOf('replay', options.name, 0)
  }

  /** Resolves once all is in the log. Each partition gets its own in this order. */
  async send (said: readonly Said[]): Promise<void> {
    await this.#append(said.map(each => this.#record(each)))
    this.readings += said.filter(({ command }) => command.kind === 'meter-event').length
  }

  /** Lets time pass. */
  async tick (at: Instant): Promise<void> {
    const { topic, binder } = this.#context
    const value = binder.current.encode({ kind: 'clock', sentAt: at, sender: 'replay' } as Named)
    const places = [topics.ledger, topics.usage].flatMap(({ name, partitions }) =>
      Array.from({ length: partitions }, (_, partition) => ({ name, partition })))
    const clocks = [...places, { name: topics.orders.name, partition: this.#options.partition }]
    await this.#append(clocks.map(({ name, partition }): Outgoing =>
      ({ topic: topic(name), partition, key: null, value, headers: {}, timestamp: at })))
  }

  async #append (records: readonly Outgoing[]): Promise<void> {
    const { log, logger } = this.#context
    for (;;) {
      this.#options.signal.throwIfAborted()
      try {
        await log.send(records)
        return
      } catch (error) {
        logger.warn({ error: String(error) }, 'a send was rejected, and is sent again')
        await sleep(retryMs, undefined, { signal: this.#options.signal })
      }
    }
  }

  #record ({ command, at }: Said): Outgoing {
    const { topic, binder } = this.#context
    const { name, partitions } = command.kind === 'meter-event' ? topics.usage : topics.ledger
    const partition = partitionOfHolder(command.holder, partitions)
    const place = `${name} ${partition}`
    const sequence = (this.#sequences.get(place) ?? 0) + 1
    this.#sequences.set(place, sequence)
    const origin = writeOrigin({ source: this.#source, offset: sequence, index: 0, sequence })
    const value = binder.current.encode(command)
    return { topic: topic(name), partition, key: String(command.holder), value, headers: { origin }, timestamp: at }
  }
}

// The demo's traffic: commands at an even rate, in turn to each instrument, and what the market says of their orders.

import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { OrderCommand, OrderUpdate } from '../../schemas/matching/records.ts'
import { Undecodable } from '../../schemas/codec.ts'
import { topics } from '../../schemas/topics.ts'
import type { Instant } from '../../schemas/units.ts'
import { writeCommandTag } from '../runtime/command.ts'
import type { Log, LogRecord, Outgoing } from '../runtime/log.ts'
import type { Named } from '../runtime/stage.ts'
import { isDemoHolder, type InstrumentFlow } from './flow.ts'

export type Player = { readonly partition: number, readonly flow: InstrumentFlow }

export type TrafficContext = {
  readonly log: Log
  readonly logger: Logger
  readonly topic: (name: string) => string
  readonly encode: (value: Named) => Buffer
  readonly read: (value: Buffer | null) => Named | Promise<Named>
  readonly failed: (error: unknown) => void
}

type Sending = Pick<TrafficContext, 'log' | 'topic' | 'encode'>

/** A command, and the partition of its instrument. */
export type PlacedCommand = { readonly partition: number, readonly command: OrderCommand }

const beatMs = 250
const validityMs = 10_000
/** Before the even rate begins each book is filled by so many commands, within the first seconds. */
const openingCommands = 150
const openingBeats = 10

/** A command as it is sent from outside the log. */
function outgoing (context: Sending, { partition, command }: PlacedCommand): Outgoing {
  const now = Date.now()
  return {
    topic: context.topic(topics.orders.name),
    partition,
    key: command.instrumentId,
    value: context.encode(command),
    headers: { command: writeCommandTag({ id: `demo-${randomUUID()}`, validUntil: now + validityMs as Instant }) },
    timestamp: now as Instant
  }
}

const closing = new Set(['filled', 'cancelled', 'refused', 'expired'])

export class Traffic {
  readonly #context: TrafficContext
  readonly #players: readonly Player[]
  readonly #commandsASecond: number
  #turn = 0
  #owed = 0
  #beats = 0
  #isSending = false
  #timer: NodeJS.Timeout | undefined

  constructor (context: TrafficContext, players: readonly Player[], commandsASecond: number) {
    this.#context = context
    this.#players = players
    this.#commandsASecond = commandsASecond
  }

  /** Hears of what it has ordered before it orders anything. */
  async start (): Promise<void> {
    const { log, topic, failed } = this.#context
    const updates = topic(topics.orderUpdates.name)
    for (let partition = 0; partition < topics.orderUpdates.partitions; partition++) {
      const { end } = await log.extent(updates, partition)
      await log.read({ topic: updates, partition, from: end }, batch => this.#hear(batch), failed)
    }
    this.#timer = setInterval(() => { this.#beat() }, beatMs)
  }

  async #hear (batch: readonly LogRecord[]): Promise<void> {
    for (const { value } of batch) {
      const update = await this.#readUpdate(value)
      if (update === undefined || !isDemoHolder(update.holder) || !closing.has(update.status)) continue
      for (const { flow } of this.#players) flow.closed(update.orderId)
    }
  }

  // Whatever else is on the topic is the business of its sink.
  async #readUpdate (value: Buffer | null): Promise<OrderUpdate | undefined> {
    try {
      const read = await this.#context.read(value)
      return read.kind === 'order-update' ? read as OrderUpdate : undefined
    } catch (error) {
      if (error instanceof Undecodable) return undefined
      throw error
    }
  }

  // While a send is under way nothing more is sent: a broker that was away is not met with all that it missed.
  #beat (): void {
    if (this.#isSending) return
    const opening = this.#beats++ < openingBeats ? openingCommands * this.#players.length / openingBeats : 0
    this.#owed += opening + this.#commandsASecond * beatMs / 1000
    const commands: Outgoing[] = []
    for (; this.#owed >= 1; this.#owed--) {
      const { partition, flow } = this.#players[this.#turn++ % this.#players.length]!
      commands.push(outgoing(this.#context, { partition, command: flow.next() }))
    }
    this.#isSending = true
    this.#context.log.send(commands)
      .catch((error: unknown) => { this.#context.logger.warn({ error: String(error) }, 'orders were not acknowledged') })
      .finally(() => { this.#isSending = false })
  }

  /** Takes every order out of the books. */
  async stop (): Promise<void> {
    clearInterval(this.#timer)
    const cancels = this.#players.flatMap(({ partition, flow }) =>
      flow.cancelAll().map(command => ({ partition, command })))
    await sendAll(this.#context, cancels)
  }
}

export async function sendAll (context: Sending, commands: readonly PlacedCommand[]): Promise<void> {
  await context.log.send(commands.map(placed => outgoing(context, placed)))
}

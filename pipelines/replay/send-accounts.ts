// Sends a flow through accounts: to one partition of the ledger, a block at a time.
//
// Rules
//   A1  An order's id is its command's place in the log, and most recorded orders are cancelled by the next message. So
//       a block is sent only when nothing else is on its way to the partition: it is one batch of the broker's, and
//       where each of its records will stand is known before it is sent.
//   A2  Nothing is on its way once the ledger has answered for the block before, and matching for all that came of it.
//   A3  Each record has an origin, of the flow's name and its own number. After a send of unknown outcome, or in a new
//       run, the translation is made again from the first message, and goes on from what the log has.
//   A4  Time is the flow's, as in send-flow.ts. Matching's time stands at the block's beginning, for its partition has
//       a clock record before each block.

import type { LedgerCommand } from '../../schemas/ledger/commands.ts'
import { topics } from '../../schemas/topics.ts'
import { orderIdAt, type Instant } from '../../schemas/units.ts'
import { ledger } from '../ledger/stage.ts'
import { matching } from '../matching/stage.ts'
import type { Context } from '../process/context.ts'
import type { Outgoing, Place } from '../runtime/log.ts'
import { readOrigin, sourceOf, writeOrigin } from '../runtime/origin.ts'
import { readStretch } from '../runtime/read.ts'
import type { Named } from '../runtime/stage.ts'
import { accountPartition, openingCommands } from './accounts.ts'
import { BareFlow } from './bare-flow.ts'
import type { Flow, FlowMessage } from './flow.ts'
import { flowSource, type SendOptions } from './send-flow.ts'
import { Translation } from './translation.ts'

/** What one send may hold of a partition goes into one batch of the broker's. */
const blockRecordsMax = 1000
/** A clock record and a command. */
const recordsAMessageMax = 2
const messagesAtOnce = 1000
const clockMs = 1000
const pollMs = 4
const retryMs = 500

const accountPlace = ({ topic }: Context): Place => ({ topic: topic(topics.ledger.name), partition: accountPartition })

/** Resolves once all of it is in the log and answered, with what the flow comes to without accounts. */
export async function sendThroughAccounts (context: Context, options: SendOptions): Promise<BareFlow> {
  const { flow, signal } = options
  for (;;) {
    const sent = await offsetsSent(context, flow)
    const passage = new Passage(context, options, sent)
    try {
      if (sent.length === 0) await passage.open()
      for await (const batch of flow.batches(0, messagesAtOnce)) {
        for (const message of batch) await passage.add(message)
      }
      await passage.end()
      return passage.bare
    } catch (error) {
      if (!(error instanceof SendRejected)) throw error
      signal?.throwIfAborted()
      context.logger.warn({ error: String(error.cause) }, 'a send was rejected; the flow goes on from what the log has')
      await context.log.sleep(retryMs)
    }
  }
}

/** Where the flow's messages stand, in their order. */
async function offsetsSent (context: Context, flow: Flow): Promise<number[]> {
  const place = accountPlace(context)
  const { start, end } = await context.log.extent(place.topic, place.partition)
  const source = flowSource(flow)
  const offsets: number[] = []
  await readStretch(context.log, { ...place, from: start, until: end }, batch => {
    for (const { offset, headers: { origin } } of batch) {
      const read = origin === undefined ? null : readOrigin(origin)
      if (read?.source === source && read.sequence === offsets.length + 1) offsets.push(offset)
    }
  })
  return offsets
}

class SendRejected extends Error {}

type Block = {
  /** In records. */
  length: number
  /** Where its first will stand; undefined where it is there already. */
  base: number | undefined
  startsAt: Instant
  readonly records: Outgoing[]
}

class Passage {
  readonly bare: BareFlow
  readonly #context: Context
  readonly #options: SendOptions
  readonly #translation: Translation
  readonly #place: Place
  readonly #orders: Place
  /** Where the messages stand that were there before. A block is there whole or not at all. */
  readonly #sent: readonly number[]
  #block: Block = { length: 0, base: undefined, startsAt: 0 as Instant, records: [] }
  #second = -1

  constructor (context: Context, options: SendOptions, sent: readonly number[]) {
    const { flow, partition } = options
    this.#context = context
    this.#options = options
    this.#sent = sent
    this.#place = accountPlace(context)
    this.#orders = { topic: context.topic(topics.orders.name), partition }
    this.bare = new BareFlow(flow)
    this.#translation = new Translation(this.bare, flow.name)
  }

  /** Accounts, and what is on them. */
  async open (): Promise<void> {
    const { flow } = this.#options
    const source = sourceOf('replay-accounts', flow.name, 0)
    const records = openingCommands(flow.parameters.instrumentId).map((command, number) => {
      const origin = writeOrigin({ source, offset: number, index: 0, sequence: number + 1 })
      return this.#record(command, origin, flow.startsAt)
    })
    await this.#send([this.#clock(this.#place, flow.startsAt), ...records])
  }

  async add (message: FlowMessage): Promise<void> {
    if (this.#block.length > blockRecordsMax - recordsAMessageMax) await this.flush()
    const block = this.#block
    const { sequence, at } = message
    if (block.length === 0) {
      block.startsAt = at
      if (sequence >= this.#sent.length) block.base = await this.#quiet()
    }
    this.#tick(at)
    const offset = this.#sent[sequence] ?? block.base! + block.length
    const command = this.#translation.translate(message, orderIdAt(accountPartition, offset))
    this.#put(() => {
      const origin = { source: flowSource(this.#options.flow), offset: sequence, index: 0, sequence: sequence + 1 }
      return this.#record(command, writeOrigin(origin), at)
    })
  }

  /** Sends the block, unless it is there, and begins the next. */
  async flush (): Promise<void> {
    const { records, startsAt } = this.#block
    if (records.length > 0) {
      const sentAt = Math.floor(startsAt / clockMs) * clockMs as Instant
      await this.#send([this.#clock(this.#orders, sentAt), ...records])
      this.#options.sent?.(this.bare.messages)
    }
    this.#translation.nextBlock()
    this.#block = { length: 0, base: undefined, startsAt: 0 as Instant, records: [] }
  }

  /** Until the last block is answered for. */
  async end (): Promise<void> {
    await this.flush()
    await this.#quiet()
  }

  #put (record: () => Outgoing): void {
    const block = this.#block
    block.length++
    if (block.base !== undefined) block.records.push(record())
  }

  #tick (at: Instant): void {
    const second = Math.floor(at / clockMs)
    if (second <= this.#second) return
    this.#second = second
    const sentAt = second * clockMs as Instant
    this.#put(() => this.#clock(this.#place, sentAt))
  }

  /** A2. Resolves with where the next record of the accounts' partition will stand. */
  async #quiet (): Promise<number> {
    const { log, topic, group } = this.#context
    const stages = [
      { name: ledger().name, place: this.#place },
      { name: matching().name, place: this.#orders }
    ]
    for (const { name, place } of stages) {
      const { end } = await log.extent(place.topic, place.partition)
      for (;;) {
        this.#options.signal?.throwIfAborted()
        const committed = await log.committed(group(name), place.topic)
        if ((committed.get(place.partition) ?? 0) >= end) break
        await log.sleep(pollMs)
      }
    }
    return (await log.extent(topic(topics.ledger.name), this.#place.partition)).end
  }

  async #send (records: readonly Outgoing[]): Promise<void> {
    try {
      await this.#context.log.send(records)
    } catch (cause) {
      throw new SendRejected('a send was rejected', { cause })
    }
  }

  #record (command: LedgerCommand, origin: Buffer, timestamp: Instant): Outgoing {
    const value = this.#context.binder.current.encode(command)
    const key = 'holder' in command ? String(command.holder) : null
    return { ...this.#place, key, value, headers: { origin }, timestamp }
  }

  #clock (place: Place, sentAt: Instant): Outgoing {
    const value = this.#context.binder.current.encode({ kind: 'clock', sentAt, sender: 'replay' } as Named)
    return { ...place, key: null, value, headers: {}, timestamp: sentAt }
  }
}

// What a flow came to that went through accounts, read back from the topics and put into the words of the recording.
//
//   A message became a command of the ledger. What answers it is a refusal by the ledger, which names the command's
//   offset in `ledger`; or it went on, to an offset of `orders`, and matching's answer names that, wherever it is.
//   Order ids are offsets as well, so each leads back to the recorded order.

import type { CommandOutcome, OrderState } from '../../schemas/ledger/records.ts'
import type { Fill, OrderOutcome, OrderUpdate } from '../../schemas/matching/records.ts'
import { topics } from '../../schemas/topics.ts'
import { orderIdAt } from '../../schemas/units.ts'
import { ledger } from '../ledger/stage.ts'
import { matching } from '../matching/stage.ts'
import type { FillsInLog } from '../jobs/reconcile.ts'
import type { Context } from '../process/context.ts'
import type { LogRecord, Place } from '../runtime/log.ts'
import { sourceOf, type Origin } from '../runtime/origin.ts'
import { accountPartition } from './accounts.ts'
import { Answers } from './account-answers.ts'
import type { Flow } from './flow.ts'
import { readRecords } from './read-back.ts'
import { flowSource } from './send-flow.ts'

type Read = (record: LogRecord, origin: Origin) => void

const none = -1
/** The ledger's ids of orders are this far apart, as their offsets are by one. */
const idsAnOffset = orderIdAt(0, 1) - orderIdAt(0, 0)

const closed = new Set(['filled', 'cancelled', 'refused', 'expired'])

export class AccountLog {
  readonly fills: { readonly offset: number, readonly fill: Fill }[] = []
  readonly #context: Context
  readonly #places: { readonly ledger: Place, readonly orders: Place, readonly fills: Place, readonly updates: Place }
  /** Offset in `ledger` → message of the flow; → offset in `orders`. */
  #messages = new Int32Array(0)
  #onwards = new Int32Array(0)
  #refused = new Uint8Array(0)
  /** By offset in `orders`. */
  #answers = new Answers(0)

  constructor (context: Context, partition: number) {
    this.#context = context
    const place = (name: string, of: number): Place => ({ topic: context.topic(name), partition: of })
    this.#places = {
      ledger: place(topics.ledger.name, accountPartition),
      orders: place(topics.orders.name, partition),
      fills: place(topics.fills.name, partition),
      updates: place(topics.orderUpdates.name, accountPartition % topics.orderUpdates.partitions)
    }
  }

  async read (flow: Flow): Promise<void> {
    const { log, binder: { current } } = this.#context
    const places = this.#places
    const { end } = await log.extent(places.ledger.topic, places.ledger.partition)
    this.#messages = new Int32Array(end).fill(none)
    this.#onwards = new Int32Array(end).fill(none)
    this.#refused = new Uint8Array(end)
    this.#answers = new Answers((await log.extent(places.orders.topic, places.orders.partition)).end)
    const fromFlow = flowSource(flow)
    const fromLedger = sourceOf(ledger().name, places.ledger.topic, places.ledger.partition)
    const fromMatching = sourceOf(matching().name, places.orders.topic, places.orders.partition)
    await this.#each(places.ledger, {
      [fromFlow]: ({ offset }, origin) => { this.#messages[offset] = origin.offset },
      [fromMatching]: ({ value }, origin) => {
        const outcome = current.decode(value)
        if (outcome.kind === 'order-outcome') this.#hear(origin.offset, outcome as OrderOutcome)
      }
    })
    await this.#each(places.orders, { [fromLedger]: ({ offset }, origin) => { this.#onwards[origin.offset] = offset } })
    await this.#each(places.updates, {
      [fromLedger]: ({ value }, origin) => {
        if (this.message(origin.offset) === none) return
        const said = current.decode(value) as CommandOutcome | OrderState
        if (said.refusal !== null) this.#refused[origin.offset] = 1
      },
      [fromMatching]: ({ value }, origin) => { this.#answers.put(origin.offset, current.decode(value) as OrderUpdate) }
    })
    await this.#each(places.fills, {
      [fromMatching]: ({ value }, { offset }) => { this.fills.push({ offset, fill: current.decode(value) as Fill }) }
    })
  }

  #hear (offset: number, { cause, refusal, status, price, quantity, filledQuantity, isLast }: OrderOutcome): void {
    if (!isLast) return
    if (cause === 'match') {
      if (closed.has(status)) this.#answers.close(offset)
    } else {
      this.#answers.put(offset, { cause, refused: refusal !== null, status, price, quantity, filledQuantity })
    }
  }

  async #each (place: Place, reads: Readonly<Record<string, Read>>): Promise<void> {
    await readRecords(this.#context, place, (record, origin) => { reads[origin.source]?.(record, origin) })
  }

  /** By sequences, which have no gaps: the last is how many there are. */
  fillsSummary ({ parameters: { instrumentId } }: Flow): FillsInLog[] {
    let [quantity, notional] = [0n, 0n]
    for (const { fill } of this.fills) {
      quantity += BigInt(fill.quantity)
      notional += BigInt(fill.price) * BigInt(fill.quantity)
    }
    const last = this.fills.at(-1)?.fill.sequence
    return last === undefined ? [] : [{ instrumentId, first: 1, last, quantity, notional }]
  }

  /** One past the last offset in `ledger`. */
  get end (): number {
    return this.#messages.length
  }

  /** Of the command at an offset in `ledger`; -1 where none of the flow's stands. */
  message (offset: number): number {
    return this.#messages[offset] ?? none
  }

  messageOfOrder (order: number): number {
    return this.message(Math.floor(order / idsAnOffset))
  }

  /** Where in `orders` a command went on to; -1: nowhere. */
  onward (offset: number): number {
    return this.#onwards[offset] ?? none
  }

  /** True where the ledger itself refused a command. */
  isRefused (offset: number): boolean {
    return this.#refused[offset] === 1
  }

  get answers (): Answers {
    return this.#answers
  }
}

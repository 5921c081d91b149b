// The report stream of a recorded flow, from what matching said: one line an acknowledgement, trade or refusal, hashed
// as it goes. Nothing is kept but the hash and four counts, so it runs beside a topic of any length.
//
//   0,seq,side,id,price,quantity   an order was taken        3,seq,side,id,price,quantity  an order was modified
//   1,seq,price,quantity,maker,taker   a trade               4,seq,id                      a cancel was refused
//   2,seq,side,id,price            an order was cancelled    5,seq,id                      a modification was refused
//   6,seq,id                       an order was refused      (a line of ours: the recorded flow has none)
//
// Lines stand by message, then by their number; lines of one number as they happened.

import assert from 'node:assert/strict'
import { type Hash, createHash } from 'node:crypto'
import type { Fill, MatchingOutput, OrderUpdate, UpdateCause } from '../../schemas/matching/records.ts'
import type { Microdollars } from '../../schemas/units.ts'

/** The reports of all messages below `messages`. */
export type ReportSummary = {
  readonly messages: number
  readonly reports: number
  readonly trades: number
  readonly resting: number
  readonly sha256: string
}

export type ReportOptions = {
  readonly tickSize: Microdollars
  /** How many messages lie between two checkpoints. */
  readonly checkpointMessages?: number
}

const textLengthMax = 2 ** 16
const refusalNumber: Partial<Record<UpdateCause, number>> = { cancel: 4, amend: 5, place: 6 }

export class Reports {
  readonly checkpoints: ReportSummary[] = []
  readonly #tickSize: Microdollars
  readonly #checkpointMessages: number
  readonly #hash: Hash = createHash('sha256')
  #text = ''
  #messages = 0
  #reports = 0
  #trades = 0
  #resting = 0

  constructor ({ tickSize, checkpointMessages = 100_000 }: ReportOptions) {
    this.#tickSize = tickSize
    this.#checkpointMessages = checkpointMessages
  }

  /** Everything one message came to. Messages come in order, none left out: each has an order update at least. */
  add (sequence: number, outputs: readonly MatchingOutput[]): void {
    assert.equal(sequence, this.#messages, 'reports are of messages without gaps')
    const fills = outputs.filter(output => output.kind === 'fill')
    const updates = outputs.filter(output => output.kind === 'order-update')
    for (const update of updates) this.#resting += restingChange(update)
    const answer = updates.find(update => update.cause !== 'match')
    assert(answer !== undefined, `message ${sequence} has no answer`)
    this.#answer(sequence, answer, fills)
    this.#messages++
    if (this.#messages % this.#checkpointMessages === 0) this.checkpoints.push(this.summary())
  }

  summary (): ReportSummary {
    this.#flush()
    return {
      messages: this.#messages,
      reports: this.#reports,
      trades: this.#trades,
      resting: this.#resting,
      sha256: this.#hash.copy().digest('hex')
    }
  }

  #answer (sequence: number, answer: OrderUpdate, fills: readonly Fill[]): void {
    const { cause, side, quantity, filledQuantity } = answer
    const id = answer.orderId - 1
    if (answer.refused) {
      this.#line(`${refusalNumber[cause]},${sequence},${id}`)
      return
    }
    const price = this.#ticks(answer.price)
    const sideNumber = side === 'buy' ? 0 : 1
    if (cause === 'place') this.#line(`0,${sequence},${sideNumber},${id},${price},${quantity}`)
    for (const fill of fills) this.#trade(sequence, fill)
    if (answer.status === 'cancelled') this.#line(`2,${sequence},${sideNumber},${id},${price}`)
    if (cause !== 'amend') return
    // What a modification asked for is what was left before its own trades.
    const traded = fills.reduce((sum, fill) => sum + fill.quantity, 0)
    this.#line(`3,${sequence},${sideNumber},${id},${price},${quantity - filledQuantity + traded}`)
  }

  #trade (sequence: number, fill: Fill): void {
    this.#trades++
    const ids = `${fill.makerOrderId - 1},${fill.takerOrderId - 1}`
    this.#line(`1,${sequence},${this.#ticks(fill.price)},${fill.quantity},${ids}`)
  }

  #ticks (price: Microdollars): number {
    return price / this.#tickSize
  }

  #line (line: string): void {
    this.#text += this.#reports++ === 0 ? line : `\n${line}`
    if (this.#text.length > textLengthMax) this.#flush()
  }

  #flush (): void {
    this.#hash.update(this.#text)
    this.#text = ''
  }
}

const isClosed = ({ status }: OrderUpdate): boolean => status === 'filled' || status === 'cancelled'

function restingChange (update: OrderUpdate): -1 | 0 | 1 {
  if (update.refused) return 0
  if (update.cause === 'place') return isClosed(update) ? 0 : 1
  return isClosed(update) ? -1 : 0
}

// Matching as a reader of its outputs sees it: commands in plain words in, records out.

import { apply, type Command } from '../../../pipelines/matching/apply.ts'
import { Matching } from '../../../pipelines/matching/matching.ts'
import { Tape } from '../../../pipelines/matching/tape.ts'
import { validate } from '../../../pipelines/matching/validate.ts'
import {
  amendDefaults, cancelDefaults, orderDefaults, type AmendOrder, type BookDelta, type Fill, type MatchingOutput,
  type OrderOutcome, type OrderUpdate, type PlaceOrder, type SetParameters
} from '../../../schemas/matching/records.ts'
import {
  basisPoints, holderId, instant, instrumentId, microdollars, orderId, ownerId, units
} from '../../../schemas/units.ts'

export const textPrime = instrumentId('text-prime')
export const tick = 100

export const listing: SetParameters = {
  kind: 'set-parameters',
  instrumentId: textPrime,
  tickSize: microdollars(tick),
  quantityMin: units(1),
  quantityMax: units(10_000),
  referencePrice: microdollars(10_000),
  bandBp: basisPoints(0),
  pauseMs: 30_000
}

export class Market {
  readonly state = new Matching()
  readonly #tape = new Tape()
  readonly #version: number
  at = 1_700_000_000_000

  constructor (parameters: Partial<SetParameters> | null = {}, version = 2) {
    this.#version = version
    if (parameters !== null) this.say({ ...listing, ...parameters })
  }

  say (command: Command, isLate = false): MatchingOutput[] {
    apply(this.state, command, { at: instant(this.at), isLate, version: this.#version }, this.#tape)
    validate(this.state)
    return this.#tape.outputs()
  }

  /** Prices in ticks. An order's holder and owner are its id, unless told otherwise. */
  place (id: number, terms: Partial<PlaceOrder> & { readonly ticks: number }): MatchingOutput[] {
    const { ticks, ...rest } = terms
    return this.say({
      ...orderDefaults,
      kind: 'place-order',
      orderId: orderId(id),
      holder: holderId(id),
      owner: ownerId(id),
      instrumentId: textPrime,
      side: 'buy',
      type: 'limit',
      timeInForce: 'gtc',
      postOnly: false,
      price: microdollars(ticks * tick),
      quantity: units(5),
      selfTradePrevention: 'cancel_newest',
      ...rest
    })
  }

  amend (id: number, terms: Partial<AmendOrder> & { readonly ticks?: number }): MatchingOutput[] {
    const { ticks, ...rest } = terms
    return this.say({
      ...amendDefaults,
      kind: 'amend-order',
      orderId: orderId(id),
      holder: holderId(id),
      instrumentId: textPrime,
      price: ticks === undefined ? null : microdollars(ticks * tick),
      quantity: null,
      quantityIs: 'total',
      ...rest
    })
  }

  cancel (id: number, holder = id): MatchingOutput[] {
    const about = { orderId: orderId(id), holder: holderId(holder), instrumentId: textPrime }
    return this.say({ ...cancelDefaults, kind: 'cancel-order', ...about })
  }
}

export const fills = (outputs: readonly MatchingOutput[]): Fill[] => outputs.filter(output => output.kind === 'fill')
export const updates = (outputs: readonly MatchingOutput[]): OrderUpdate[] =>
  outputs.filter(output => output.kind === 'order-update')
export const outcomes = (outputs: readonly MatchingOutput[]): OrderOutcome[] =>
  outputs.filter(output => output.kind === 'order-outcome')
export const deltas = (outputs: readonly MatchingOutput[]): BookDelta[] =>
  outputs.filter(output => output.kind === 'book-delta')

/** Fills as `maker→taker quantity@ticks`, in order. */
export const trades = (outputs: readonly MatchingOutput[]): string[] => fills(outputs).map(fill =>
  `${fill.makerOrderId}→${fill.takerOrderId} ${fill.quantity}@${fill.price / tick}`)

/** What became of an order: its status, and the reason if there is one. */
export function became (outputs: readonly MatchingOutput[], id: number): string {
  const update = updates(outputs).find(candidate => candidate.orderId === id)
  if (update === undefined) return 'nothing'
  return update.reason === null ? update.status : `${update.status} ${update.reason}`
}

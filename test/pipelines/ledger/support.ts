// The ledger as its callers see it: commands in plain words in, records out; and a matching that does as it is told.

import { apply, type Command } from '../../../pipelines/ledger/apply.ts'
import { Ledger } from '../../../pipelines/ledger/ledger.ts'
import { readSnapshot, writeSnapshot } from '../../../pipelines/ledger/snapshot.ts'
import { validate } from '../../../pipelines/ledger/validate.ts'
import {
  type HolderView, holderView, type OrderView, orderView, type PositionView, positionViews
} from '../../../pipelines/ledger/views.ts'
import { Codec } from '../../../schemas/codec.ts'
import { schemaSet } from '../../../schemas/schema-set.ts'
import type { Deposit, SetHolder, SubmitAmend, SubmitOrder } from '../../../schemas/ledger/commands.ts'
import type { CommandOutcome, JournalEntry, LedgerOutput, OrderState } from '../../../schemas/ledger/records.ts'
import type { Leg, OrderOutcome, PlaceOrder, Role } from '../../../schemas/matching/records.ts'
import {
  holderId, instant, instrumentId, microdollars, type OrderId, orderIdAt, ownerId, periodOf, units
} from '../../../schemas/units.ts'
import { expect } from 'vitest'

export const textPrime = instrumentId('text-prime')
export const ada = holderId(8)
export const ben = holderId(16)
export const dollar = 1_000_000

export const buyOrder: SubmitOrder = {
  kind: 'submit-order',
  holder: ada,
  instrumentId: textPrime,
  side: 'buy',
  type: 'limit',
  timeInForce: 'gtc',
  postOnly: false,
  reduceOnly: false,
  price: microdollars(100_000),
  stopPrice: null,
  quantity: units(10),
  notional: null,
  expiresAt: null,
  oco: null,
  clientOrderId: null,
  content: 'content',
  selfTradePrevention: 'cancel_newest',
  autoTransfer: false,
  bookSequence: null,
  submittedAt: instant(1_700_000_000_000),
  commandId: ''
}

/** What matching says of an order, as far as a test cares. */
export type Said = Partial<Omit<OrderOutcome, 'legs'>> & { readonly legs?: readonly SaidLeg[] }
export type SaidLeg = {
  readonly price: number
  readonly quantity: number
  readonly role?: Role
  readonly grant?: number
}

const wire = new Codec().bind(schemaSet.map(({ name, fingerprint }, id) => ({ name, fingerprint, id })))

/** As it comes off the log: its kind is on the prototype then, where a spread does not see it. */
const asRead = (command: Command): Command => command.kind === 'clock' ? command : wire.decode(wire.encode(command)) as Command

export class Accounts {
  state = new Ledger()
  at = 1_700_000_000_000
  offset = 0
  #sequence = 0
  #fills = 0

  /** Lists text-prime, and opens two holders with 100 dollars each. */
  constructor () {
    this.say({ kind: 'list-instrument', instrumentId: textPrime, index: 1, referencePrice: microdollars(100_900) })
    for (const holder of [ada, ben]) {
      this.open(holder)
      this.deposit(holder, 100 * dollar)
    }
  }

  say (command: Command, isLate = false): LedgerOutput[] {
    const outputs: LedgerOutput[] = []
    const position = { at: instant(this.at), partition: 0, offset: this.offset++, isLate }
    apply(this.state, asRead(command), position, output => outputs.push(output))
    validate(this.state)
    return outputs
  }

  open (holder: number, terms: Partial<SetHolder> = {}): LedgerOutput[] {
    return this.say({ kind: 'set-holder', holder: holderId(holder), owner: ownerId(holder), isIssuer: false, isSuspended: false, ...terms })
  }

  deposit (holder: number, amount: number, terms: Partial<Deposit> = {}): LedgerOutput[] {
    return this.say({ kind: 'deposit', holder: holderId(holder), amount: microdollars(amount), isGrant: false, reference: `d${++this.#sequence}`, ...terms })
  }

  /** Gives a holder units, issued and moved to Trading. */
  supply (holder: number, quantity: number): void {
    const { isSuspended, owner, isIssuer } = this.holder(holder)
    this.open(holder, { owner, isIssuer: true, isSuspended })
    for (const kind of ['issue-supply', 'transfer-issued'] as const) {
      this.say({ kind, holder: holderId(holder), instrumentId: textPrime, quantity: units(quantity), reference: `s${++this.#sequence}` })
    }
    this.open(holder, { owner, isIssuer, isSuspended })
  }

  submit (terms: Partial<SubmitOrder> = {}, isLate = false): { orderId: OrderId, outputs: LedgerOutput[] } {
    const orderId = orderIdAt(0, this.offset)
    return { orderId, outputs: this.say({ ...buyOrder, commandId: `c${this.offset}`, ...terms }, isLate) }
  }

  /** Places an order that is accepted, and rests. */
  rest (terms: Partial<SubmitOrder> = {}): OrderId {
    const { orderId } = this.submit(terms)
    this.matched(orderId)
    return orderId
  }

  amend (orderId: OrderId, terms: Partial<SubmitAmend>): LedgerOutput[] {
    return this.say({ kind: 'submit-amend', holder: ada, orderId, price: null, quantity: null, stopPrice: null, timeInForce: null, expiresAt: null, ...terms })
  }

  cancel (orderId: OrderId, holder = ada): LedgerOutput[] {
    return this.say({ kind: 'submit-cancel', holder, orderId })
  }

  /** Matching answers: by default, that the order rests with what its legs leave. */
  matched (orderId: OrderId, { legs = [], ...said }: Said = {}): LedgerOutput[] {
    return this.say(this.outcome(orderId, { legs, ...said }))
  }

  outcome (orderId: OrderId, { legs = [], ...said }: Said = {}): OrderOutcome {
    const order = this.order(orderId)
    const filledQuantity = legs.reduce<number>((sum, leg) => sum + leg.quantity, order.filledQuantity)
    const filledNotional = legs.reduce<number>((sum, leg) => sum + leg.quantity * leg.price, order.filledNotional)
    const quantity = said.quantity ?? order.quantity
    return {
      kind: 'order-outcome',
      orderId,
      holder: order.holder,
      instrumentId: order.instrumentId,
      cause: 'place',
      refusal: null,
      status: filledQuantity === quantity ? 'filled' : filledQuantity === 0 ? 'resting' : 'partly_filled',
      closureReason: null,
      price: order.price ?? microdollars(0),
      stopPrice: order.stopPrice,
      quantity,
      filledQuantity: units(filledQuantity),
      filledNotional: microdollars(filledNotional),
      expiresAt: order.expiresAt,
      legs: legs.map(leg => ({ sequence: ++this.#fills, role: 'maker', grant: microdollars(0), ...leg } as Leg)),
      isLast: true,
      period: periodOf(instant(this.at)),
      at: instant(this.at),
      ...said
    }
  }

  holder (holder: number = ada): HolderView {
    return holderView(this.state, holderId(holder))!
  }

  order (orderId: OrderId): OrderView {
    return orderView(this.state, orderId)!
  }

  position (holder: number = ada): PositionView {
    return positionViews(this.state, holderId(holder))[0]!
  }

  /** What stays the same when the state goes through its snapshot. */
  restart (): void {
    const bytes = writeSnapshot(this.state)
    this.state = readSnapshot(bytes)
    validate(this.state)
    expect(Buffer.from(writeSnapshot(this.state)).equals(Buffer.from(bytes))).toBe(true)
  }
}

export const entries = (outputs: readonly LedgerOutput[]): JournalEntry[] => outputs.filter(output => output.kind === 'journal-entry')
export const states = (outputs: readonly LedgerOutput[]): OrderState[] => outputs.filter(output => output.kind === 'order-state')
export const outcomes = (outputs: readonly LedgerOutput[]): CommandOutcome[] => outputs.filter(output => output.kind === 'command-outcome')
export const placed = (outputs: readonly LedgerOutput[]): PlaceOrder[] => outputs.filter(output => output.kind === 'place-order')

/** Postings as `account holder asset amount`. */
export const postings = (outputs: readonly LedgerOutput[]): string[][] =>
  entries(outputs).map(({ postings }) => postings.map(({ account, holder, asset, amount }) => `${account} ${holder} ${asset} ${amount}`))

/** Why a command was refused; null: it was not. */
export function refusal (outputs: readonly LedgerOutput[]): string | null {
  const answers = [...states(outputs), ...outcomes(outputs)]
  return answers.map(answer => answer.refusal).find(reason => reason !== null) ?? null
}

// Whether a draw costs more where there are more lots: requests through the ledger's core, each authorised, started
// and captured, of an account that has all its tokens in one lot and of one that has as many in ten thousand. In one
// process, without log or codec; commands are made outside the clock, which is the process's processor time.

import { apply, type Command } from '../../pipelines/ledger/apply.ts'
import { conservation } from '../../pipelines/ledger/conservation.ts'
import { Ledger } from '../../pipelines/ledger/ledger.ts'
import { lotViews } from '../../pipelines/ledger/lots/views.ts'
import { orderDefaults, type OrderOutcome } from '../../schemas/matching/records.ts'
import type { SubmitOrder } from '../../schemas/ledger/commands.ts'
import type { LedgerOutput } from '../../schemas/ledger/records.ts'
import {
  holderId, instant, instrumentId, microdollars, orderIdAt, ownerId, periodOf, tokens, units, type Instant, type Units
} from '../../schemas/units.ts'
import type { BenchOptions } from './bench.ts'
import { median, type BenchRow } from './row.ts'

const startsAt = 1_700_000_000_000
const textPrime = instrumentId('text-prime')
const price = microdollars(100_900)
const holder = holderId(8)
const totalUnits = 10_000
/** A lot has a million: one in a thousand draws ends one and begins the next. */
const tokensEach = 1000
const batchRequests = 1000
const goal = 0.9

type Timed = { readonly command: Command, readonly at: Instant }

class Account {
  readonly state = new Ledger()
  captured = 0n
  #offset = 0
  #requests = 0
  #now = startsAt
  readonly #hear = (output: LedgerOutput): void => {
    if (output.kind === 'journal-entry' && output.usage !== null) this.captured += BigInt(output.usage.billed)
  }

  constructor (lots: number) {
    const at = startsAt as Instant
    const flags = { isIssuer: false, isSuspended: false }
    const amount = microdollars(2 * totalUnits * price)
    const opening: Command[] = [
      { kind: 'list-instrument', instrumentId: textPrime, index: 1, referencePrice: price },
      { kind: 'set-holder', holder, owner: ownerId(holder), ...flags },
      { kind: 'deposit', holder, amount, isGrant: false, reference: 'opening' }
    ]
    for (const command of opening) this.#apply(command, at)
    for (let lot = 0; lot < lots; lot++) this.#buy(units(totalUnits / lots), lot)
    if (lotViews(this.state, holder).length !== lots) throw new Error('as many lots as there should be are not there')
  }

  /** A millisecond after the one before, so that each lot has a deadline of its own. */
  #buy (quantity: Units, number: number): void {
    const at = instant(this.#now++)
    const orderId = orderIdAt(0, this.#offset)
    this.#apply(submitOf(quantity, at, number), at)
    this.#apply(outcomeOf({ orderId, quantity, number, at }), at)
  }

  #apply (command: Command, at: Instant): void {
    apply(this.state, command, { at, partition: 0, offset: this.#offset++, isLate: false }, this.#hear)
  }

  /** The next requests, a millisecond each. Those that have ended are forgotten at clocks. */
  batch (): Timed[] {
    return Array.from({ length: batchRequests }, () => this.#request()).flat()
  }

  #request (): Timed[] {
    const number = this.#requests++
    const at = instant(this.#now++)
    // As a codec reads it: one flat text.
    const requestId = Buffer.from(`request-${number.toString(36).padStart(12, '0')}`).toString('latin1')
    const of = { holder, requestId }
    const need = tokens(tokensEach)
    const capture = { inputTokens: tokens(0.7 * tokensEach), outputTokens: tokens(0.3 * tokensEach), occurredAt: at }
    const commands: Command[] = [
      {
        kind: 'authorize-usage',
        ...of,
        instrumentId: textPrime,
        need,
        min: need,
        recorder: 'gateway',
        limitPrice: null,
        spendMax: null,
        keyId: '',
        budget: null,
        budgetPeriod: 'total',
        managedPrice: null
      },
      { kind: 'start-usage', ...of, nonce: 'first', supplier: holderId(16) },
      {
        kind: 'capture-usage',
        ...of,
        instrumentId: textPrime,
        sequence: 1,
        nonce: 'first',
        source: 'gateway',
        eventId: requestId,
        supplier: holderId(16),
        ...capture
      }
    ]
    if (number % 1000 === 0) commands.push({ kind: 'clock' })
    return commands.map(command => ({ command, at }))
  }

  play (commands: readonly Timed[]): void {
    for (const { command, at } of commands) this.#apply(command, at)
  }
}

function submitOf (quantity: Units, at: Instant, number: number): SubmitOrder {
  return {
    kind: 'submit-order',
    holder,
    instrumentId: textPrime,
    side: 'buy',
    type: 'limit',
    timeInForce: 'gtc',
    postOnly: false,
    reduceOnly: false,
    price,
    stopPrice: null,
    quantity,
    notional: null,
    expiresAt: null,
    oco: null,
    clientOrderId: null,
    content: '',
    selfTradePrevention: 'cancel_newest',
    autoTransfer: true,
    bookSequence: null,
    submittedAt: at,
    commandId: `order-${number}`
  }
}

type Bought = Pick<OrderOutcome, 'orderId' | 'quantity' | 'at'> & { readonly number: number }

function outcomeOf ({ number, ...bought }: Bought): OrderOutcome {
  const { quantity, at } = bought
  return {
    kind: 'order-outcome',
    ...bought,
    holder,
    instrumentId: textPrime,
    cause: 'place',
    refusal: null,
    status: 'filled',
    closureReason: null,
    price,
    stopPrice: orderDefaults.stopPrice,
    filledQuantity: quantity,
    filledNotional: microdollars(price * quantity),
    expiresAt: orderDefaults.expiresAt,
    legs: [{ sequence: number + 1, role: 'taker', price, quantity, grant: microdollars(0) }],
    isLast: true,
    period: periodOf(at)
  }
}

function processorMs (): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Requests a second of processor time. */
function rate (account: Account, batches: number): number {
  let spentMs = 0
  for (let batch = 0; batch < batches; batch++) {
    const next = account.batch()
    const before = processorMs()
    account.play(next)
    spentMs += processorMs() - before
  }
  return batches * batchRequests / spentMs * 1000
}

export function lotDraws ({ small }: BenchOptions): Promise<BenchRow[]> {
  const lots = small ? 100 : 10_000
  const [batches, rounds] = small ? [2, 1] : [100, 9]
  const [one, many] = [new Account(1), new Account(lots)]
  const taken: { one: number, many: number }[] = []
  // The first round of each warms the code and is not kept.
  for (let round = 0; round <= rounds; round++) {
    const [ofOne, ofMany] = [rate(one, batches), rate(many, batches)]
    if (round > 0) taken.push({ one: ofOne, many: ofMany })
  }
  for (const account of [one, many]) assertRight(account, (rounds + 1) * batches * batchRequests)
  const ratio = median(taken.map(each => each.many / each.one))
  return Promise.resolve([{
    name: `draws, ${lots} lots`,
    unit: 'requests/s',
    value: Math.round(median(taken.map(each => each.many))),
    beside: 'one lot',
    besideValue: Math.round(median(taken.map(each => each.one))),
    ratio: Number(ratio.toFixed(3)),
    goal: small ? null : goal,
    ok: small || ratio >= goal,
    conditions: `each request authorised, started and captured in the ledger's core, ${tokensEach} tokens of ${totalUnits} units; ` +
      `${batches * batchRequests} requests a round, ${rounds} rounds, in turns; records made, not encoded; processor time`
  }])
}

function assertRight ({ state, captured }: Account, requests: number): void {
  const expected = BigInt(requests) * BigInt(tokensEach)
  if (captured !== expected) throw new Error(`${captured} tokens were captured, and not ${expected}`)
  if (conservation(state).some(({ sum }) => sum !== 0n)) throw new Error('something was made or lost')
}

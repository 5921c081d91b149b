// The ledger against its naive twin: the same outputs and the same views after every single command, every invariant
// besides, and the same state after a restart in the middle of anything.
//
// LEDGER_SEQUENCES sets how many sequences of commands are tried; 10,000 and more are for a quiet afternoon.

import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { apply } from '../../pipelines/ledger/apply.ts'
import { Ledger } from '../../pipelines/ledger/ledger.ts'
import { readSnapshot, writeSnapshot } from '../../pipelines/ledger/snapshot.ts'
import { validate } from '../../pipelines/ledger/validate.ts'
import {
  type HolderView, type PositionView, holderView, openOrders, positionViews, recentOrders
} from '../../pipelines/ledger/views.ts'
import type { LedgerCommand } from '../../schemas/ledger/commands.ts'
import {
  type LedgerOutput, entryType, holderAccount, houseAccount, ledgerOrderStatus
} from '../../schemas/ledger/records.ts'
import { ledgerRefusal } from '../../schemas/ledger/refusals.ts'
import type { PlaceOrder } from '../../schemas/matching/records.ts'
import { type HolderId, type OrderId, instant } from '../../schemas/units.ts'
import { type Step, holders, instruments, sequences } from './ledger-commands.ts'
import { LedgerNaive } from './ledger-naive.ts'
import { feeOf, filledOf, isOpen, notionalOf } from './ledger-naive-orders.ts'
import { Dice, ScriptedMatching } from './ledger-script.ts'

const numRuns = Number(process.env['LEDGER_SEQUENCES'] ?? 250)
const seed = 20_261_121
const strides = 160
const timeoutMs = 60_000 + numRuns * 100
const startsAt = Date.UTC(2026, 10, 21, 23, 50)

type Command = LedgerCommand | { readonly kind: 'clock' }

const nobodys = { orderId: 1 as OrderId, holder: 8 as HolderId }

/** Both ledgers, the matching that answers them, and what was asked for so far. */
class Pair {
  state = new Ledger()
  readonly twin = new LedgerNaive()
  readonly matching = new ScriptedMatching()
  readonly orders: { orderId: OrderId, holder: HolderId }[] = []
  readonly seen: LedgerOutput[] = []
  at = startsAt
  offset = 0

  constructor () {
    instruments.forEach((instrumentId, index) => { this.say({ kind: 'list-instrument', instrumentId, index, referencePrice: 100 } as never) })
    holders.forEach(holder => {
      const owner = holder === 24 ? 8 : holder
      this.say({ kind: 'set-holder', holder, owner, isIssuer: true, isSuspended: false } as never)
      this.say({ kind: 'deposit', holder, amount: 3000, isGrant: false, reference: 'first' } as never)
      for (const kind of ['issue-supply', 'transfer-issued']) {
        this.say({ kind, holder, instrumentId: 'text-prime', quantity: 12, reference: 'first' } as never)
      }
    })
  }

  say (command: Command, isLate = false): void {
    const position = { at: instant(this.at), partition: 0, offset: this.offset++, isLate }
    const before = command.kind === 'order-outcome' ? this.#bound(command.orderId) : 0
    const outputs: LedgerOutput[] = []
    apply(this.state, command, position, output => outputs.push(output))
    const expected = this.twin.apply(command, position)
    if (!isDeepStrictEqual(outputs, expected)) expect(outputs, `after ${JSON.stringify(command)}`).toEqual(expected)
    validate(this.state)
    this.#compare()
    if (command.kind === 'order-outcome') expect(this.#bound(command.orderId), 'H2').toBeLessThanOrEqual(before)
    this.seen.push(...outputs)
    for (const output of outputs) if (output.kind === 'place-order') this.#place(output)
    this.matching.hear(outputs)
    // What a partition sends itself comes back to it later; here at once, which is as good a moment as any.
    for (const output of outputs) if (output.kind === 'receive-funds' || output.kind === 'return-funds') this.say(output)
  }

  #place ({ orderId, holder, oco }: PlaceOrder): void {
    this.orders.push({ orderId, holder }, ...oco === null ? [] : [{ orderId: oco.orderId, holder }])
  }

  /** H2: what an order has spent and what is held for it; with its pair. */
  #bound (orderId: OrderId): number {
    const order = this.twin.order(orderId)
    if (order === undefined) return 0
    const { cash, grant, units } = this.twin.holdOf(order)
    const other = this.twin.order(order.otherId)
    const spent = [order, ...other === undefined ? [] : [other]].reduce((sum, leg) => sum + (leg.asked.side === 'buy' ? notionalOf(leg) + feeOf(leg) : filledOf(leg)), 0)
    return spent + cash + grant + units
  }

  #compare (): void {
    const { state, twin } = this
    for (const { holder } of twin.holders) {
      const expected = [holderOf(twin, holder), positionsOf(twin, holder), ordersOf(twin, holder)]
      const of = holder as HolderId
      const orders = recentOrders(state, of).map(order => ({ ...order, firstAnswer: null }))
      const found = [holderView(state, of), positionViews(state, of), orders]
      if (!isDeepStrictEqual(found, expected)) expect(found, `holder ${holder}`).toEqual(expected)
      expect(openOrders(state, of).length).toBe(twin.ofHolder(holder).filter(isOpen).length)
    }
  }

  take ({ stride, pauseMs, isLate }: Step): void {
    this.at += pauseMs
    this.matching.now = this.at
    switch (stride.does) {
      case 'say': this.say(stride.command, isLate); break
      case 'submit': {
        const expiresAt = stride.expiresIn === null ? null : this.at + stride.expiresIn
        this.say({ ...stride.terms, expiresAt, commandId: `c${this.offset}` } as never, isLate)
        break
      }
      case 'cancel': this.say({ kind: 'submit-cancel', ...this.#picked(stride) }, isLate); break
      case 'amend': {
        const { expiresIn, ...terms } = stride.terms
        const expiresAt = expiresIn === null ? null : this.at + expiresIn
        this.say({ kind: 'submit-amend', ...this.#picked(stride), ...terms, expiresAt } as never, isLate)
        break
      }
      case 'match': this.matching.act(new Dice(stride.dice)); break
      case 'deliver': {
        for (const outcome of this.matching.said.splice(0, stride.count)) this.say(outcome)
        break
      }
      case 'restart': this.#restart()
    }
  }

  #picked (
    { order, isForeign }: { order: { back: number }, isForeign: boolean }
  ): { holder: HolderId, orderId: OrderId } {
    const found = this.orders.at(-1 - order.back % Math.max(1, this.orders.length)) ?? nobodys
    return { orderId: found.orderId, holder: isForeign ? 16 as HolderId : found.holder }
  }

  #restart (): void {
    const bytes = writeSnapshot(this.state)
    this.state = readSnapshot(bytes)
    validate(this.state)
    expect(Buffer.from(writeSnapshot(this.state)).equals(Buffer.from(bytes))).toBe(true)
  }
}

function holderOf (twin: LedgerNaive, of: number): HolderView {
  const { holder, owner, isIssuer, isSuspended, mode, deadManAt } = twin.holder(of)!
  const usd = (account: 'cash' | 'grant' | 'pending') => twin.balance(account, holder, 'usd')
  const { makerBp, takerBp } = twin.tierOf(holder)
  return {
    holder,
    owner,
    isIssuer,
    isSuspended,
    mode,
    cash: { posted: usd('cash'), held: twin.held(holder, 'cash') },
    grant: { posted: usd('grant'), held: twin.held(holder, 'grant') },
    pending: usd('pending'),
    volume30d: twin.volume(holder),
    makerBp,
    takerBp,
    deadManAt
  } as HolderView
}

function positionsOf (twin: LedgerNaive, holder: number): PositionView[] {
  return twin.positions.filter(position => position.holder === holder).map(({ instrumentId }) => {
    const tranches = twin.tranches.filter(each => each.holder === holder && each.instrumentId === instrumentId)
    return {
      instrumentId,
      trading: { posted: twin.balance('trading', holder, instrumentId), held: twin.held(holder, 'units', instrumentId) },
      issuance: twin.balance('issuance', holder, instrumentId),
      consumption: twin.balance('consumption', holder, `${instrumentId}:tokens`),
      cost: tranches.reduce((sum, { price, units }) => sum + price * units, 0),
      tranches: tranches.map(({ sequence, price, units, grant, isIssued }) =>
        ({ reference: isIssued ? null : `${instrumentId}:${sequence}`, price, units, cost: price * units, grant }))
    } as unknown as PositionView
  })
}

function ordersOf (twin: LedgerNaive, holder: number): unknown[] {
  const all = twin.ofHolder(holder)
  const closed = all.filter(order => !isOpen(order)).toSorted((a, b) => a.closedAt! - b.closedAt! || a.id - b.id)
  return [...all.filter(isOpen), ...closed].map(order => ({
    ...twin.view(order),
    content: order.clientOrderId === null ? null : order.asked.content,
    isOpen: isOpen(order),
    isCancelPending: order.isCancelling,
    isAmendPending: order.amend !== null,
    firstAnswer: null
  }))
}

/** What a record shows that it was there for. */
function * wordsOf (output: LedgerOutput): Generator<string> {
  if ('refusal' in output && output.refusal !== null) yield output.refusal
  if (output.kind === 'journal-entry') {
    yield output.type
    for (const { account } of output.postings) yield account
    if (output.trade !== null && output.trade.grant > 0) yield `grant spent by a ${output.trade.side}`
  } else if (output.kind === 'order-state') {
    yield output.status
    if (output.closureReason !== null) yield output.closureReason
    if (output.otherLeg !== 0 && output.filledQuantity > 0) yield 'a leg filled'
  } else {
    yield output.kind
  }
}

/** What so many sequences must have come across, or they are not worth their time. */
const wanted = new Set<string>([
  ...ledgerRefusal, ...entryType, ...holderAccount, ...houseAccount, ...ledgerOrderStatus.filter(status => status !== 'held'),
  'cancelled', 'partially_filled_no_liquidity', 'swept', 'oco', 'dead_man', 'mode_change', 'suspended',
  'place-order', 'amend-order', 'cancel-order', 'receive-funds', 'return-funds',
  'a leg filled', 'grant spent by a buy', 'grant spent by a sell'
])

describe('the ledger', () => {
  test('agrees with its twin, whatever it is told', () => {
    const seen = new Set<string>()
    fc.assert(fc.property(sequences(strides), sequence => {
      const pair = new Pair()
      for (const step of sequence) pair.take(step)
      for (const output of pair.seen) for (const word of wordsOf(output)) seen.add(word)
    }), { numRuns, seed })
    expect([...wanted].filter(word => !seen.has(word))).toEqual([])
  }, timeoutMs)
})

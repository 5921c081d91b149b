// The ledger and its naive twin side by side, with the matching that answers them; compared after every command.

import { expect } from 'vitest'
import { isDeepStrictEqual } from 'node:util'
import { apply } from '../../pipelines/ledger/apply.ts'
import { Ledger } from '../../pipelines/ledger/ledger.ts'
import { readSnapshot, writeSnapshot } from '../../pipelines/ledger/snapshot.ts'
import { validate } from '../../pipelines/ledger/validate.ts'
import { holderView, openOrders, positionViews, recentOrders } from '../../pipelines/ledger/views.ts'
import { lotViews, sweepPreview } from '../../pipelines/ledger/lots/views.ts'
import { freeTierView, keyView, requestView } from '../../pipelines/ledger/usage/views.ts'
import { type LedgerCommand, ledgerParameters } from '../../schemas/ledger/commands.ts'
import type { LedgerOutput } from '../../schemas/ledger/records.ts'
import type { PlaceOrder } from '../../schemas/matching/records.ts'
import { type HolderId, type OrderId, instant, periodMs } from '../../schemas/units.ts'
import { consumer, guest, holders, instruments } from './ledger-cast.ts'
import type { Pause, Step } from './ledger-commands.ts'
import { LedgerNaive } from './ledger-naive.ts'
import { feeOf, filledOf, isOpen, notionalOf } from './ledger-naive-orders.ts'
import { Dice, ScriptedMatching } from './ledger-script.ts'
import { freeTierOf, holderOf, keyOf, lotsOf, ordersOf, positionsOf, requestOf, sweepOf } from './ledger-seen.ts'
import type { UsageStride } from './usage-commands.ts'
import { commandOf } from './usage-strides.ts'
import { isEnded } from './usage-naive-requests.ts'

const startsAt = Date.UTC(2026, 10, 21, 23, 50)

type Command = LedgerCommand | { readonly kind: 'clock' }

const nobodys = { orderId: 1 as OrderId, holder: 8 as HolderId }

const isOurs = (fault: string): boolean => fault === 'supplier' || fault === 'house'

/** Both ledgers, the matching that answers them, and what was asked for so far. */
export class Pair {
  state = new Ledger()
  readonly twin = new LedgerNaive()
  readonly matching = new ScriptedMatching()
  readonly orders: { orderId: OrderId, holder: HolderId }[] = []
  readonly seen: LedgerOutput[] = []
  at = startsAt
  offset = 0

  constructor () {
    instruments.forEach((instrumentId, index) => { this.say({ kind: 'list-instrument', instrumentId, index, referencePrice: 100 } as never) })
    this.say({ kind: 'set-ledger-parameters', ...ledgerParameters, freeRequestsPerDay: 2, freeOpenMax: 2 } as never)
    holders.forEach(holder => {
      const owner = holder === 24 ? 8 : holder
      this.say({ kind: 'set-holder', holder, owner, isIssuer: true, isSuspended: false } as never)
      this.say({ kind: 'deposit', holder, amount: 3000, isGrant: false, reference: 'first' } as never)
      for (const kind of ['issue-supply', 'transfer-issued']) {
        this.say({ kind, holder, instrumentId: 'text-prime', quantity: 12, reference: 'first' } as never)
      }
    })
    this.say({ kind: 'deposit', holder: 16, amount: 1000, isGrant: true, reference: 'grant' } as never)
    this.say({ kind: 'set-holder', holder: 24, owner: 8, isIssuer: false, isSuspended: false } as never)
    this.say({ kind: 'set-holder', holder: consumer, owner: consumer, isIssuer: false, isSuspended: false } as never)
    this.say({ kind: 'deposit', holder: consumer, amount: 9000, isGrant: false, reference: 'first' } as never)
    this.say({ kind: 'deposit', holder: consumer, amount: 2000, isGrant: true, reference: 'grant' } as never)
    this.say({ kind: 'set-account-mode', holder: consumer, mode: 'easy' } as never)
    this.say({ kind: 'set-holder', holder: guest, owner: guest, isIssuer: false, isSuspended: false } as never)
    this.say({ kind: 'deposit', holder: guest, amount: 3000, isGrant: true, reference: 'first' } as never)
  }

  say (command: Command, isLate = false): void {
    const position = { at: instant(this.at), partition: 0, offset: this.offset++, isLate }
    const before = command.kind === 'order-outcome' ? this.#bound(command.orderId) : 0
    const request = command.kind === 'void-usage' ? this.twin.request(command.holder, command.requestId) : undefined
    // Of lots: cash that a managed supplier does not get is nobody's tokens.
    const heldBefore = request === undefined ? 0 : this.twin.heldBy(request) - request.managed
    const outputs: LedgerOutput[] = []
    apply(this.state, command, position, output => outputs.push(output))
    const expected = this.twin.apply(command, position)
    if (!isDeepStrictEqual(outputs, expected)) expect(outputs, `after ${JSON.stringify(command)}`).toEqual(expected)
    validate(this.state)
    this.#compare()
    if (command.kind === 'order-outcome') expect(this.#bound(command.orderId), 'H2').toBeLessThanOrEqual(before)
    if (command.kind === 'void-usage' && isOurs(command.fault) && request?.status === 'voided' && heldBefore > 0) {
      expect(this.twin.available(command.holder, request.instrumentId), 'L3').toBeGreaterThanOrEqual(heldBefore)
    }
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
    const { lotCount } = twin
    twin.asBooked(() => {
      for (const { holder } of twin.holders) {
        const of = holder as HolderId
        const lots = lotsOf(twin, holder, lotCount)
        const sweep = sweepOf(twin, holder)
        const expected = [holderOf(twin, holder), positionsOf(twin, holder), lots, sweep, ordersOf(twin, holder)]
        const orders = recentOrders(state, of).map(order => ({ ...order, firstAnswer: null }))
        const found = [
          holderView(state, of), positionViews(state, of), lotViews(state, of), sweepPreview(state, of), orders
        ]
        if (!isDeepStrictEqual(found, expected)) expect(found, `holder ${holder}`).toEqual(expected)
        expect(openOrders(state, of).length).toBe(twin.ofHolder(holder).filter(isOpen).length)
      }
    })
    for (const { holder } of twin.holders) {
      const of = holder as HolderId
      expect(freeTierView(state, of)).toEqual(freeTierOf(twin, holder))
      for (const key of ['k1', 'k2']) expect(keyView(state, of, key)).toEqual(keyOf(twin, holder, key))
    }
    for (const request of twin.requests) {
      expect(requestView(state, request.holder as HolderId, request.id)).toEqual(requestOf(twin, request))
    }
  }

  /** About when something falls due by itself; now, where nothing does. */
  #until ({ until, by }: Exclude<Pause, number>): number {
    const { twin, at } = this
    const times = until === 'sweep'
      ? [(Math.floor(at / periodMs) + 1) * periodMs]
      : until === 'expiry'
        ? twin.runs.map(({ lot: { instrumentId, deadline } }) => deadline + twin.stood(instrumentId, at))
        : twin.requests.filter(each => !isEnded(each)).map(({ endsAt, startEndsAt }) => Math.min(endsAt, startEndsAt))
    const ahead = times.map(time => time + by).filter(time => time > at)
    return ahead.length === 0 ? at : Math.min(...ahead)
  }

  take ({ stride, pause, isLate }: Step): void {
    this.at = typeof pause === 'number' ? this.at + pause : this.#until(pause)
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
      case 'deliver': this.#deliver(stride.count); break
      case 'settle': this.#settle(stride.dice); break
      case 'use': this.#use(stride.usage, isLate); break
      case 'restart': this.#restart()
    }
  }

  #use (usage: UsageStride, isLate: boolean): void {
    if (usage.does === 'stock') this.#settle([])
    this.say(commandOf(this.twin, usage, this.at), isLate)
    // Taken whole, and filled whole.
    if (usage.does === 'stock') this.#settle([0, usage.quantity])
  }

  #settle (dice: readonly number[]): void {
    this.matching.settle(new Dice(dice))
    this.#deliver(Infinity)
  }

  #deliver (count: number): void {
    for (const outcome of this.matching.said.splice(0, count)) this.say(outcome)
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

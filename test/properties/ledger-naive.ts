// The naive twin of the ledger: the same rules, slow and obvious. A list of all postings ever made, of which balances
// are the sums; a list of all orders, of which holds are the sums; every fee from all fills of the order's life, in
// bigint; a list of all tokens, sorted anew for every question. It judges the fast one: the same outputs and the same
// views after every command. Here: which command does what.

import type { LedgerCommand } from '../../schemas/ledger/commands.ts'
import type { LedgerOutput } from '../../schemas/ledger/records.ts'
import type { OrderOutcome } from '../../schemas/matching/records.ts'
import type { Position } from '../../pipelines/ledger/ledger.ts'
import { isWhole } from './ledger-naive-checks.ts'
import { type NaiveOrder, isOpen } from './ledger-naive-orders.ts'
import { NaiveUsage } from './usage-naive.ts'

type Command = LedgerCommand | { readonly kind: 'clock' }

/** It does nothing but book, so nothing if it is late. */
const isBooking = ({ kind }: Command): boolean => kind === 'expire-lot' || kind === 'sweep-position'

export class LedgerNaive extends NaiveUsage {
  apply (command: Command, position: Position): LedgerOutput[] {
    this.now = position.at
    this.times.push(this.now)
    this.partition = position.partition
    this.offset = position.offset
    this.outputs = []
    this.fireDeadMen()
    this.passDeadlines()
    const on = position.isLate && isBooking(command) ? null : this.positionOf(command)
    const swept = on === null ? 0 : this.settle(on.holder, on.instrumentId)
    const purchase = command.kind === 'order-outcome' ? this.purchaseOf(command) : undefined
    this.obey(command, position.isLate, swept)
    if (on !== null) this.sweep(on.holder, on.instrumentId, () => this.now)
    if (purchase !== undefined) this.serve(purchase)
    return this.outputs
  }

  obey (command: Command, isLate: boolean, swept: number): void {
    switch (command.kind) {
      case 'submit-order': this.submit(command, isLate); break
      case 'order-outcome': this.outcome(command); break
      case 'submit-cancel': this.cancel(command, isLate); break
      case 'submit-amend': this.amend(command, isLate); break
      case 'cancel-all': this.cancelAll(command, isLate); break
      case 'set-dead-man': this.setDeadMan(command, isLate); break
      case 'set-holder': this.setHolder(command, isLate); break
      case 'set-account-mode': this.setMode(command, isLate); break
      case 'receive-funds': this.receive(command); break
      case 'return-funds': this.takeBack(command); break
      case 'issue-supply':
      case 'transfer-issued':
      case 'transfer-to-consumption': this.supply(command, isLate); break
      case 'list-instrument': this.list(command, isLate); break
      case 'set-ledger-parameters': this.setParameters(command, isLate); break
      case 'reference-price': if (isWhole(command.price, 1, 10 ** 13)) this.references.set(command.instrumentId, command.price); break
      case 'period-closed': break
      case 'authorize-usage': this.authorize(command, isLate); break
      case 'start-usage': this.start(command, isLate); break
      case 'unstart-usage': this.unstart(command, isLate); break
      case 'extend-usage': this.extend(command, isLate); break
      case 'capture-usage': this.capture(command); break
      case 'void-usage': this.void(command, isLate); break
      case 'expire-lot': this.expireLot(command, isLate); break
      case 'sweep-position': this.sweepPosition(command, isLate, swept); break
      case 'stop-clock':
      case 'start-clock': this.setClock(command, isLate); break
      case 'clock': this.forget(); break
      default: this.money(command, isLate)
    }
  }

  /** Looks at everything as it will be once what is due is booked, and leaves it as it is. */
  asBooked <T>(look: () => T): T {
    const { tranches, runs, requests, postings, outputs, entries, lotCount } = this
    Object.assign(this, structuredClone({ tranches, runs, requests }), { postings: [...postings], outputs: [] })
    for (const { holder, instrumentId } of this.positions) this.settle(holder, instrumentId)
    const seen = look()
    Object.assign(this, { tranches, runs, requests, postings, outputs, entries, lotCount })
    return seen
  }

  forget (): void {
    this.orders = this.orders.filter(({ forgetAt }) => forgetAt === null || forgetAt > this.now)
    this.forgetRequests()
  }

  /** What the command is about, where that is a position. */
  positionOf (command: Command): { holder: number, instrumentId: string } | null {
    switch (command.kind) {
      case 'submit-order':
      case 'issue-supply':
      case 'transfer-issued':
      case 'transfer-to-consumption':
      case 'authorize-usage':
      case 'sweep-position': return command
      case 'submit-amend':
      case 'order-outcome': {
        const asked = this.order(command.orderId)?.asked
        return asked?.holder === command.holder ? asked : null
      }
      case 'start-usage':
      case 'unstart-usage':
      case 'extend-usage':
      case 'capture-usage':
      case 'void-usage': return this.request(command.holder, command.requestId) ?? null
      case 'expire-lot': return this.runs.find(({ lot }) => lot.id === command.lotId && lot.holder === command.holder)?.lot ?? null
      default: return null
    }
  }

  /** If it is one, and open. */
  purchaseOf ({ orderId }: OrderOutcome): NaiveOrder | undefined {
    const order = this.order(orderId)
    const isPurchase = this.purchases.some(each => each.orderId === orderId)
    return isPurchase && order !== undefined && isOpen(order) ? order : undefined
  }
}

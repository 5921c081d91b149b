// Who has accounts here: a row a holder, never freed, in the order in which they were opened.

import type { AccountMode } from '../../schemas/ledger/commands.ts'
import type { HolderId } from '../../schemas/units.ts'
import { IdIndex } from './id-index.ts'
import { Rows } from './rows.ts'

/**
 * The fields of a holder's row. What an order touches stands together, eight fields to a line of the processor's cache:
 * with a million accounts, fetching those lines is what an order costs.
 */
export const holderField = {
  id: 0,
  owner: 1,
  flags: 2,
  /** What is posted, holds included. */
  cash: 3,
  cashHeld: 4,
  grant: 5,
  grantHeld: 6,
  firstPosition: 7,

  firstOpen: 8,
  lastOpen: 9,
  /** The ids of the last that closed: of those that are remembered for minutes, and for a day. */
  lastClosed: 10,
  lastReserved: 11,
  /** The last day on which it traded, and what; the days before hang together. */
  day: 12,
  notional: 13,
  firstDay: 14,
  pending: 15,

  lastDay: 16,
  lastPosition: 17,
  /** When all its orders are to be cancelled; 0: no timer. */
  deadManAt: 18,
  /** Requests that wait for a purchase; and these with all that hold. */
  parked: 19,
  openRequests: 20,
  /** The last day on which it asked for something while it had paid nothing in, and how often. */
  freeDay: 21,
  freeRequests: 22
} as const

/** All there is of it; the rest leads to rows of other tables. */
export const holderFieldsSaved: readonly number[] = [
  holderField.id, holderField.owner, holderField.flags, holderField.cash, holderField.cashHeld, holderField.grant,
  holderField.grantHeld, holderField.lastClosed, holderField.lastReserved, holderField.pending, holderField.deadManAt,
  holderField.day, holderField.notional, holderField.freeDay, holderField.freeRequests
]
const width = 24

const issuerFlag = 1
const suspendedFlag = 2
const easyFlag = 4
const paidFlag = 8

export class Holders extends Rows {
  readonly index = new IdIndex(this, holderField.id)

  constructor () {
    super(width)
  }

  of (slot: number, field: number): number { return this.numbers[slot * width + field]! }
  put (slot: number, field: number, value: number): void { this.numbers[slot * width + field] = value }
  add (slot: number, field: number, amount: number): void { this.numbers[slot * width + field]! += amount }

  /** The slot, or 0. */
  find (holder: HolderId): number {
    return this.index.find(holder)
  }

  isIssuer (slot: number): boolean { return (this.of(slot, holderField.flags) & issuerFlag) !== 0 }
  isSuspended (slot: number): boolean { return (this.of(slot, holderField.flags) & suspendedFlag) !== 0 }
  isEasy (slot: number): boolean { return (this.of(slot, holderField.flags) & easyFlag) !== 0 }
  /** Whether money has ever come in that is no grant. */
  hasPaid (slot: number): boolean { return (this.of(slot, holderField.flags) & paidFlag) !== 0 }
  mode (slot: number): AccountMode { return this.isEasy(slot) ? 'easy' : 'advanced' }

  mark (slot: number, { isIssuer, isSuspended }: { isIssuer: boolean, isSuspended: boolean }): void {
    const rest = this.of(slot, holderField.flags) & (easyFlag | paidFlag)
    this.put(slot, holderField.flags, rest | (isIssuer ? issuerFlag : 0) | (isSuspended ? suspendedFlag : 0))
  }

  setMode (slot: number, mode: AccountMode): void {
    const rest = this.of(slot, holderField.flags) & ~easyFlag
    this.put(slot, holderField.flags, rest | (mode === 'easy' ? easyFlag : 0))
  }

  markPaid (slot: number): void {
    this.put(slot, holderField.flags, this.of(slot, holderField.flags) | paidFlag)
  }

  cashAvailable (slot: number): number {
    return this.of(slot, holderField.cash) - this.of(slot, holderField.cashHeld)
  }

  grantAvailable (slot: number): number {
    return this.of(slot, holderField.grant) - this.of(slot, holderField.grantHeld)
  }
}

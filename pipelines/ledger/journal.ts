// Journal entries: what a change of balances is told by. Whoever changes balances says the entry in the same function,
// and the entries of a partition add up to its balances (J1).

import assert from 'node:assert/strict'
import type { EntryType, HolderAccount, HouseAccount, Posting, TradeLeg } from '../../schemas/ledger/records.ts'
import type { LotChange, UsageReceipt } from '../../schemas/ledger/usage-records.ts'
import type { HolderId, InstrumentId, Microdollars } from '../../schemas/units.ts'
import { holderField } from './holders.ts'
import type { Ledger, Say } from './ledger.ts'

export const usd = 'usd'
const house = 0 as HolderId
const none: readonly LotChange[] = []

export type Entry = {
  /** The holder's slot. */
  readonly holder: number
  readonly type: EntryType
  readonly reference: string
  readonly instrumentId: InstrumentId | null
  readonly postings: readonly Posting[]
  readonly cost: number
  readonly trade?: TradeLeg
  readonly lots?: readonly LotChange[]
  readonly usage?: UsageReceipt
}

/** The postings of one entry, as they are put together. */
export class Postings {
  readonly list: Posting[] = []
  readonly #holder: HolderId

  constructor (state: Ledger, holder: number) {
    this.#holder = state.holders.of(holder, holderField.id) as HolderId
  }

  own (account: HolderAccount, asset: string, amount: number): this {
    if (amount !== 0) this.list.push({ account, holder: this.#holder, asset, amount })
    return this
  }

  house (account: HouseAccount, asset: string, amount: number): this {
    if (amount !== 0) this.list.push({ account, holder: house, asset, amount })
    return this
  }
}

export function sayEntry (state: Ledger, entry: Entry, say: Say): void {
  say({
    kind: 'journal-entry',
    sequence: ++state.entrySequence,
    holder: state.holders.of(entry.holder, holderField.id) as HolderId,
    type: entry.type,
    reference: entry.reference,
    instrumentId: entry.instrumentId,
    postings: entry.postings,
    cost: entry.cost as Microdollars,
    trade: entry.trade ?? null,
    bookedAt: state.now,
    lots: entry.lots ?? none,
    usage: entry.usage ?? null
  })
}

/** Adds to a field of the house's money. */
export function addToHouse (state: Ledger, account: keyof Ledger['house'], amount: number): void {
  state.house[account] += amount
  if (!Number.isSafeInteger(state.house[account])) assert.fail(`the house's ${account} passed what a number can hold`)
}

// The books of the ledger's naive twin: all postings ever made, of which balances are the sums. See ledger-naive.ts.

import { type AccountMode, type SetLedgerParameters, ledgerParameters } from '../../schemas/ledger/commands.ts'
import type { EntryType, LedgerOutput, Posting, TradeLeg } from '../../schemas/ledger/records.ts'
import type { LotChange, UsageReceipt } from '../../schemas/ledger/usage-records.ts'
import type { LedgerRefusal, UsageRefusal } from '../../schemas/ledger/refusals.ts'
import type { HolderId, InstrumentId, Instant, Microdollars, OrderId } from '../../schemas/units.ts'

const day = 24 * 60 * 60 * 1000

export type NaiveHolder = {
  holder: number
  owner: number
  isIssuer: boolean
  isSuspended: boolean
  mode: AccountMode
  deadManAt: number | null
  /** Money that is no grant, ever. */
  hasPaid: boolean
}
export type Tranche = {
  holder: number
  instrumentId: string
  sequence: number
  /** In which it was sold; 0: it was issued. */
  period: number
  price: number
  units: number
  grant: number
  isIssued: boolean
}
export type EntryParts = {
  type: EntryType
  reference: string
  instrumentId: string | null
  postings: Posting[]
  cost?: number
  trade?: TradeLeg | null
  lots?: LotChange[]
  usage?: UsageReceipt | null
}
/** What is taken of a tranche. */
export type Piece = Omit<Tranche, 'holder' | 'instrumentId'>
type Answered = { kind: string, holder?: number, reference?: string }

export const posting = (account: Posting['account'], holder: number, asset: string, amount: number): Posting =>
  ({ account, holder: holder as HolderId, asset, amount })

/** Of `whole`, the share that `some` of `all` have, rounded down. */
export const shareOf = (whole: number, some: number, all: number): number =>
  Number(BigInt(whole) * BigInt(some) / BigInt(all))

export const costOf = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum, { units, price }) => sum + units * price, 0)

/** What both halves share: the books. */
export class NaiveBooks {
  now = 0
  partition = 0
  offset = 0
  parameters: Omit<SetLedgerParameters, 'kind'> = ledgerParameters
  holders: NaiveHolder[] = []
  listed = new Map<string, { index: number }>()
  references = new Map<string, number>()
  postings: Posting[] = []
  entries = 0
  tranches: Tranche[] = []
  /** Whoever ever had something of an instrument, in the order in which they first did. */
  positions: { holder: number, instrumentId: string }[] = []
  trades: { holder: number, day: number, notional: number }[] = []
  done = new Map<string, string>()
  outputs: LedgerOutput[] = []

  holder (id: number): NaiveHolder | undefined {
    return this.holders.find(({ holder }) => holder === id)
  }

  balance (account: Posting['account'], holder: number, asset: string): number {
    const sum = this.postings.filter(each => each.account === account && each.holder === holder && each.asset === asset)
      .reduce((total, { amount }) => total + BigInt(amount), 0n)
    return Number(sum)
  }

  tranchesOf (holder: number, instrumentId: string): Tranche[] {
    return this.tranches.filter(tranche => tranche.holder === holder && tranche.instrumentId === instrumentId)
  }

  touch (holder: number, instrumentId: string): void {
    const known = this.positions.some(each => each.holder === holder && each.instrumentId === instrumentId)
    if (!known) this.positions.push({ holder, instrumentId })
  }

  volume (holder: number): number {
    const today = Math.floor(this.now / day)
    return this.trades.filter(trade => trade.holder === holder && trade.day >= today - 30)
      .reduce((sum, { notional }) => sum + notional, 0)
  }

  /** The grant share of what is taken of a tranche is rounded down once. */
  takeOf (tranche: Tranche, units: number): Piece {
    const { sequence, period, price, isIssued } = tranche
    const grant = shareOf(tranche.grant, units, tranche.units)
    tranche.units -= units
    tranche.grant -= grant
    this.tranches = this.tranches.filter(each => each.units > 0)
    return { sequence, period, price, isIssued, units, grant }
  }

  /** Unit by unit from the front. */
  take (from: Tranche[], quantity: number): Piece[] {
    const pieces: Piece[] = []
    let left = quantity
    for (const tranche of from) {
      const units = Math.min(left, tranche.units)
      if (units > 0) pieces.push(this.takeOf(tranche, units))
      left -= units
    }
    return pieces
  }

  book (holder: number, parts: EntryParts): void {
    const { type, reference, instrumentId, postings, cost = 0, trade = null, lots = [], usage = null } = parts
    const real = postings.filter(({ amount }) => amount !== 0)
    this.postings.push(...real)
    this.outputs.push({
      kind: 'journal-entry',
      sequence: ++this.entries,
      holder: holder as HolderId,
      type,
      reference,
      instrumentId: instrumentId as InstrumentId | null,
      postings: real,
      cost: cost as Microdollars,
      trade,
      bookedAt: this.now as Instant,
      lots,
      usage
    })
  }

  answer (
    command: Answered, refusal: LedgerRefusal | UsageRefusal | null, more: { orderId?: number, count?: number } = {}
  ): void {
    this.outputs.push({
      kind: 'command-outcome',
      holder: (command.holder ?? 0) as HolderId,
      command: command.kind,
      refusal: refusal as LedgerRefusal | null,
      orderId: (more.orderId ?? 0) as OrderId,
      count: more.count ?? 0,
      reference: command.reference ?? '',
      at: this.now as Instant
    })
  }
}

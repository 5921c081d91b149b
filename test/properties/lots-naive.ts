// Lots of the ledger's naive twin: every token of every position in one list, sorted anew each time it is looked at.
// Tokens that stand one behind the other are written as a run, since there are a million in a unit; nothing else is
// short. See ledger-naive.ts.

import type { EntryType } from '../../schemas/ledger/records.ts'
import type { LotChange } from '../../schemas/ledger/usage-records.ts'
import { periodMs } from '../../schemas/units.ts'
import { NaiveBooks, type Piece, type Tranche, costOf, posting, shareOf } from './ledger-naive-books.ts'

export const hour = 60 * 60 * 1000
const lifeMs = 4 * hour
const lifeLeftMin = 5 * 60 * 1000
const most = 10 ** 15
const tokensOfUnit = 1_000_000

export type NaiveLot = {
  readonly id: number
  readonly holder: number
  readonly instrumentId: string
  readonly price: number
  readonly sequence: number
  readonly period: number
  readonly openedAt: number
  /** In the age of the instrument. */
  readonly deadline: number
  readonly opened: number
  /** What it cost of grant money. */
  readonly grant: number
  hasExpired: boolean
  /** What became of those that are. */
  readonly gone: Record<'drawn' | 'expired' | 'regranted', number>
}
type NewLot = Pick<NaiveLot, 'holder' | 'instrumentId' | 'price' | 'sequence' | 'period' | 'openedAt' | 'deadline' | 'grant'>
/** Tokens of a lot, one behind the other. Once it has expired some are kept for requests, each for one. */
export type Run = { readonly lot: NaiveLot, count: number, readonly keptFor: object | null }
/** Whoever holds live tokens, oldest first. */
export type Holding = { live: number }
type Owned = {
  readonly holder: number
  readonly instrumentId: string
  readonly id: string
  readonly authorizedAt: number
}
type Toggle = { readonly at: number, readonly isStop: boolean }
type Consumed = {
  type: EntryType
  instrumentId: string
  reference: string
  pieces: Piece[]
  openedAt: number
  lifeFrom?: number
}

const unitsOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, { units }) => sum + units, 0)
/** The grant share of what is gone of a lot. */
export const grantGone = ({ grant, opened, gone: { drawn, expired, regranted } }: NaiveLot): number =>
  shareOf(grant, drawn + expired + regranted, opened)
export const countOf = (runs: readonly Run[]): number => runs.reduce((sum, { count }) => sum + count, 0)

export abstract class NaiveLots extends NaiveBooks {
  runs: Run[] = []
  lotCount = 0
  toggles = new Map<string, Toggle[]>()
  /** The stage times of all records. */
  times: number[] = []

  abstract held (holder: number, name: 'units', instrumentId: string): number
  abstract holdings (holder: number, instrumentId: string): Holding[]

  /** For how long the instrument's clock has stood. */
  stood (instrumentId: string, at: number): number {
    const toggles = this.toggles.get(instrumentId) ?? []
    return toggles.reduce((sum, { at: from, isStop }, index) =>
      isStop ? sum + Math.max(0, Math.min(at, toggles[index + 1]?.at ?? Infinity) - from) : sum, 0)
  }

  age (instrumentId: string, at: number): number {
    return at - this.stood(instrumentId, at)
  }

  /** A second stop, or start, does nothing. A start that comes before its stop counts takes it back. */
  toggle (instrumentId: string, isStop: boolean, effectiveAt: number): void {
    const toggles = this.toggles.get(instrumentId) ?? []
    const last = toggles.at(-1)
    if ((last?.isStop ?? false) === isStop) return
    const at = Math.max(effectiveAt, this.now, last?.at ?? 0)
    const isTakenBack = !isStop && at === last?.at
    this.toggles.set(instrumentId, isTakenBack ? toggles.slice(0, -1) : [...toggles, { at, isStop }])
  }

  /** All tokens of a position, in the order in which they expire. */
  tokensOf (holder: number, instrumentId: string): Run[] {
    return this.runs.filter(({ lot }) => lot.holder === holder && lot.instrumentId === instrumentId).toSorted((a, b) =>
      a.lot.deadline - b.lot.deadline || a.lot.sequence - b.lot.sequence || a.lot.id - b.lot.id)
  }

  hasExpired ({ instrumentId, deadline }: NaiveLot): boolean {
    return deadline <= this.age(instrumentId, this.now)
  }

  /** Those that have not expired, held or not. */
  liveOf (holder: number, instrumentId: string): Run[] {
    return this.tokensOf(holder, instrumentId).filter(({ lot }) => !this.hasExpired(lot))
  }

  liveHeld (holder: number, instrumentId: string): number {
    return this.holdings(holder, instrumentId).reduce((sum, { live }) => sum + live, 0)
  }

  available (holder: number, instrumentId: string): number {
    return countOf(this.liveOf(holder, instrumentId)) - this.liveHeld(holder, instrumentId)
  }

  hasRoom (holder: number, instrumentId: string, units: number): boolean {
    return countOf(this.tokensOf(holder, instrumentId)) + units * tokensOfUnit <= most
  }

  change (lot: NaiveLot, change: LotChange['change'], of: { tokens: number, grant: number }): LotChange {
    return {
      lotId: lot.id,
      change,
      tokens: of.tokens,
      price: lot.price,
      tradeSequence: lot.sequence,
      period: lot.period,
      openedAt: lot.openedAt,
      expiresAt: lot.deadline + this.stood(lot.instrumentId, this.now),
      grant: of.grant
    } as unknown as LotChange
  }

  open (terms: NewLot, tokens: number): LotChange {
    const gone = { drawn: 0, expired: 0, regranted: 0 }
    const lot = { ...terms, id: ++this.lotCount * 64 + this.partition, opened: tokens, hasExpired: false, gone }
    this.runs.push({ lot, count: tokens, keptFor: null })
    return this.change(lot, 'opened', { tokens, grant: lot.grant })
  }

  /** From the front of the list. However often something is taken of a lot, its grant share is off by less than 1. */
  takeTokens (from: readonly Run[], tokens: number, change: keyof NaiveLot['gone']): LotChange[] {
    const changes: LotChange[] = []
    let left = tokens
    for (const run of from) {
      const count = Math.min(run.count, left)
      if (count === 0) continue
      const before = grantGone(run.lot)
      run.count -= count
      run.lot.gone[change] += count
      const grant = grantGone(run.lot) - before
      changes.push(this.change(run.lot, change, { tokens: count, grant }))
      left -= count
    }
    this.runs = this.runs.filter(({ count }) => count > 0)
    return changes
  }

  /** Units of tranches become tokens of lots, one lot a tranche. */
  consume (holder: number, { type, instrumentId, reference, pieces, openedAt, lifeFrom = 0 }: Consumed): void {
    const quantity = unitsOf(pieces)
    const tokens = `${instrumentId}:tokens`
    const postings = [
      posting('trading', holder, instrumentId, -quantity), posting('conversion', 0, instrumentId, quantity),
      posting('conversion', 0, tokens, -tokensOfUnit * quantity),
      posting('consumption', holder, tokens, tokensOfUnit * quantity)
    ]
    const age = (at: number): number => this.age(instrumentId, at)
    const deadline = Math.max(age(openedAt) + lifeMs, age(lifeFrom) + lifeLeftMin)
    const lots = pieces.map(({ units, price, sequence, period, grant }) =>
      this.open({ holder, instrumentId, price, sequence, period, openedAt, deadline, grant }, units * tokensOfUnit))
    this.book(holder, { type, reference, instrumentId, postings, cost: costOf(pieces), lots })
  }

  /** What the past brings to a position: sweeps, the oldest first, then expiries. Says how many units were swept. */
  settle (holder: number, instrumentId: string): number {
    const units = this.sweep(holder, instrumentId, sweepAt => this.times.find(time => time >= sweepAt)!)
    this.expire(holder, instrumentId)
    return units
  }

  /** A cohort at a time; `lifeFrom` says since when the least that a lot has left is counted. */
  sweep (holder: number, instrumentId: string, lifeFrom: (sweepAt: number) => number): number {
    let swept = 0
    const cohorts = new Set(this.tranchesOf(holder, instrumentId).map(tranche => tranche.period))
    for (const period of [...cohorts].sort((a, b) => a - b)) {
      const openedAt = (period + 1) * periodMs
      if (openedAt > this.now) continue
      const pieces: Piece[] = []
      for (const { tranche, units } of this.movable(holder, instrumentId)) {
        const isFitting = this.hasRoom(holder, instrumentId, unitsOf(pieces) + units)
        if (tranche.period === period && isFitting) pieces.push(this.takeOf(tranche, units))
      }
      if (pieces.length === 0) continue
      swept += unitsOf(pieces)
      const reference = `sweep:${instrumentId}:${period + 1}`
      this.consume(holder, { type: 'sweep', instrumentId, reference, pieces, openedAt, lifeFrom: lifeFrom(openedAt) })
    }
    return swept
  }

  /** What orders hold are the oldest units, but issued ones before all others; issued ones never move. */
  movable (holder: number, instrumentId: string): { tranche: Tranche, units: number }[] {
    const tranches = this.tranchesOf(holder, instrumentId)
    const inOrder = [...tranches.filter(({ isIssued }) => isIssued), ...tranches.filter(({ isIssued }) => !isIssued)]
    let held = this.held(holder, 'units', instrumentId)
    const found = []
    for (const tranche of inOrder) {
      const heldOfIt = Math.min(held, tranche.units)
      held -= heldOfIt
      if (!tranche.isIssued && tranche.units > heldOfIt) found.push({ tranche, units: tranche.units - heldOfIt })
    }
    return found
  }

  /** Held are the first tokens of the list: of a lot that expires they go to the oldest holdings, in turn. */
  expire (holder: number, instrumentId: string): void {
    for (const run of this.tokensOf(holder, instrumentId)) {
      if (run.lot.hasExpired || !this.hasExpired(run.lot)) continue
      run.lot.hasExpired = true
      for (const holding of this.holdings(holder, instrumentId)) {
        const count = Math.min(holding.live, run.count)
        holding.live -= count
        run.count -= count
        if (count > 0) this.runs.push({ lot: run.lot, count, keptFor: holding })
      }
    }
    this.runs = this.runs.filter(({ count }) => count > 0)
  }

  keptFor (holding: Holding & Pick<Owned, 'holder' | 'instrumentId'>): Run[] {
    return this.tokensOf(holding.holder, holding.instrumentId).filter(({ keptFor }) => keptFor === holding)
  }

  /** Says how many tokens there were that nobody keeps. Null: it has not expired. */
  breakLot (holder: number, lotId: number): number | null {
    const runs = this.runs.filter(({ lot }) => lot.id === lotId && lot.holder === holder)
    if (runs.some(({ lot }) => !this.hasExpired(lot))) return null
    const run = runs.find(({ keptFor }) => keptFor === null)
    if (run === undefined) return 0
    const { lot: { instrumentId }, count } = run
    this.breakTokens({ holder, instrumentId, reference: `lot:${lotId}` }, [run])
    return count
  }

  breakTokens (of: { holder: number, instrumentId: string, reference: string }, runs: Run[]): void {
    const { holder, instrumentId, reference } = of
    const count = countOf(runs)
    const tokens = `${instrumentId}:tokens`
    const postings = [posting('consumption', holder, tokens, -count), posting('breakage', 0, tokens, count)]
    const lots = this.takeTokens(runs, count, 'expired')
    this.book(holder, { type: 'breakage', reference, instrumentId, postings, lots })
  }

  /** Nothing is held any more. Expired tokens that were kept are given anew, one lot each, or broken. */
  giveUp (holding: Holding & Owned, isRegranted: boolean): void {
    const { holder, instrumentId, id, authorizedAt } = holding
    holding.live = 0
    const kept = this.keptFor(holding)
    if (kept.length === 0) return
    if (!isRegranted) {
      this.breakTokens({ holder, instrumentId, reference: id }, kept)
      return
    }
    const lots = kept.flatMap(run => {
      const { lot, count } = run
      const left = Math.min(lifeMs, Math.max(lifeLeftMin, lot.deadline - this.age(instrumentId, authorizedAt)))
      const [gone] = this.takeTokens([run], count, 'regranted') as [LotChange]
      const anew = { ...lot, openedAt: this.now, deadline: this.age(instrumentId, this.now) + left, grant: gone.grant }
      return [gone, this.open(anew, count)]
    })
    this.book(holder, { type: 'regrant', reference: id, instrumentId, postings: [], lots })
  }
}

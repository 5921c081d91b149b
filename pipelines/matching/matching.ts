// The state of one partition: one instrument, its parameters, whether it trades, and its book.

import type { SetParameters, TradingStatus } from '../../schemas/matching/records.ts'
import {
  type InstrumentId, type Instant, type Microdollars, type Side, type Units, periodOf
} from '../../schemas/units.ts'
import { Book, noBuy, noSell } from './book.ts'
import { SlotQueue } from './slot-queue.ts'
import { Stops } from './stops.ts'
import { TradeWindow } from './trade-window.ts'

/** What a core needs of a record's place in the log. */
export type Position = {
  readonly at: Instant
  readonly isLate: boolean
  /** The version of behaviour that the log has switched on; the first where nothing is said. */
  readonly version?: number
}

/** From this version on there are stops, expiries, second legs, orders by notional, sweeps, talk with the ledger. */
export const ledgerVersion = 2

/** What an instrument trades by: the last set-parameters that was accepted. */
export type Parameters = Omit<SetParameters, 'kind'>

export type LastTrade = {
  readonly price: Microdollars
  readonly quantity: Units
  readonly takerSide: Side
  readonly at: Instant
}

/** A level that lost an order in passing: its other leg closed or filled. */
export type Beside = { readonly ticks: number, readonly isSell: boolean }

const minuteMs = 60_000

export class Matching {
  /** The highest version of behaviour that a record came with. */
  version = 1
  /** Null until the partition's instrument is listed. */
  parameters: Parameters | null = null
  status: TradingStatus = 'open'
  /** Stage time. It never goes back; the runtime sees to it. */
  now = 0 as Instant
  /** The sweep period that matching is in; 0 before the first. It never goes back, and may be ahead of `now`. */
  period = 0
  /** Cancels only before this instant. */
  pausedUntil = 0 as Instant
  /** Of the last fill, of the last book delta; 0 before the first. */
  fillSequence = 0
  deltaSequence = 0
  lastTrade: LastTrade | null = null
  readonly window = new TradeWindow()
  readonly book = new Book()
  /** Orders that wait for a last trade. */
  readonly stops = new Stops(this.book.orders)
  /** Orders that expire, resting or waiting: by when, then by id. */
  readonly expiries = new SlotQueue()
  /** The first record at or after this says the reference to the ledger, if it is not what was last said. */
  referenceDueAt = 0 as Instant
  isReferenceDue = false
  referenceSaid = 0 as Microdollars

  /** The levels the command in hand has traded at or cancelled from, best first. Empty between commands. */
  readonly taken: number[] = []
  /** Levels that lost a second leg meanwhile. Empty between steps. */
  readonly beside: Beside[] = []
  /** Of the parameters; 0 until there are any. Its inverse turns prices into ticks. */
  tickSize = 0
  instrumentId: InstrumentId | null = null
  quantityMin = 0
  quantityMax = 0
  #ticksPerPrice = 0
  #edgeLow: number = noBuy
  #edgeHigh: number = noSell
  #hasBand = false
  #edgesAreStale = false

  /** The tick nearest to a price: the price is on it exactly when their product says so. */
  ticksAt (price: number): number {
    return (price * this.#ticksPerPrice + 0.5) | 0
  }

  get isPaused (): boolean {
    return this.now < this.pausedUntil
  }

  get isTrading (): boolean {
    return this.status === 'open' && this.now >= this.pausedUntil
  }

  get knowsLedger (): boolean {
    return this.version >= ledgerVersion
  }

  /** Lets time pass; true when it does. */
  advance ({ at, version = 1 }: Position): boolean {
    if (at === this.now && version <= this.version) return false
    this.version = Math.max(version, this.version)
    this.now = at
    if (this.window.advance(at)) this.#edgesAreStale = this.#hasBand
    this.noteMinute()
    return true
  }

  /**
   * Enters the period that has begun, by time or because an order is stamped with it. True when it left another: the
   * first one is entered silently, for nothing was sold before it.
   */
  enterPeriod (stamp: number): boolean {
    const { period: before } = this
    const period = Math.max(periodOf(this.now), stamp)
    if (!this.knowsLedger || period <= before) return false
    this.period = period
    return before !== 0
  }

  /** Whether this record says the reference: time has passed, or there is one only now. */
  noteMinute (): void {
    this.isReferenceDue = this.knowsLedger && this.now >= this.referenceDueAt
  }

  /** The reference is said, or need not be, until the minute is over. */
  startMinute (): void {
    this.referenceDueAt = (Math.floor(this.now / minuteMs) + 1) * minuteMs as Instant
  }

  recordTrade (trade: LastTrade): void {
    this.lastTrade = trade
    this.window.add(trade.at, trade.price, trade.quantity)
    this.#edgesAreStale = this.#hasBand
  }

  /** Matching works through a level before it goes to the next, so only the last can be named again. */
  noteTaken (ticks: number): void {
    if (this.taken.at(-1) !== ticks) this.taken.push(ticks)
  }

  pause (): void {
    this.pausedUntil = this.now + this.parameters!.pauseMs as Instant
  }

  list (parameters: Parameters): void {
    this.parameters = parameters
    this.tickSize = parameters.tickSize
    this.instrumentId = parameters.instrumentId
    this.quantityMin = parameters.quantityMin
    this.quantityMax = parameters.quantityMax
    this.#ticksPerPrice = 1 / parameters.tickSize
    this.#hasBand = parameters.bandBp !== 0
    this.#edgesAreStale = this.#hasBand
    this.#edgeLow = noBuy
    this.#edgeHigh = noSell
  }

  /** What bands are measured from. */
  get reference (): Microdollars {
    if (!this.window.isEmpty) return this.window.mean()
    return this.lastTrade?.price ?? this.parameters!.referencePrice
  }

  /** The lowest tick a sell may be priced at. Off the ladder's end when bands are off. */
  get edgeLow (): number {
    if (this.#edgesAreStale) this.#measureEdges()
    return this.#edgeLow
  }

  /** The highest tick a buy may be priced at. Off the ladder's end when bands are off. */
  get edgeHigh (): number {
    if (this.#edgesAreStale) this.#measureEdges()
    return this.#edgeHigh
  }

  #measureEdges (): void {
    const { reference, tickSize } = this
    const bandBp = this.parameters!.bandBp
    // Whole by halves, so that the product stays below 2^53.
    const width = Math.floor(reference / 10_000) * bandBp + Math.floor((reference % 10_000) * bandBp / 10_000)
    this.#edgeLow = Math.ceil((reference - width) / tickSize)
    this.#edgeHigh = Math.floor((reference + width) / tickSize)
    this.#edgesAreStale = false
  }
}

// What a holder has of an instrument: units in Trading and Issuance, tokens in Consumption; and the tranches of what is
// in Trading. A row a holder and instrument, never freed; a holder's hang together, and are few.

import { holderField, type Holders } from './holders.ts'
import { Rows } from './rows.ts'

/** The fields of a position's row; what an order touches comes first. */
export const positionField = {
  /** The instrument's index. */
  instrument: 0,
  /** Units, holds included. */
  trading: 1,
  tradingHeld: 2,
  openOrders: 3,
  firstTranche: 4,
  lastTranche: 5,
  /**
   * The sweep period in which it was found to have no live lots, nothing held back and no purchase; else 0. While that
   * is so nothing can come due on it, and an order looks no further than this line of the processor's cache.
   */
  calmIn: 6,
  next: 7,

  /** The holder's slot. */
  holder: 8,
  /** Units. */
  issuance: 9,
  /** Of those in Trading, the ones that the holder issued. */
  issued: 10,
  /** The sweep period in which its older tranches were last swept. */
  sweptPeriod: 11,
  /** Units of older tranches that could not be swept: held, or no room for them. */
  heldBack: 12,
  /** Its lots by deadline, and the first that has not expired. */
  firstLot: 13,
  lastLot: 14,
  firstLive: 15,

  /** Tokens of lots that have not expired, and how many of them requests hold. */
  live: 16,
  liveHeld: 17,
  /** Tokens of expired lots that requests hold. */
  expiredHeld: 18,
  /** Requests that hold, oldest first; those that wait for a purchase. */
  firstRequest: 19,
  lastRequest: 20,
  firstParked: 21,
  lastParked: 22,
  /** The order id of the open purchase; how many there were. */
  purchase: 23,
  purchases: 24,
  /** Tokens. */
  consumption: 25
} as const

/** With the holder and the instrument, all there is of it. */
export const positionFieldsSaved: readonly number[] = [
  positionField.trading, positionField.tradingHeld, positionField.issuance, positionField.consumption,
  positionField.sweptPeriod, positionField.heldBack, positionField.purchase, positionField.purchases
]
const width = 32

/** The fields of a tranche's row: units in Trading from one fill, or from one transfer of issued ones. */
export const trancheField = {
  /** Of the fill; 0 of issued units. */
  sequence: 0,
  /** 0 of issued units: they cost nothing. */
  price: 1,
  /** Left of it. */
  units: 2,
  /** The part of what the units left cost that grant money paid. */
  grant: 3,
  isIssued: 4,
  next: 5,
  /** The cohort: the sweep period in which matching sold it. */
  period: 6
} as const

export const trancheFieldsSaved: readonly number[] = [
  trancheField.sequence, trancheField.price, trancheField.units, trancheField.grant, trancheField.isIssued,
  trancheField.period
]
const trancheWidth = 8

export class Tranches extends Rows {
  constructor () {
    super(trancheWidth)
  }

  of (slot: number, field: number): number { return this.numbers[slot * trancheWidth + field]! }
  put (slot: number, field: number, value: number): void { this.numbers[slot * trancheWidth + field] = value }
  add (slot: number, field: number, amount: number): void { this.numbers[slot * trancheWidth + field]! += amount }
}

export class Positions extends Rows {
  readonly tranches = new Tranches()
  readonly #holders: Holders

  constructor (holders: Holders) {
    super(width)
    this.#holders = holders
  }

  of (slot: number, field: number): number { return this.numbers[slot * width + field]! }
  put (slot: number, field: number, value: number): void { this.numbers[slot * width + field] = value }
  add (slot: number, field: number, amount: number): void { this.numbers[slot * width + field]! += amount }

  /** The slot, or 0. */
  find (holder: number, instrument: number): number {
    let slot = this.#holders.of(holder, holderField.firstPosition)
    while (slot !== 0 && this.of(slot, positionField.instrument) !== instrument) {
      slot = this.of(slot, positionField.next)
    }
    return slot
  }

  /** The slot of the position, which is made if there is none. */
  at (holder: number, instrument: number): number {
    const found = this.find(holder, instrument)
    return found === 0 ? this.open(holder, instrument) : found
  }

  open (holder: number, instrument: number): number {
    const slot = this.take()
    this.put(slot, positionField.holder, holder)
    this.put(slot, positionField.instrument, instrument)
    const last = this.#holders.of(holder, holderField.lastPosition)
    if (last === 0) this.#holders.put(holder, holderField.firstPosition, slot)
    else this.put(last, positionField.next, slot)
    this.#holders.put(holder, holderField.lastPosition, slot)
    return slot
  }

  available (slot: number): number {
    return this.of(slot, positionField.trading) - this.of(slot, positionField.tradingHeld)
  }

  /** A tranche behind all others; its fields but the link are to be filled in. */
  appendTranche (slot: number): number {
    const tranche = this.tranches.take()
    const last = this.of(slot, positionField.lastTranche)
    if (last === 0) this.put(slot, positionField.firstTranche, tranche)
    else this.tranches.put(last, trancheField.next, tranche)
    this.put(slot, positionField.lastTranche, tranche)
    return tranche
  }

  /** Takes a tranche out. `previous` is the one before it, 0 for none. */
  dropTranche (slot: number, tranche: number, previous: number): void {
    const next = this.tranches.of(tranche, trancheField.next)
    if (previous === 0) this.put(slot, positionField.firstTranche, next)
    else this.tranches.put(previous, trancheField.next, next)
    if (next === 0) this.put(slot, positionField.lastTranche, previous)
    this.tranches.free(tranche)
  }
}

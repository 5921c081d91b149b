// Requests: those that wait for a purchase, those that hold tokens, and those that have ended, for a while. A row of
// numbers each, and its texts. One that holds stands in its position's list, oldest first; one that waits in another;
// one that has ended in a queue to be forgotten.

import type { AuthorizationStatus } from '../../../schemas/ledger/usage-records.ts'
import { positionField as position, type Positions } from '../positions.ts'
import { Rows } from '../rows.ts'
import { TextIndex } from '../text-index.ts'

export const requestField = {
  /** The position's slot, and its holder's. */
  position: 0,
  holder: 1,
  status: 2,
  /** Of live lots, and of expired ones. */
  live: 3,
  expired: 4,
  /** What it holds of expired lots, lot by lot. */
  firstPiece: 5,
  previous: 6,
  next: 7,

  need: 8,
  min: 9,
  /** 0: none was given. */
  limitPrice: 10,
  /** 0: none was given. */
  spendMax: 11,
  /** The count of requests when it came: among those of one instant, who came first. */
  arrival: 12,
  authorizedAt: 13,
  /** The age of the instrument then. */
  authorizedAge: 14,
  /** When it lapses, or stops waiting. */
  expiresAt: 15,
  /** Until when its start must have shown a byte; 0: it has, or is not started. */
  startBy: 16,
  sequence: 17,
  produced: 18,
  supplier: 19,
  forgetAt: 20,
  lastPiece: 21,
  /** The row of its key, if that ever had a budget. */
  key: 22,
  /** As it was asked for, and 1; 0: none. */
  budget: 23,

  budgetPeriod: 24,
  /** 0: none was given. */
  managedPrice: 25,
  isManaged: 26,
  /** Tokens that it holds cash for, and how much: at the managed price. */
  managed: 27,
  cashHeld: 28,
  grantHeld: 29,
  /** How many purchases its position had seen when it came. */
  purchases: 30
} as const

const unsaved: readonly number[] = [
  requestField.position, requestField.holder, requestField.firstPiece, requestField.lastPiece,
  requestField.previous, requestField.next
]
export const requestFieldsSaved: readonly number[] = Object.values(requestField)
  .filter(field => !unsaved.includes(field))
const width = 32

export const statusNumbers = {
  parked: 0, authorized: 1, started: 2, captured: 3, voided: 4, lapsed: 5, refused: 6
} as const satisfies Record<AuthorizationStatus, number>
const statuses = Object.keys(statusNumbers) as AuthorizationStatus[]
export const requestStatusOf = (number: number): AuthorizationStatus => statuses[number]!

/** What a request holds of a lot that has expired. */
export const pieceField = { lot: 0, tokens: 1, next: 2 } as const
const pieceWidth = 4

export class Pieces extends Rows {
  constructor () {
    super(pieceWidth)
  }

  of (slot: number, field: number): number { return this.numbers[slot * pieceWidth + field]! }
  put (slot: number, field: number, value: number): void { this.numbers[slot * pieceWidth + field] = value }
  add (slot: number, field: number, amount: number): void { this.numbers[slot * pieceWidth + field]! += amount }
}

/** Which of a position's lists. */
export const holding = { first: position.firstRequest, last: position.lastRequest } as const
export const waiting = { first: position.firstParked, last: position.lastParked } as const
export type RequestList = typeof holding | typeof waiting

export class Requests extends Rows {
  readonly pieces = new Pieces()
  readonly ids: string[] = ['']
  readonly nonces: string[] = ['']
  readonly recorders: string[] = ['']
  readonly keyIds: string[] = ['']
  readonly byId = new TextIndex({
    textOf: slot => this.ids[slot]!,
    groupOf: slot => this.of(slot, requestField.holder)
  })

  /** Those that have ended, in the order in which they will be forgotten. */
  readonly ended = { first: 0, last: 0 }
  /** How many ever came. */
  arrivals = 0
  readonly #positions: Positions

  constructor (positions: Positions) {
    super(width)
    this.#positions = positions
  }

  of (slot: number, field: number): number { return this.numbers[slot * width + field]! }
  put (slot: number, field: number, value: number): void { this.numbers[slot * width + field] = value }
  add (slot: number, field: number, amount: number): void { this.numbers[slot * width + field]! += amount }

  isStatus (slot: number, status: AuthorizationStatus): boolean {
    return this.of(slot, requestField.status) === statusNumbers[status]
  }

  hasEnded (slot: number): boolean {
    return this.of(slot, requestField.status) > statusNumbers.started
  }

  isManaged (slot: number): boolean {
    return this.of(slot, requestField.isManaged) !== 0
  }

  /** All the tokens that it holds, in lots or for cash. */
  held (slot: number): number {
    return this.of(slot, requestField.live) + this.of(slot, requestField.expired) + this.of(slot, requestField.managed)
  }

  /** By its id. */
  enter (slot: number): void {
    if (this.byId.count === 0) this.byId.seed(this.of(slot, requestField.arrival) * 2_654_435_761 % 2 ** 31)
    this.byId.add(slot)
  }

  /** At the end of a list of its position. */
  link (slot: number, list: RequestList): void {
    const positions = this.#positions
    const home = this.of(slot, requestField.position)
    const last = positions.of(home, list.last)
    this.put(slot, requestField.previous, last)
    this.put(slot, requestField.next, 0)
    if (last === 0) positions.put(home, list.first, slot)
    else this.put(last, requestField.next, slot)
    positions.put(home, list.last, slot)
  }

  unlink (slot: number, list: RequestList): void {
    const positions = this.#positions
    const home = this.of(slot, requestField.position)
    const before = this.of(slot, requestField.previous)
    const after = this.of(slot, requestField.next)
    if (before === 0) positions.put(home, list.first, after)
    else this.put(before, requestField.next, after)
    if (after === 0) positions.put(home, list.last, before)
    else this.put(after, requestField.previous, before)
  }

  /** Behind those that ended before it. */
  queue (slot: number): void {
    const { ended } = this
    this.put(slot, requestField.next, 0)
    if (ended.last === 0) ended.first = slot
    else this.put(ended.last, requestField.next, slot)
    ended.last = slot
  }

  /** The one that ended first is forgotten. */
  forget (): void {
    const { ended } = this
    const slot = ended.first
    ended.first = this.of(slot, requestField.next)
    if (ended.first === 0) ended.last = 0
    this.byId.remove(slot)
    this.ids[slot] = ''
    this.nonces[slot] = ''
    this.recorders[slot] = ''
    this.keyIds[slot] = ''
    this.free(slot)
  }

  /** Tokens of a lot that has expired are this request's. */
  addPiece (slot: number, lot: number, tokens: number): void {
    const { pieces } = this
    const piece = pieces.take()
    pieces.put(piece, pieceField.lot, lot)
    pieces.put(piece, pieceField.tokens, tokens)
    const last = this.of(slot, requestField.lastPiece)
    if (last === 0) this.put(slot, requestField.firstPiece, piece)
    else pieces.put(last, pieceField.next, piece)
    this.put(slot, requestField.lastPiece, piece)
  }
}

// Tokens leave lots: drawn, become breakage, or given anew. Each adds to the changes that an entry will tell.

import type { LotChange } from '../../../schemas/ledger/usage-records.ts'
import { Postings, sayEntry } from '../journal.ts'
import type { Ledger, Say } from '../ledger.ts'
import { positionField } from '../positions.ts'
import { requestField } from '../usage/requests.ts'
import { changeOf, grantOf } from './changes.ts'
import { takePieces } from './due.ts'
import { lifeMs, lifeMsMin } from './life.ts'
import { lotField as field } from './lot-rows.ts'
import { openLot } from './opening.ts'

/** What leaves the lots of a position in one command. */
export class Spending {
  readonly changes: LotChange[] = []
  drawn = 0
  expired = 0
  readonly #state: Ledger
  readonly #position: number

  constructor (state: Ledger, position: number) {
    this.#state = state
    this.#position = position
  }

  /** Draws what a request took, of what it holds: its expired tokens first, then those that expire first. */
  draw (request: number, taken: number): void {
    const { requests, positions } = this.#state
    let left = taken
    const held = requests.of(request, requestField.live)
    const pieces = takePieces(this.#state, request)
    for (const piece of pieces) {
      const some = Math.min(left, piece.tokens)
      if (some > 0) this.#leave(piece.lot, 'drawn', some)
      piece.tokens -= some
      left -= some
    }
    requests.put(request, requestField.live, 0)
    positions.add(this.#position, positionField.liveHeld, -held)
    positions.add(this.#position, positionField.live, -left)
    while (left > 0) {
      const lot = positions.of(this.#position, positionField.firstLive)
      const some = Math.min(left, this.#state.lots.of(lot, field.tokens))
      this.#change(lot, 'drawn', some)
      left -= some
    }
    for (const { lot, tokens } of pieces) if (tokens > 0) this.#leave(lot, 'expired', tokens)
  }

  /** Gives back all that a request holds; what has expired is breakage, or given anew. */
  giveBack (request: number, { isRegranted }: { isRegranted: boolean }): void {
    const { requests, positions } = this.#state
    const since = requests.of(request, requestField.authorizedAge)
    positions.add(this.#position, positionField.liveHeld, -requests.of(request, requestField.live))
    requests.put(request, requestField.live, 0)
    for (const { lot, tokens } of takePieces(this.#state, request)) {
      if (isRegranted) this.#regrant(lot, tokens, since)
      else this.#leave(lot, 'expired', tokens)
    }
  }

  /** What an expired lot has left, and nobody holds. */
  expire (lot: number): void {
    this.#change(lot, 'expired', this.#state.lots.of(lot, field.tokens))
  }

  /** Consumption is less by what was drawn and what expired. */
  postings (): Postings {
    const { positions, instruments } = this.#state
    const { drawn, expired } = this
    const instrument = instruments.at(positions.of(this.#position, positionField.instrument))
    positions.add(this.#position, positionField.consumption, -drawn - expired)
    instrument.drawn += drawn
    instrument.breakage += expired
    return new Postings(this.#state, positions.of(this.#position, positionField.holder))
      .own('consumption', instrument.tokens, -drawn - expired)
      .house('drawn', instrument.tokens, drawn).house('breakage', instrument.tokens, expired)
  }

  /** Of what is no capture: breakage, or what was given anew. Nothing where nothing left. */
  say (reference: string, say: Say): void {
    const { positions, instruments } = this.#state
    const { changes: lots } = this
    if (lots.length === 0) return
    const { instrumentId } = instruments.at(positions.of(this.#position, positionField.instrument))
    const holder = positions.of(this.#position, positionField.holder)
    const type = this.expired > 0 ? 'breakage' : 'regrant'
    sayEntry(this.#state, { holder, type, reference, instrumentId, postings: this.postings().list, cost: 0, lots }, say)
  }

  /** Held tokens of an expired lot. */
  #leave (lot: number, change: 'drawn' | 'expired' | 'regranted', tokens: number): void {
    const { lots, positions } = this.#state
    lots.add(lot, field.heldExpired, -tokens)
    lots.add(lot, field.tokens, tokens)
    positions.add(this.#position, positionField.expiredHeld, -tokens)
    this.#change(lot, change, tokens)
  }

  /** Tokens that nobody holds any more; a lot that has none left is gone. */
  #change (lot: number, change: 'drawn' | 'expired' | 'regranted', tokens: number): void {
    const { lots } = this.#state
    const grant = grantOf(this.#state, lot, tokens)
    this.changes.push(changeOf(this.#state, lot, { change, tokens, grant }))
    lots.add(lot, field.tokens, -tokens)
    lots.add(lot, field[change], tokens)
    if (change === 'drawn') this.drawn += tokens
    else if (change === 'expired') this.expired += tokens
    if (lots.left(lot) === 0) lots.drop(lot)
  }

  #regrant (lot: number, tokens: number, since: number): void {
    const { lots, positions, instruments, now } = this.#state
    const { ageing } = instruments.at(positions.of(this.#position, positionField.instrument))
    const left = lots.of(lot, field.deadline) - since
    const price = lots.of(lot, field.price)
    const tradeSequence = lots.of(lot, field.tradeSequence)
    const period = lots.of(lot, field.period)
    this.#leave(lot, 'regranted', tokens)
    const { grant } = this.changes.at(-1)!
    this.changes.push(openLot(this.#state, {
      position: this.#position,
      tokens,
      price,
      tradeSequence,
      period,
      grant,
      openedAt: now,
      deadline: ageing.ageAt(now) + Math.min(lifeMs, Math.max(lifeMsMin, left))
    }))
  }
}

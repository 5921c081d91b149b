// What jobs and operators ask of lots. The ledger is the judge: asked too early, twice, or about nothing, it does
// nothing.

import type { ExpireLot, StartClock, StopClock, SweepPosition } from '../../../schemas/ledger/usage-commands.ts'
import type { HolderId } from '../../../schemas/units.ts'
import { holderField } from '../holders.ts'
import { sayOutcome } from '../keyed.ts'
import type { Ledger, Position, Say } from '../ledger.ts'
import { isWholeWithin } from '../order-checks.ts'
import { positionField } from '../positions.ts'
import { dayMs } from '../volumes.ts'
import { bookDue } from './due.ts'
import { lotField as field } from './lot-rows.ts'
import { Spending } from './spending.ts'

const house = 0 as HolderId

/** What an expired lot has left becomes breakage. */
export function expireLot (state: Ledger, { kind, holder, lotId }: ExpireLot, { isLate }: Position, say: Say): void {
  const { holders, positions, lots, instruments, now } = state
  const told = { holder, command: kind, reference: String(lotId) }
  if (holders.find(holder) === 0) { sayOutcome(state, { ...told, refusal: 'unknown_holder' }, say); return }
  if (isLate) { sayOutcome(state, { ...told, refusal: 'too_late' }, say); return }
  const lot = lots.index.find(lotId)
  const position = lots.of(lot, field.position)
  const isOwn = lot !== 0 && holders.of(positions.of(position, positionField.holder), holderField.id) === holder
  if (!isOwn) { sayOutcome(state, { ...told, refusal: null }, say); return }
  bookDue(state, position, say)
  const { ageing } = instruments.at(positions.of(position, positionField.instrument))
  if (lots.of(lot, field.deadline) > ageing.ageAt(now)) { sayOutcome(state, { ...told, refusal: 'not_expired' }, say); return }
  const count = lots.of(lot, field.tokens)
  if (count > 0) {
    const spending = new Spending(state, position)
    spending.expire(lot)
    spending.say(`lot:${lotId}`, say)
  }
  sayOutcome(state, { ...told, refusal: null, count }, say)
}

/** What past sweeps have moved is booked. */
export function sweepPosition (state: Ledger, command: SweepPosition, { isLate }: Position, say: Say): void {
  const { kind, holder, instrumentId } = command
  const slot = state.holders.find(holder)
  const instrument = state.instruments.find(instrumentId)
  const refusal = slot === 0 ? 'unknown_holder' : instrument === undefined ? 'unknown_instrument' : isLate ? 'too_late' : null
  const position = refusal === null ? state.positions.find(slot, instrument!.index) : 0
  const count = position === 0 ? 0 : bookDue(state, position, say)
  sayOutcome(state, { holder, command: kind, refusal, count, reference: instrumentId }, say)
}

/** From when on, at most so far ahead. */
const aheadMsMax = dayMs

/** The lots of an instrument stop ageing, or age again. */
export function setClock (state: Ledger, command: StopClock | StartClock, { isLate }: Position, say: Say): void {
  const { kind, instrumentId, effectiveAt } = command
  const instrument = state.instruments.find(instrumentId)
  const isSane = isWholeWithin(effectiveAt, 0, state.now + aheadMsMax)
  const refusal = instrument === undefined ? 'unknown_instrument' : isLate ? 'too_late' : isSane ? null : 'unsupported'
  if (refusal === null) {
    const { ageing } = instrument!
    const at = Math.max(effectiveAt, state.now)
    if (kind === 'stop-clock') ageing.stop(at)
    else ageing.start(at)
  }
  sayOutcome(state, { holder: house, command: kind, refusal, reference: instrumentId }, say)
}

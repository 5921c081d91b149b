// set-parameters and set-trading-status: what operators may do to an instrument.

import type { RefusalReason, SetParameters, SetTradingStatus } from '../../schemas/matching/records.ts'
import { priceTicksMax, quantityMax } from '../../schemas/units.ts'
import type { Matching, Parameters, Position } from './matching.ts'
import { refuseOperator } from './outputs.ts'
import { isListed } from './refusals.ts'
import type { Tape } from './tape.ts'
import { changeTick } from './tick-change.ts'

/** $1,000: with it the dearest tick of the ladder, times a band in basis points by halves, stays below 2^53. */
const tickSizeMax = 1_000_000_000
const bandBpMax = 10_000
const pauseMsMax = 24 * 60 * 60 * 1000

export function setParameters (state: Matching, command: SetParameters, position: Position, tape: Tape): void {
  const reason = refusalOfParameters(state, command) ?? (position.isLate ? 'too_late' : null) ??
    refusalOfTickChange(state, command)
  if (reason !== null) {
    refuseOperator(reason, tape)
    return
  }
  if (state.parameters !== null && command.tickSize !== state.tickSize) changeTick(state, command.tickSize, tape)
  const { kind, ...parameters } = command
  state.list(parameters)
  state.noteMinute()
}

export function setTradingStatus (state: Matching, command: SetTradingStatus, position: Position, tape: Tape): void {
  if (!isListed(state, command.instrumentId)) refuseOperator('unknown_instrument', tape)
  else if (position.isLate) refuseOperator('too_late', tape)
  else state.status = command.status
}

const isWithin = (value: number, min: number, max: number): boolean =>
  Number.isSafeInteger(value) && value >= min && value <= max

function refusalOfParameters ({ parameters }: Matching, command: Parameters): RefusalReason | null {
  const { instrumentId, tickSize, referencePrice, bandBp, pauseMs } = command
  if (parameters !== null && parameters.instrumentId !== instrumentId) return 'unknown_instrument'
  if (!isWithin(bandBp, 0, bandBpMax) || !isWithin(pauseMs, 0, pauseMsMax)) return 'unsupported'
  if (!isWithin(command.quantityMin, 1, command.quantityMax) || command.quantityMax > quantityMax) return 'invalid_quantity'
  if (!isWithin(tickSize, 1, tickSizeMax) || !isWithin(referencePrice, 1, priceTicksMax * tickSize)) return 'invalid_price'
  return referencePrice % tickSize === 0 ? null : 'off_tick'
}

function refusalOfTickChange ({ parameters, status }: Matching, { tickSize }: Parameters): RefusalReason | null {
  return parameters !== null && parameters.tickSize !== tickSize && status !== 'halted' ? 'not_halted' : null
}

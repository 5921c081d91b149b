// What operators and matching tell a whole partition. Refusals of it go to holder 0.

import type { ListInstrument, SetLedgerParameters } from '../../schemas/ledger/commands.ts'
import type { LedgerRefusal } from '../../schemas/ledger/refusals.ts'
import type { PeriodClosed, ReferencePrice } from '../../schemas/matching/records.ts'
import { topics } from '../../schemas/topics.ts'
import type { HolderId } from '../../schemas/units.ts'
import { feeBpMax } from './fees.ts'
import { sayOutcome } from './keyed.ts'
import type { Ledger, Position, Say } from './ledger.ts'
import { isPrice, isWholeWithin } from './order-checks.ts'

const house = 0 as HolderId
const tiersMax = 32
const openOrdersMax = 10_000
const slippageBpMax = 5000
const freeMax = 1_000_000
const symbolLengthMax = 64

const isSymbol = ({ length }: string): boolean => length > 0 && length <= symbolLengthMax

/** An index is for good. Listed again, an instrument gets a new reference price, unless matching has said one. */
export function listInstrument (state: Ledger, command: ListInstrument, { isLate }: Position, say: Say): void {
  const { instruments } = state
  const refusal = isLate ? 'too_late' : refusalOfListing(state, command)
  if (refusal === null) {
    const { instrumentId, index, referencePrice } = command
    if (instruments.find(instrumentId) === undefined) instruments.list(instrumentId, index)
    if (!instruments.references.has(instrumentId)) instruments.defaults.set(instrumentId, referencePrice)
  }
  sayOutcome(state, { holder: house, command: command.kind, refusal }, say)
}

function refusalOfListing (
  { instruments }: Ledger, { instrumentId, index, referencePrice }: ListInstrument
): LedgerRefusal | null {
  const known = instruments.find(instrumentId)
  if (!isSymbol(instrumentId)) return 'unsupported'
  if (!isWholeWithin(index, 0, topics.orders.partitions - 1)) return 'unsupported'
  if (known === undefined ? instruments.listed[index] !== undefined : known.index !== index) return 'unsupported'
  return isPrice(referencePrice) ? null : 'invalid_price'
}

export function setLedgerParameters (
  state: Ledger, command: SetLedgerParameters, { isLate }: Position, say: Say
): void {
  const refusal = isLate ? 'too_late' : areSane(command) ? null : 'unsupported'
  if (refusal === null) {
    const { feeTiers, openOrdersMax, stopSlippageBp, freeRequestsPerDay, freeOpenMax } = command
    const tiers = feeTiers.map(({ volumeFrom, makerBp, takerBp }) => ({ volumeFrom, makerBp, takerBp }))
    state.parameters = { feeTiers: tiers, openOrdersMax, stopSlippageBp, freeRequestsPerDay, freeOpenMax }
  }
  sayOutcome(state, { holder: house, command: command.kind, refusal }, say)
}

function areSane (command: SetLedgerParameters): boolean {
  const { feeTiers } = command
  if (feeTiers.length === 0 || feeTiers.length > tiersMax || feeTiers[0]!.volumeFrom !== 0) return false
  return feeTiers.every(({ volumeFrom, makerBp, takerBp }, number) =>
    Number.isSafeInteger(volumeFrom) && (number === 0 || volumeFrom > feeTiers[number - 1]!.volumeFrom) &&
    isWholeWithin(makerBp, 0, feeBpMax) && isWholeWithin(takerBp, 0, feeBpMax)) &&
    isWholeWithin(command.openOrdersMax, 1, openOrdersMax) && isWholeWithin(command.stopSlippageBp, 0, slippageBpMax) &&
    isWholeWithin(command.freeRequestsPerDay, 0, freeMax) && isWholeWithin(command.freeOpenMax, 0, freeMax)
}

/** Kept even of an instrument that is not listed here yet. */
export function setReference (state: Ledger, { instrumentId, price }: ReferencePrice): void {
  if (isPrice(price) && isSymbol(instrumentId)) state.instruments.references.set(instrumentId, price)
}

/** Nothing is sold in earlier periods of the instrument any more. */
export function closePeriod (state: Ledger, { instrumentId, period }: PeriodClosed): void {
  const instrument = state.instruments.find(instrumentId)
  if (instrument === undefined || !isWholeWithin(period, instrument.period, Number.MAX_SAFE_INTEGER)) return
  instrument.period = period
}

// What a holder has of an instrument, at a glance: gateways look before every request. What has come due and is not
// booked is not counted in, so nothing may be promised or refused on it. Nothing here changes the state.

import type { HolderId, InstrumentId, Tokens } from '../../../schemas/units.ts'
import type { Ledger } from '../ledger.ts'
import { positionField as field } from '../positions.ts'
import { available } from './holding.ts'

export type TokenView = {
  /** Of live lots, and held by nobody. */
  readonly available: Tokens
  /** Auto Mode is buying. */
  readonly isBuying: boolean
}

const nothing: TokenView = { available: 0 as Tokens, isBuying: false }

export function tokenView (state: Ledger, holder: HolderId, instrumentId: InstrumentId): TokenView {
  const { holders, instruments, positions } = state
  const slot = holders.find(holder)
  const instrument = instruments.find(instrumentId)
  const position = slot === 0 || instrument === undefined ? 0 : positions.find(slot, instrument.index)
  if (position === 0) return nothing
  return { available: available(state, position) as Tokens, isBuying: positions.of(position, field.purchase) !== 0 }
}

export function isEasy ({ holders }: Ledger, holder: HolderId): boolean {
  const slot = holders.find(holder)
  return slot !== 0 && holders.isEasy(slot)
}

// What is booked of a holder's positions. Views count in what sweeps have moved and nobody has booked yet; the journal,
// and whatever adds it up, does not have that.

import type { HolderId, InstrumentId } from '../../schemas/units.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { positionField as field } from '../ledger/positions.ts'

export type Booked = {
  readonly instrumentId: InstrumentId
  /** Units. */
  readonly trading: number
  readonly issuance: number
  /** Tokens. */
  readonly consumption: number
}

export function bookedPositions ({ holders, positions, instruments }: Ledger, holder: HolderId): Booked[] {
  const slot = holders.find(holder)
  return instruments.listed.flatMap(instrument => {
    const position = slot === 0 || instrument === undefined ? 0 : positions.find(slot, instrument.index)
    if (position === 0) return []
    const { instrumentId } = instrument!
    const amount = (of: number): number => positions.of(position, of)
    return [{
      instrumentId,
      trading: amount(field.trading),
      issuance: amount(field.issuance),
      consumption: amount(field.consumption)
    }]
  })
}

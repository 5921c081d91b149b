// What becomes of tokens of a lot, as the journal tells it. Whoever changes a lot says so with one of these.

import type { LotChange } from '../../../schemas/ledger/usage-records.ts'
import type { Instant, LotId, Microdollars, Tokens } from '../../../schemas/units.ts'
import type { Ledger } from '../ledger.ts'
import { positionField } from '../positions.ts'
import { share } from '../tranches.ts'
import { lotField as field } from './lot-rows.ts'

/** The part of a lot's grant money that went with the tokens that are gone: by their count, so no rounding adds up. */
const grantGone = ({ lots }: Ledger, lot: number, gone: number): number =>
  share(lots.of(lot, field.grant), gone, lots.of(lot, field.opened))

/** The part that goes with some of the tokens it has left, before they go. */
export function grantOf (state: Ledger, lot: number, tokens: number): number {
  const gone = state.lots.of(lot, field.opened) - state.lots.left(lot)
  return grantGone(state, lot, gone + tokens) - grantGone(state, lot, gone)
}

export function changeOf (
  { lots, positions, instruments, now }: Ledger, lot: number, what: Pick<LotChange, 'change'> & { tokens: number, grant: number }
): LotChange {
  const { ageing } = instruments.at(positions.of(lots.of(lot, field.position), positionField.instrument))
  return {
    lotId: lots.of(lot, field.id) as LotId,
    change: what.change,
    tokens: what.tokens as Tokens,
    price: lots.of(lot, field.price) as Microdollars,
    tradeSequence: lots.of(lot, field.tradeSequence),
    period: lots.of(lot, field.period),
    openedAt: lots.of(lot, field.openedAt) as Instant,
    expiresAt: ageing.instantOf(lots.of(lot, field.deadline), now),
    grant: what.grant as Microdollars
  }
}

// What a key may be used for, before anything is counted.

import type { ConsumptionKey } from '../../schemas/identity/records.ts'
import type { InstrumentId, Instant } from '../../schemas/units.ts'
import { isWithin } from './addresses.ts'

/** In order of precedence: the first that applies. */
export type KeyRefusal = 'expired' | 'address_not_allowed' | 'instrument_not_allowed'

type Use = {
  /** Null: of none in particular, such as a list of models. */
  readonly instrumentId: InstrumentId | null
  /** Where the request comes from. */
  readonly address: string
  readonly now: Instant
}

/** Why a key may not be used so; null: it may. */
export function refusalOfKey (key: ConsumptionKey, { instrumentId, address, now }: Use): KeyRefusal | null {
  if (!key.isActive || (key.expiresAt !== null && key.expiresAt <= now)) return 'expired'
  if (key.addresses.length > 0 && !isWithin(address, key.addresses)) return 'address_not_allowed'
  if (instrumentId !== null && !mayDraw(key, instrumentId)) return 'instrument_not_allowed'
  return null
}

/** Whether a key may draw on an instrument at all. */
export const mayDraw = ({ instruments }: ConsumptionKey, instrumentId: InstrumentId): boolean =>
  instruments.length === 0 || instruments.includes(instrumentId)

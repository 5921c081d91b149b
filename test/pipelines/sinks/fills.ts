// Fills for tests: as few words as a test has to say.

import type { Fill } from '../../../schemas/matching/records.ts'
import { holderId, instant, instrumentId, microdollars, orderId, units, type Side } from '../../../schemas/units.ts'

export type SomeFill = {
  readonly instrument?: string
  readonly sequence: number
  readonly at: number
  readonly price?: number
  readonly quantity?: number
  readonly side?: Side
}

export function someFill ({ instrument, sequence, at, price, quantity, side }: SomeFill): Fill {
  return {
    kind: 'fill',
    instrumentId: instrumentId(instrument ?? 'text-prime'),
    sequence,
    takerSide: side ?? 'buy',
    price: microdollars(price ?? 100),
    quantity: units(quantity ?? 1),
    makerOrderId: orderId(2 * sequence - 1),
    takerOrderId: orderId(2 * sequence),
    makerHolder: holderId(1),
    takerHolder: holderId(2),
    matchedAt: instant(at)
  }
}

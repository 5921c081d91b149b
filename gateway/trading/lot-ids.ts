// Ids of lots as clients have them: as those of orders are written, so that they sort as the lots of a holder do.

import type { LotId } from '../../schemas/units.ts'

const digits = 11 // 32^11 is above 2^53.

export const lotIdText = (id: LotId): string => `lot_${id.toString(32).toUpperCase().padStart(digits, '0')}`

/** In any case, with or without its prefix; null for what is no lot's id. */
export function lotIdOf (text: string): LotId | null {
  const [, number] = /^(?:lot[_-])?([\da-v]{11})$/i.exec(text) ?? []
  const id = number === undefined ? NaN : Number.parseInt(number, 32)
  return Number.isSafeInteger(id) && id > 0 ? id as LotId : null
}

// Order ids as clients have them: `order_` and the number in base32 (digits, then A to V), always as long, so that they
// sort as the orders do.

import { orderId, type OrderId } from '../../schemas/units.ts'

const digits = 11 // 32^11 is above 2^53.

export const orderIdText = (id: OrderId): string => `order_${id.toString(32).toUpperCase().padStart(digits, '0')}`

/** In any case, with or without its prefix; null for what is no order's id. */
export function orderIdOf (text: string): OrderId | null {
  const [, number] = /^(?:order[_-])?([\da-v]{11})$/i.exec(text) ?? []
  const id = number === undefined ? NaN : Number.parseInt(number, 32)
  return Number.isSafeInteger(id) ? orderId(id) : null
}

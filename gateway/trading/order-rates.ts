// Which market a command counts towards, before anyone has looked whether it makes sense: nonsense floods as well.

import { instrumentByMarket } from '../../schemas/instruments.ts'
import type { Counts } from '../http/route.ts'

/** The market that an order names; null when it names none of ours. */
export function marketNamedIn (order: unknown): string | null {
  if (typeof order !== 'object' || order === null || !('market_id' in order)) return null
  return typeof order.market_id === 'string' ? instrumentByMarket(order.market_id)?.instrumentId ?? null : null
}

export const countsMarket: Counts = ({ body }) => [marketNamedIn(body)]

// Ids of trades: the fill's instrument and its sequence there, the same in public data and in each side's own.

import { instrumentId, type InstrumentId } from '../../schemas/units.ts'

export type TradeId = { readonly instrumentId: InstrumentId, readonly sequence: number }

export const tradeIdText = ({ instrumentId, sequence }: TradeId): string => `trade_${instrumentId}-${sequence}`

/** Null for what can't be a trade's id. */
export function tradeIdOf (text: string): TradeId | null {
  const [, symbol, sequence] = /^trade_([a-z\d-]{1,100})-(\d{1,15})$/.exec(text) ?? []
  return symbol === undefined ? null : { instrumentId: instrumentId(symbol), sequence: Number(sequence) }
}

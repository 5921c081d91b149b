// How far an order that names no price may go: the protection price that is stamped on it here, from the book as this
// gateway sees it, so that the ledger knows what to hold and matching where to end.

import { microdollars, priceTicksMax, type Microdollars, type Side } from '../../schemas/units.ts'

/** How far from the best price a market order goes, at most. */
export const marketSlippageBp = 500

const whole = 10_000n

/** The price so many basis points beyond another, on the tick that is nearer to it; never off the ladder. */
function beyond (side: Side, { price, bp }: { price: Microdollars, bp: number }, tickSize: Microdollars): Microdollars {
  const [from, tick] = [BigInt(price), BigInt(tickSize)]
  const ticks = side === 'buy'
    ? from * (whole + BigInt(bp)) / (whole * tick)
    : (from * (whole - BigInt(bp)) + whole * tick - 1n) / (whole * tick)
  return microdollars(Math.min(Math.max(Number(ticks), 1), priceTicksMax) * tickSize)
}

export type MarketNow = {
  readonly tickSize: Microdollars
  /** Of the other side; null when nothing rests there. */
  readonly best: Microdollars | null
  readonly reference: Microdollars
  /** 0: there is no band. */
  readonly bandBp: number
}

/** Of a market order. Nothing on the other side: as far as the band goes, and matching says that there was nothing. */
export function marketProtection (side: Side, slippageBp: number | null, now: MarketNow): Microdollars {
  const { tickSize, best, reference, bandBp } = now
  const slippage = Math.min(marketSlippageBp, slippageBp ?? marketSlippageBp)
  const edge = bandBp === 0 ? null : beyond(side, { price: reference, bp: bandBp }, tickSize)
  if (best === null) return edge ?? beyond(side, { price: reference, bp: slippage }, tickSize)
  const limit = beyond(side, { price: best, bp: slippage }, tickSize)
  if (edge === null) return limit
  return microdollars(side === 'buy' ? Math.min(limit, edge) : Math.max(limit, edge))
}

export type StopRules = {
  readonly tickSize: Microdollars
  /** What the ledger allows. */
  readonly stopSlippageBp: number
  /** What the client allows; null: as the ledger. */
  readonly slippageBp: number | null
}

/** Of a stop order, which becomes a market order once it triggers. */
export function stopProtection (side: Side, stopPrice: Microdollars, rules: StopRules): Microdollars {
  const { tickSize, stopSlippageBp, slippageBp } = rules
  return beyond(side, { price: stopPrice, bp: Math.min(stopSlippageBp, slippageBp ?? stopSlippageBp) }, tickSize)
}

// Amounts as the API writes them: decimal text, made of whole numbers. No amount ever passes through a float.

import { microdollars, type Instant, type Microdollars } from '../../schemas/units.ts'

/** Whole `units` of 10^-`places` as decimal text, such as 0.10090000 for (100900, 6, 8). */
function decimal (units: bigint, places: number, shown: number): string {
  const [sign, digits] = units < 0n ? ['-', String(-units)] : ['', String(units)]
  const padded = digits.padStart(places + 1, '0')
  return `${sign}${padded.slice(0, -places)}.${padded.slice(-places)}${'0'.repeat(shown - places)}`
}

/** Dollars with eight places. */
export const dollars = (amount: Microdollars | bigint): string => decimal(BigInt(amount), 6, 8)

/** Dollars with twelve places, of picodollars: what tokens cost, to the last of them. */
export const exactDollars = (amount: bigint): string => decimal(amount, 12, 12)

/** Dollars a unit, with eight places, rounded half up. */
export function averagePrice (notional: number | bigint, quantity: number | bigint): string {
  const [sum, units] = [BigInt(notional) * 100n, BigInt(quantity)]
  return decimal((2n * sum + units) / (2n * units), 8, 8)
}

/** How far `to` is from `from` in per cent, with four places, rounded towards zero. */
export function percentChange (from: Microdollars, to: Microdollars): string {
  return from === 0 ? '0.0000' : decimal((BigInt(to) - BigInt(from)) * 1_000_000n / BigInt(from), 4, 4)
}

/** Null for what is not a decimal of whole microdollars below 10^9 dollars. */
export function microdollarsOf (text: string): Microdollars | null {
  const [, whole, places = ''] = /^(\d{1,9})(?:\.(\d{1,6})0{0,2})?$/.exec(text) ?? []
  return whole === undefined ? null : microdollars(Number(whole + places.padEnd(6, '0')))
}

/** A JSON number while it is exact, text when it no longer is. Clients take both. */
export const count = (sum: bigint): number | string =>
  sum <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(sum) : String(sum)

export const isoTime = (at: Instant): string => new Date(at).toISOString()

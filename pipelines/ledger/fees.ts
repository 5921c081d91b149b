// Fees. What an order owes in fees is a sum of microdollars times basis points, rounded up once over its whole life: so
// many small fills cost what one large fill costs, and what is held for a fee always suffices.

const perWhole = 10_000

/** Fees paid when so much has been owed. */
export const feesPaid = (fees: number): number => Math.ceil(fees / perWhole)

/** What a fill pays: what is paid after it less what was before. */
export const feeOf = (before: number, after: number): number => feesPaid(after) - feesPaid(before)

/** What a buy may still pay, at most. */
export const feesToCome = (fees: number, notional: number, bp: number): number => feeOf(fees, fees + notional * bp)

/** The highest a fee may be, in basis points. */
export const feeBpMax = 500

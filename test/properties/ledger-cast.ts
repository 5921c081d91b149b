// Who takes part in the ledger's property, and in what.

export const instruments = ['text-prime', 'code-max'] as const
export const holders = [8, 16, 24] as const
/** Whose account is easy at first. */
export const consumer = 48
/** Who has paid nothing in yet. */
export const guest = 56

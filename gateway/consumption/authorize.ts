// What is asked of the ledger for a request.

import { tokens } from '../../schemas/units.ts'
import type { AuthorizeUsage } from '../../schemas/ledger/usage-commands.ts'
import type { Consumption } from './consumption.ts'
import type { Taken } from './taken.ts'

export type Serving = {
  /** Whose readings bill it. */
  readonly recorder: string
  /** Whether a managed supplier may serve it where nothing can be bought. */
  readonly mayBeManaged: boolean
}

export function authorizeCommand (c: Consumption, taken: Taken, { recorder, mayBeManaged }: Serving): AuthorizeUsage {
  const { holder, instrument: { instrumentId }, requestId, need, settings, caller: { key } } = taken
  return {
    kind: 'authorize-usage',
    holder,
    instrumentId,
    requestId,
    need: tokens(need.need),
    min: tokens(need.min),
    recorder,
    limitPrice: c.prices.limit(instrumentId, settings.pricesMaxBp),
    spendMax: settings.spendMax,
    keyId: key.keyId,
    budget: key.budgetTokens,
    budgetPeriod: key.budgetPeriod,
    managedPrice: mayBeManaged && settings.usesManaged ? c.supply.managedPrice(instrumentId) : null
  }
}

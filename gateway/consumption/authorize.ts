// What is asked of the ledger for a request.

import { tokens } from '../../schemas/units.ts'
import type { AuthorizeUsage } from '../../schemas/ledger/usage-commands.ts'
import type { Consumption } from './consumption.ts'
import type { Taken } from './taken.ts'

/** `recorder`: whose readings bill it. `mayBeManaged`: whether a managed supplier may serve it where nothing can be bought. */
export function authorizeCommand (
  c: Consumption, taken: Taken, { recorder, mayBeManaged }: { readonly recorder: string, readonly mayBeManaged: boolean }
): AuthorizeUsage {
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

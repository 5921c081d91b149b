// What the ledger charges and allows.

import type { SetLedgerParameters } from '../../schemas/ledger/commands.ts'
import type { Context } from '../process/context.ts'
import { tellAll, withLedger } from './market.ts'

export type Parameters = Omit<SetLedgerParameters, 'kind'>

/** The whole set, with what is asked for changed. Nothing asked for: as it is. */
export async function setLedgerParameters (context: Context, asked: Partial<Parameters>): Promise<Parameters> {
  return await withLedger(context, async accounts => {
    const parameters = { ...accounts.state(0).parameters, ...asked }
    if (Object.keys(asked).length > 0) await tellAll(accounts, { kind: 'set-ledger-parameters', ...parameters })
    return parameters
  })
}

// Money in and out, between holders of one owner, and from pending to final.

import type { Deposit, FinalizeProceeds, TransferFunds, Withdraw } from '../../schemas/ledger/commands.ts'
import { holderView, type HolderView } from '../ledger/views.ts'
import type { Context } from '../process/context.ts'
import { stateOf, tellLedger, withAccounts } from './market.ts'

export type MoneyCommand = Deposit | Withdraw | TransferFunds | FinalizeProceeds

/** Returns the holder as it is afterwards. Throws `NotDone` where the ledger refuses. */
export async function moveMoney (context: Context, command: MoneyCommand): Promise<HolderView> {
  return await withAccounts(context, [command.holder], async accounts => {
    await tellLedger(accounts, [command])
    return holderView(stateOf(accounts, command.holder), command.holder)!
  })
}

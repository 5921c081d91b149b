// The accounts that a recorded flow is replayed through. The recording knows none, so these are made for it. Who buys
// never sells, so that nobody meets itself; and all of them live in one partition of the ledger, so that orders reach
// matching in the order in which they were recorded.

import type { LedgerCommand } from '../../schemas/ledger/commands.ts'
import { topics } from '../../schemas/topics.ts'
import {
  holderId, microdollars, ownerId, quantityMax, type HolderId, type InstrumentId, type OrderId, type Side
} from '../../schemas/units.ts'

/** Of the ledger. */
export const accountPartition = 0

const accountsASide = 50
const { partitions } = topics.ledger

/** More than the whole recording could spend at once, and far below what the house may owe. */
const fundsEach = microdollars(5_000_000_000_000)

const account = (place: number): HolderId => holderId((place + 1) * partitions + accountPartition)

const buyers = Array.from({ length: accountsASide }, (_, place) => account(place))
const sellers = Array.from({ length: accountsASide }, (_, place) => account(accountsASide + place))

export const accounts: readonly HolderId[] = [...buyers, ...sellers]

/** The account of a recorded order. */
export const accountOf = (recorded: OrderId, side: Side): HolderId =>
  (side === 'buy' ? buyers : sellers)[recorded % accountsASide]!

/** Opens and fills the accounts. Sellers are suppliers: a sweep takes no units of theirs out of the market. */
export function openingCommands (instrumentId: InstrumentId): LedgerCommand[] {
  return accounts.flatMap((holder): LedgerCommand[] => {
    const isIssuer = !buyers.includes(holder)
    const opened: LedgerCommand = { kind: 'set-holder', holder, owner: ownerId(holder), isIssuer, isSuspended: false }
    if (!isIssuer) return [opened, { kind: 'deposit', holder, amount: fundsEach, isGrant: false, reference: 'replay' }]
    const supply = { holder, instrumentId, quantity: quantityMax }
    return [
      opened,
      { kind: 'issue-supply', ...supply, reference: 'replay-issued' },
      { kind: 'transfer-issued', ...supply, reference: 'replay-moved' }
    ]
  })
}

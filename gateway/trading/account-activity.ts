// What happened to accounts, for the dates and totals beside their balances. Balances are the ledger's; these come from
// analytics, a moment behind.

import type { EntryType, HolderAccount } from '../../schemas/ledger/records.ts'
import type { InstrumentId, Instant } from '../../schemas/units.ts'
import { toApiError } from '../errors.ts'
import type { AccountHistoryPort, Activity, User } from '../ports.ts'
import { isoTime } from './decimals.ts'

type Accounts = HolderAccount | readonly HolderAccount[]

/** Entries of some types, in one account. */
export class ActivityOf {
  readonly #known: readonly Activity[]

  constructor (all: readonly Activity[], account: Accounts, instrumentId: InstrumentId | null) {
    const accounts = [account].flat()
    this.#known = all.filter(each => accounts.includes(each.account) && each.instrumentId === instrumentId)
  }

  /** Units or microdollars that came in by entries of these types; all types when none is named. */
  in (...types: readonly EntryType[]): bigint {
    return this.#of(types).reduce((sum, each) => sum + each.in, 0n)
  }

  out (...types: readonly EntryType[]): bigint {
    return this.#of(types).reduce((sum, each) => sum + each.out, 0n)
  }

  /** When the last of them was booked, as the API writes it. */
  last (...types: readonly EntryType[]): string | null {
    const times = this.#of(types).map(({ lastAt }) => lastAt)
    return times.length === 0 ? null : isoTime(Math.max(...times) as Instant)
  }

  /** Since when the account is used; the user's own beginning before that. */
  opened (user: User): string {
    const first = Math.min(...this.#known.map(({ firstAt }) => firstAt))
    return isoTime(Number.isFinite(first) ? first as Instant : user.createdAt)
  }

  updated (user: User): string {
    return this.last() ?? isoTime(user.createdAt)
  }

  #of (types: readonly EntryType[]): readonly Activity[] {
    return types.length === 0 ? this.#known : this.#known.filter(({ type }) => types.includes(type))
  }
}

/** The dates beside a balance are not worth a 503: while analytics is away they are left out. */
export async function activityIfThere (history: AccountHistoryPort, user: User): Promise<readonly Activity[]> {
  try {
    return await history.activity(user.userId)
  } catch (thrown) {
    if (toApiError(thrown).code !== 'unavailable') throw thrown
    return []
  }
}

// Which reload of an account comes next, and what this month's have come to: read off the references under which the
// ledger keeps deposits, which are the same on every replica.

import { instant, type HolderId, type Instant, type Microdollars } from '../../schemas/units.ts'

/** A month of UTC, counted from year 0. */
export type Month = number

export function monthOf (at: Instant): Month {
  const date = new Date(at)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

const monthText = (month: Month): string =>
  `${String(Math.floor(month / 12)).padStart(4, '0')}-${String(month % 12 + 1).padStart(2, '0')}`

/** Of the nth reload's deposit. `at`: when the processor took the money. */
export const depositReference = (n: number, at: Instant): string => referenceIn(n, monthOf(at))
const referenceIn = (n: number, month: Month): string => `reload:${n}:${monthText(month)}`

/** What the processor is to call the nth charge of an account. */
export const chargeKey = (holder: HolderId, n: number): string => `reload:${holder}:${n}`

export function readChargeKey (key: string): { readonly holder: HolderId, readonly n: number } | null {
  const [, holder, n] = /^reload:(\d{1,15}):([1-9]\d{0,8})$/.exec(key) ?? []
  return holder === undefined ? null : { holder: Number(holder) as HolderId, n: Number(n) }
}

/** What was deposited under a reference of the holder's; null: nothing was. */
export type Deposited = (holder: HolderId, reference: string) => Microdollars | null

export type Past = {
  /** How many there have been, ever. */
  readonly count: number
  /** Deposited this month. */
  readonly spent: Microdollars
}

/** As far as the reloads of an account have been read: they come one after the other, and so do their months. */
type Read = { count: number, month: Month, spent: number }

export class ReloadCount {
  readonly #read = new Map<HolderId, Read>()
  readonly #deposited: Deposited

  constructor (deposited: Deposited) {
    this.#deposited = deposited
  }

  /** `since`: when the account was opened. */
  past (holder: HolderId, { since, now }: { readonly since: Instant, readonly now: Instant }): Past {
    const read = this.#read.get(holder) ?? { count: 0, month: monthOf(since), spent: 0 }
    this.#read.set(holder, read)
    // The processor's clock may be ahead of this one, across the end of a month.
    const last = monthOf(instant(now + dayMs))
    while (this.#readNext(holder, read, last));
    return { count: read.count, spent: (read.month === monthOf(now) ? read.spent : 0) as Microdollars }
  }

  #readNext (holder: HolderId, read: Read, last: Month): boolean {
    for (let month = read.month; month <= last; month++) {
      const amount = this.#deposited(holder, referenceIn(read.count + 1, month))
      if (amount === null) continue
      read.spent = amount + (month === read.month ? read.spent : 0)
      read.month = month
      read.count++
      return true
    }
    return false
  }
}

const dayMs = 24 * 60 * 60 * 1000

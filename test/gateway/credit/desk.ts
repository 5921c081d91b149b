// Accounts with a card each, as small as they can be: what gateways see of them, and the ledger that they share.

import { Reloads, type CreditAccounts, type Deposit } from '../../../gateway/credit/reloads.ts'
import type { PaymentPort } from '../../../gateway/credit/payments.ts'
import { accountSettings, type AccountSettings } from '../../../schemas/identity/records.ts'
import { holderId, instant, microdollars, type HolderId, type Microdollars } from '../../../schemas/units.ts'

export const ada = holderId(11)
export const dollars = (amount: number): Microdollars => microdollars(amount * 1_000_000)
export const noon = Date.UTC(2026, 10, 22, 12)
const monthBefore = instant(Date.UTC(2026, 9, 1))

/** Credits and deposits, as the log leaves them. */
export class SmallLedger {
  readonly deposits = new Map<string, Microdollars>()
  credits = new Map<HolderId, number>()
  isReady = true
  isSuspended = false
  /** What the next deposits are refused with. */
  refusal: string | null = null

  apply ({ holder, amount, reference }: Deposit): string | null {
    const key = `${holder} ${reference}`
    const known = this.deposits.get(key)
    if (this.refusal !== null) return this.refusal
    if (known !== undefined) return known === amount ? null : 'reference_conflict'
    this.deposits.set(key, amount)
    this.credits.set(holder, (this.credits.get(holder) ?? 0) + amount)
    return null
  }

  total (): number {
    return this.deposits.values().reduce((sum, each) => sum + each, 0)
  }
}

export class Desk {
  readonly ledger = new SmallLedger()
  readonly logged: string[] = []
  now = noon
  settings: AccountSettings = {
    kind: 'account-settings',
    userId: ada,
    ...accountSettings,
    reloadEnabled: true,
    paymentMethod: 'cus_1/pm_card_visa',
    updatedAt: instant(1)
  }

  /** A gateway, with the ledger as it sees it. */
  gateway (payments: PaymentPort, changes: Partial<CreditAccounts> = {}): Reloads {
    const { ledger, logged } = this
    return new Reloads({
      credit: {
        account: holder => {
          const credits = microdollars(ledger.credits.get(holder) ?? 0)
          return ledger.isReady ? { credits, isSuspended: ledger.isSuspended, openedAt: monthBefore } : null
        },
        deposited: (holder, reference) => ledger.deposits.get(`${holder} ${reference}`) ?? null,
        deposit: async deposit => Promise.resolve(ledger.apply(deposit)),
        ...changes
      },
      payments,
      settings: () => this.settings,
      now: () => instant(this.now),
      log: { error: (_, text) => { logged.push(text) }, warn: (_, text) => { logged.push(text) } }
    })
  }
}

// Auto-Reload. Every step can be repeated by anybody: a charge has one name on every gateway, and so has its deposit.

import type { AccountSettings } from '../../schemas/identity/records.ts'
import { instant, type HolderId, type Instant, type Microdollars } from '../../schemas/units.ts'
import type { Approved, PaymentPort } from './payments.ts'
import { chargeKey, depositReference, readChargeKey, ReloadCount, type Deposited } from './reload-count.ts'

/** `pending`: money is on its way. `declined`, `limit`: none will come by itself. */
export type ReloadState = 'none' | 'pending' | 'declined' | 'limit'

/** An account as this gateway's replica has it. */
export type CreditView = {
  /** Cash and grant that nothing holds. */
  readonly credits: Microdollars
  readonly isSuspended: boolean
  readonly openedAt: Instant
}

export type Deposit = { readonly holder: HolderId, readonly amount: Microdollars, readonly reference: string }

export type CreditAccounts = {
  /** Null while the replica is not ready, or has no such account. */
  account (holder: HolderId): CreditView | null
  /** Off the same replica. */
  readonly deposited: Deposited
  /** Resolves with the ledger's refusal, or null once this replica has it; rejects where nobody knows. */
  deposit (deposit: Deposit): Promise<string | null>
}

export type ReloadPorts = {
  readonly credit: CreditAccounts
  readonly payments: PaymentPort
  settings (holder: HolderId): AccountSettings
  readonly now: () => Instant
  readonly log: { error (about: object, text: string): void, warn (about: object, text: string): void }
}

type Standing =
  | { readonly kind: 'charging' }
  | { readonly kind: 'declined', readonly until: Instant, readonly settingsAt: Instant }
  | { readonly kind: 'failed', readonly until: Instant, readonly waitMs: number }

type Due = { readonly kind: 'due', readonly settings: AccountSettings, readonly n: number }

const declinedMs = 5 * 60_000
const waitMsFirst = 1000
const waitMsMax = 60_000

export class Reloads {
  readonly #ports: ReloadPorts
  readonly #counts: ReloadCount
  readonly #standings = new Map<HolderId, Standing>()
  readonly #underWay = new Set<Promise<void>>()
  #isClosed = false

  constructor (ports: ReloadPorts) {
    this.#ports = ports
    this.#counts = new ReloadCount(ports.credit.deposited)
  }

  /** How things are; begins nothing. What is due and not begun yet is `pending`. */
  state (holder: HolderId): ReloadState {
    const judged = this.#judge(holder)
    return typeof judged === 'string' ? judged : 'pending'
  }

  /** The same, and begins what is due. Cheap where reloading is off. */
  look (holder: HolderId): ReloadState {
    const judged = this.#judge(holder)
    if (typeof judged === 'string') return judged
    if (!this.#isClosed) this.#begin(holder, judged)
    return 'pending'
  }

  /** Gives every charge since then its deposit, where it has none. Returns how many had none. */
  async reconcile (since: Instant): Promise<number> {
    let given = 0
    for (const charge of await this.#ports.payments.approvedSince(since)) {
      const read = readChargeKey(charge.idempotencyKey)
      if (read === null || this.#isClosed) continue
      const { credit } = this.#ports
      // Where the replica is not ready the ledger is told, and finds out by itself.
      const isReady = credit.account(read.holder) !== null
      if (isReady && credit.deposited(read.holder, depositReference(read.n, charge.at)) !== null) continue
      if (await this.#deposit(read.holder, read.n, charge)) given++
    }
    return given
  }

  /** Resolves once nothing is under way. */
  async settled (): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  /** Begins nothing more; resolves once nothing is under way. */
  async close (): Promise<void> {
    this.#isClosed = true
    await this.settled()
  }

  #judge (holder: HolderId): ReloadState | Due {
    const settings = this.#ports.settings(holder)
    if (!settings.reloadEnabled || settings.paymentMethod === null) return 'none'
    const standing = this.#standings.get(holder)
    if (standing?.kind === 'charging') return 'pending'
    const account = this.#ports.credit.account(holder)
    if (account === null || account.isSuspended || account.credits >= settings.reloadThreshold) return 'none'
    const now = this.#ports.now()
    if (standing !== undefined && now < standing.until) {
      if (standing.kind === 'failed') return 'pending'
      if (standing.settingsAt === settings.updatedAt) return 'declined'
    }
    const { count, spent } = this.#counts.past(holder, { since: account.openedAt, now })
    const { reloadAmount, reloadMonthlyMax } = settings
    if (reloadMonthlyMax !== null && spent + reloadAmount > reloadMonthlyMax) return 'limit'
    return { kind: 'due', settings, n: count + 1 }
  }

  #begin (holder: HolderId, due: Due): void {
    const before = this.#standings.get(holder)
    this.#standings.set(holder, { kind: 'charging' })
    const work = this.#reload(holder, due)
      .then(
        standing => { this.#stand(holder, standing) },
        (error: unknown) => {
          this.#ports.log.warn({ holder, n: due.n, error: String(error) }, 'a reload is tried again')
          this.#stand(holder, this.#failed(before))
        }
      )
      .finally(() => { this.#underWay.delete(work) })
    this.#underWay.add(work)
  }

  #stand (holder: HolderId, standing: Standing | null): void {
    if (standing === null) this.#standings.delete(holder)
    else this.#standings.set(holder, standing)
  }

  // The order of these steps is the guarantee; each says what a crash after it costs.
  //   1 charge   under the name that every gateway gives it   nothing: asked again, it is the same charge
  //   2 deposit  under the name that follows from the charge  nothing: deposited again, it is the same deposit
  async #reload (holder: HolderId, { settings, n }: Due): Promise<Standing | null> {
    const { payments, now } = this.#ports
    const charge = await payments.charge({
      holder, method: settings.paymentMethod!, amount: settings.reloadAmount, idempotencyKey: chargeKey(holder, n)
    })
    if (charge.kind === 'declined') {
      this.#ports.log.warn({ holder, n, reason: charge.reason }, 'a card was declined')
      return { kind: 'declined', until: instant(now() + declinedMs), settingsAt: settings.updatedAt }
    }
    return await this.#deposit(holder, n, charge) ? null : { kind: 'failed', until: instant(now() + waitMsMax), waitMs: waitMsMax }
  }

  /** False where the ledger refuses: the money is charged, and an operator has to look. */
  async #deposit (holder: HolderId, n: number, { amount, at, reference: charge }: Approved): Promise<boolean> {
    const reference = depositReference(n, at)
    const refusal = await this.#ports.credit.deposit({ holder, amount, reference })
    if (refusal === null) return true
    this.#ports.log.error({ holder, reference, charge, amount, refusal }, 'a charge could not be deposited')
    return false
  }

  #failed (before: Standing | undefined): Standing {
    const waitMs = before?.kind === 'failed' ? Math.min(2 * before.waitMs, waitMsMax) : waitMsFirst
    return { kind: 'failed', until: instant(this.#ports.now() + waitMs), waitMs }
  }
}

// Auto-Reload in one gateway process, on its replicas and its directory, with what is started and stopped with it.

import type { Logger } from 'pino'
import type { Directory } from '../../pipelines/identities/directory.ts'
import { topics } from '../../schemas/topics.ts'
import { instant, type HolderId, type Instant } from '../../schemas/units.ts'
import type { PaymentPort } from '../credit/payments.ts'
import { Reloads } from '../credit/reloads.ts'
import type { CreditPort } from '../consumption/ports.ts'
import type { LedgerPort } from '../ports.ts'
import { creditAccounts } from './credit.ts'
import type { LedgerReplica } from './ledger.ts'
import type { UsageRequests } from './usage-requests.ts'

export type ReloadingOptions = {
  /** Null: nothing is charged. */
  readonly payments: PaymentPort | null
  readonly ledger: LedgerPort
  readonly replica: (partition: number) => LedgerReplica | undefined
  readonly directory: Directory
  readonly requests: Pick<UsageRequests, 'onHeard'>
  readonly now: () => Instant
  readonly logger: Pick<Logger, 'warn' | 'error'>
}

export type Reloading = { readonly credit: CreditPort, close (): Promise<void> }

const everyMs = 60 * 60_000
const reachMs = 3 * 24 * 60 * 60_000

const none: Reloading = {
  credit: { state: () => 'none', look: () => {} },
  close: async () => Promise.resolve()
}

/** Looks at an account whenever the ledger says something of a request of its own. */
export function reloading (options: ReloadingOptions): Reloading {
  const { payments, directory, requests, now, logger } = options
  if (payments === null) return none
  const user = (holder: HolderId) => directory.user(holder)
  const reloads = new Reloads({
    credit: creditAccounts({ ...options, partitions: topics.ledger.partitions, user }),
    payments,
    settings: holder => directory.settings(holder),
    now,
    log: {
      warn: (about, text) => { logger.warn(about, text) },
      error: (about, text) => { logger.error(about, text) }
    }
  })
  requests.onHeard(({ holder }) => { reloads.look(holder) })
  const reconcile = (): void => {
    reloads.reconcile(instant(now() - reachMs)).catch((error: unknown) => {
      logger.warn({ error: String(error) }, 'charges could not be held against deposits')
    })
  }
  reconcile()
  const timer = setInterval(reconcile, everyMs)
  return {
    credit: reloads,
    async close () {
      clearInterval(timer)
      await reloads.close()
    }
  }
}

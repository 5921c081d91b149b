// What Auto-Reload sees of accounts and does to them, on this gateway's replicas of the ledger.

import { randomUUID } from 'node:crypto'
import { instant, microdollars, partitionOfHolder, type HolderId, type Instant } from '../../schemas/units.ts'
import type { User } from '../accounts.ts'
import type { CreditAccounts } from '../credit/reloads.ts'
import type { LedgerPort } from '../ports.ts'
import type { LedgerReplica } from './ledger.ts'

export type CreditParts = {
  readonly ledger: LedgerPort
  readonly replica: (partition: number) => LedgerReplica | undefined
  readonly partitions: number
  readonly user: (holder: HolderId) => User | undefined
  readonly now: () => Instant
}

/** What a deposit has to reach its stage. */
const validMs = 10_000

export function creditAccounts ({ ledger, replica, partitions, user, now }: CreditParts): CreditAccounts {
  return {
    account (holder) {
      const [held, who] = [ledger.holder(holder), user(holder)]
      if (held === null || who === undefined) return null
      const { cash, grant, isSuspended } = held
      const credits = microdollars(cash.posted - cash.held + grant.posted - grant.held)
      return { credits, isSuspended, openedAt: who.createdAt }
    },
    deposited (holder, reference) {
      const state = replica(partitionOfHolder(holder, partitions))?.state
      const content = state?.references.find({ kind: 'deposit', holder, reference })
      // What is kept of a deposit begins with its amount.
      return content === undefined ? null : microdollars(Number(content.split(' ', 1)[0]))
    },
    async deposit ({ holder, amount, reference }) {
      const command = { kind: 'deposit', holder, amount, isGrant: false, reference } as const
      const tag = { id: randomUUID(), validUntil: instant(now() + validMs) }
      const [answer] = await ledger.submit([{ command, tag }])
      if (answer?.kind === 'done') return null
      if (answer?.kind === 'refused') return answer.refusal
      throw new Error(`the ledger's answer to a deposit was ${answer?.kind ?? 'none'}`)
    }
  }
}

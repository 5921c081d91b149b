// `LedgerPort` on this gateway's own replicas of the ledger, and on the log for what they are to be told.

import type { Ledger } from '../../pipelines/ledger/ledger.ts'
import { lotViews, sweepPreview } from '../../pipelines/ledger/lots/views.ts'
import { holderView, openOrders, orderByClientId, orderView, positionViews, recentOrders } from '../../pipelines/ledger/views.ts'
import type { Applied } from '../../pipelines/runtime/replica.ts'
import type { LedgerCommand } from '../../schemas/ledger/commands.ts'
import { ledgerParameters } from '../../schemas/ledger/commands.ts'
import type { LedgerOutput } from '../../schemas/ledger/records.ts'
import { partitionOfHolder, type HolderId, type Instant } from '../../schemas/units.ts'
import { ApiError } from '../errors.ts'
import type { LedgerPort } from '../ports.ts'
import { behindMsMax } from './health.ts'
import type { LedgerCommands } from './ledger-commands.ts'
import { answersOf, holderOf, orderOf } from './ledger-views.ts'

/** What is asked of a replica: its state, and where in the log that is. */
export type LedgerReplica = {
  readonly state: Ledger
  /** The offset of the record that comes next. */
  readonly next: number
  /** Stage time. */
  readonly now: Instant
}

export type LedgerParts = {
  readonly commands: LedgerCommands
  readonly replica: (partition: number) => LedgerReplica | undefined
  readonly partitions: number
  /** The ledger's topic on the broker. */
  readonly topic: string
  readonly now: () => Instant
}

type Place = { readonly topic: string, readonly partition: number }

const standing = ({ state, now, next }: LedgerReplica, place: Place) =>
  answersOf({ state, now, position: { ...place, offset: next - 1 } })

/** What the replicas are given as their witness. */
export function witness (commands: LedgerCommands, topic: string) {
  return ({ fate, record, outputs, partition, machine }: Applied<Ledger, LedgerCommand, LedgerOutput>): void => {
    const answers = standing(machine, { topic, partition })
    commands.see(partition, { fate, record, outputs: outputs.map(({ value }) => value), answers })
  }
}

export function ledgerPort ({ commands, replica, partitions, topic, now }: LedgerParts): LedgerPort {
  const partitionOf = (holder: HolderId): number => partitionOfHolder(holder, partitions)
  // Answers that are older than a client would think are worse than none.
  const ready = (holder: HolderId): LedgerReplica | undefined => {
    const found = replica(partitionOf(holder))
    return found === undefined || found.next === 0 || now() - found.now > behindMsMax ? undefined : found
  }
  return {
    async submit (asked) {
      const [first] = asked
      if (first === undefined) return []
      const holder = 'holder' in first.command ? first.command.holder : 0 as HolderId
      const partition = partitionOf(holder)
      const found = ready(holder)
      if (found === undefined) {
        const headers = { 'retry-after': '1' }
        throw new ApiError('unavailable', 'Your accounts are still being restored here; nothing happened. Try again.', { headers })
      }
      return commands.submit({ commands: asked, holder, partition, answers: standing(found, { topic, partition }) })
    },
    isReady: holder => ready(holder) !== undefined,
    stopSlippage: holder => (ready(holder)?.state.parameters ?? ledgerParameters).stopSlippageBp,
    holder (holder) {
      const found = ready(holder)
      const held = found === undefined ? undefined : holderView(found.state, holder)
      return held === undefined ? null : holderOf(held)
    },
    positions (holder) {
      const found = ready(holder)
      return found === undefined ? [] : positionViews(found.state, holder)
    },
    order (holder, orderId) {
      const found = ready(holder)
      const kept = found === undefined ? undefined : orderView(found.state, orderId)
      return kept?.holder === holder ? orderOf(kept) : null
    },
    orderByClientId (holder, clientOrderId) {
      const found = ready(holder)
      const kept = found === undefined ? undefined : orderByClientId(found.state, holder, clientOrderId)
      return kept === undefined ? null : orderOf(kept)
    },
    openOrders (holder) {
      const found = ready(holder)
      return found === undefined ? [] : openOrders(found.state, holder).map(orderOf)
    },
    recentOrders (holder) {
      const found = ready(holder)
      return found === undefined ? [] : recentOrders(found.state, holder).map(orderOf)
    },
    lots (holder) {
      const found = ready(holder)
      return found === undefined ? [] : lotViews(found.state, holder)
    },
    sweepPreview (holder) {
      const found = ready(holder)
      return found === undefined ? [] : sweepPreview(found.state, holder)
    }
  }
}

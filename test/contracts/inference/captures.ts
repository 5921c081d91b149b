// What was billed, as the journal in the log has it: every capture with its receipt.

import { readToEnd } from '../../../pipelines/runtime/read.ts'
import type { Context } from '../../../pipelines/process/context.ts'
import type { JournalEntry } from '../../../schemas/ledger/records.ts'
import type { UsageReceipt } from '../../../schemas/ledger/usage-records.ts'
import { topics } from '../../../schemas/topics.ts'
import { partitionOfHolder, type HolderId } from '../../../schemas/units.ts'

export async function capturesOf ({ log, topic, binder }: Context, holder: HolderId): Promise<UsageReceipt[]> {
  const { name, partitions } = topics.ledgerEntries
  const found: UsageReceipt[] = []
  await readToEnd(log, { topic: topic(name), partition: partitionOfHolder(holder, partitions) }, ({ value }) => {
    const entry = binder.current.decode(value) as JournalEntry
    if (entry.holder === holder && entry.usage !== null) found.push(entry.usage)
  })
  return found
}

/** What there is to compare: how many answers, how many requests, how many tokens. */
export const summaryOf = (receipts: readonly UsageReceipt[]) => ({
  answers: receipts.length,
  requests: new Set(receipts.map(({ requestId }) => requestId)).size,
  tokens: receipts.reduce((sum, { billed }) => sum + billed, 0)
})

// What must be true of lots and readings in a made-up market that has come to rest.

import assert from 'node:assert/strict'
import { lotViews } from '../../../pipelines/ledger/lots/views.ts'
import { conservation } from '../../../pipelines/ledger/conservation.ts'
import type { JournalEntry } from '../../../schemas/ledger/records.ts'
import type { LotChange } from '../../../schemas/ledger/usage-records.ts'
import type { UnbilledUsage } from '../../../schemas/usage/records.ts'
import { partitionOfHolder } from '../../../schemas/units.ts'
import { holders, type World } from './world.ts'

const cost = ({ tokens, price }: Pick<LotChange, 'tokens' | 'price'>): bigint => BigInt(tokens) * BigInt(price)

/** L1, L5: what the journal says was opened is gone or is still there, in tokens and in picodollars. */
export function judgeLots ({ ledgers }: World, entries: readonly JournalEntry[]): void {
  const left = new Map<number, { tokens: number, cost: bigint }>()
  for (const change of entries.flatMap(({ lots }) => lots)) {
    const lot = left.get(change.lotId) ?? { tokens: 0, cost: 0n }
    const sign = change.change === 'opened' ? 1 : -1
    left.set(change.lotId, { tokens: lot.tokens + sign * change.tokens, cost: lot.cost + BigInt(sign) * cost(change) })
  }
  for (const [lotId, { tokens }] of left) assert(tokens >= 0, `L1: lot ${lotId} gave more than it had`)
  let all = 0
  for (const holder of holders) {
    const lots = lotViews(ledgers[partitionOfHolder(holder, 8)]!.machine.state, holder)
    // One that a sweep will open has no id, and no entry yet.
    for (const { lotId, price, remaining, held } of lots.filter(lot => lot.lotId !== 0)) {
      const known = left.get(lotId)
      const tokens = remaining + held
      assert.deepEqual(known, { tokens, cost: BigInt(tokens) * BigInt(price) }, `L1, L5: lot ${lotId}`)
      left.delete(lotId)
      all += tokens
    }
  }
  for (const [lotId, { tokens }] of left) assert.equal(tokens, 0, `L1: lot ${lotId} is nowhere, and has something left`)
  const posted = ledgers.flatMap(({ machine }) => conservation(machine.state))
    .reduce((sum, { accounts }) => sum + (accounts.consumption ?? 0n), 0n)
  assert.equal(posted, BigInt(all), 'Consumption is not what its lots have left')
}

/** L4: each token of a reading is billed or told as unbilled, never both, and once. */
export function judgeUsage ({ told }: World, entries: readonly JournalEntry[]): void {
  const billed = new Map<string, number>()
  for (const { usage, lots, postings } of entries) {
    if (usage === null) continue
    const drawn = lots.filter(({ change }) => change === 'drawn').reduce((sum, { tokens }) => sum + tokens, 0)
    const paid = postings.filter(({ account }) => account === 'managed').reduce((sum, { amount }) => sum + amount, 0)
    const { billed: count, managedPrice } = usage
    assert.equal(drawn, managedPrice === null ? count : 0, 'what is billed is drawn, or paid for')
    assert.equal(paid, managedPrice === null ? 0 : Math.ceil(count * managedPrice / 1_000_000), 'what is billed is drawn, or paid for')
    assert.equal(usage.billed, Math.min(usage.held, usage.inputTokens + usage.outputTokens))
    assert(!billed.has(usage.eventId), `L4: reading ${usage.eventId} is billed twice`)
    billed.set(usage.eventId, usage.billed)
  }
  const reasons = new Set<string>()
  for (const each of told.filter(({ kind }) => kind === 'unbilled-usage') as unknown as UnbilledUsage[]) {
    const { eventId, reason, tokens } = each
    assert(!reasons.has(`${eventId} ${reason}`), `L4: reading ${eventId} is told twice`)
    reasons.add(`${eventId} ${reason}`)
    if (reason === 'below_produced') continue
    const taken = each.inputTokens + each.outputTokens
    assert.equal(tokens + (billed.get(eventId) ?? 0), taken, `L4: reading ${eventId} is billed and unbilled, or neither`)
  }
}

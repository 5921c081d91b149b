// What a usage replay came to, told three times: by the journal in the log, by a replica of the ledger, and by
// ClickHouse. Tokens and picodollars are bigint: their sums know no bound.

import type { ClickHouse } from '../../analytics/client.ts'
import { ledgerAudit } from '../../analytics/conservation.ts'
import type { JournalEntry } from '../../schemas/ledger/records.ts'
import type { LotChange } from '../../schemas/ledger/usage-records.ts'
import { topicOf, topics, type TopicName } from '../../schemas/topics.ts'
import { instant, type HolderId, type Instant, type InstrumentId } from '../../schemas/units.ts'
import { conservation } from '../ledger/conservation.ts'
import { lotViews } from '../ledger/lots/views.ts'
import type { Context } from '../process/context.ts'
import type { Ledgers } from './account-balances.ts'
import { bookedPositions } from './booked.ts'
import { readRecords } from './read-back.ts'

/** What became of all tokens that lots were opened with. */
export type Fates = {
  readonly opened: bigint
  readonly drawn: bigint
  /** In lots still. */
  readonly left: bigint
  /** Expired: breakage. */
  readonly expired: bigint
  readonly regranted: bigint
}

export type Tally = {
  /** Captured, each once. */
  readonly requests: number
  readonly inputTokens: bigint
  readonly outputTokens: bigint
  readonly billed: bigint
  /** Picodollars, added up over requests. */
  readonly cost: bigint
  readonly fates: Fates
  /** The same in picodollars. `drawn`: added up over lots. */
  readonly costs: Fates
}

type Lot = { readonly price: bigint, opened: bigint, drawn: bigint, expired: bigint, regranted: bigint }

export class LogTally {
  readonly requests = new Set<string>()
  readonly lots = new Map<number, Lot>()
  readonly #sums = { inputTokens: 0n, outputTokens: 0n, billed: 0n, cost: 0n, left: 0n }

  add ({ holder, usage, lots, postings }: JournalEntry): void {
    for (const change of lots) this.#change(change)
    for (const { account, amount } of postings) if (account === 'consumption') this.#sums.left += BigInt(amount)
    if (usage === null) return
    this.requests.add(`${holder} ${usage.requestId}`)
    this.#sums.inputTokens += BigInt(usage.inputTokens)
    this.#sums.outputTokens += BigInt(usage.outputTokens)
    this.#sums.billed += BigInt(usage.billed)
    for (const { change, tokens, price } of lots) {
      if (change === 'drawn') this.#sums.cost += BigInt(tokens) * BigInt(price)
    }
  }

  #change ({ lotId, change, tokens, price }: LotChange): void {
    const lot = this.lots.get(lotId) ?? { price: BigInt(price), opened: 0n, drawn: 0n, expired: 0n, regranted: 0n }
    this.lots.set(lotId, lot)
    lot[change] += BigInt(tokens)
  }

  /** `left`: by postings, not by lots. `costs.left`: by lots. */
  tally (): Tally {
    const { left, ...sums } = this.#sums
    const fates = { opened: 0n, drawn: 0n, left, expired: 0n, regranted: 0n }
    const costs = { opened: 0n, drawn: 0n, left: 0n, expired: 0n, regranted: 0n }
    for (const lot of this.lots.values()) {
      for (const fate of ['opened', 'drawn', 'expired', 'regranted'] as const) {
        fates[fate] += lot[fate]
        costs[fate] += lot[fate] * lot.price
      }
      costs.left += (lot.opened - lot.drawn - lot.expired - lot.regranted) * lot.price
    }
    return { requests: this.requests.size, ...sums, fates, costs }
  }
}

export async function tallyLog (context: Context): Promise<Tally> {
  const tally = new LogTally()
  for (let partition = 0; partition < topics.ledgerEntries.partitions; partition++) {
    const place = { topic: context.topic(topics.ledgerEntries.name), partition }
    const { current } = context.binder
    await readRecords(context, place, ({ value }) => { tally.add(current.decode(value) as JournalEntry) })
  }
  return tally.tally()
}

/** What a replica knows: balances of the house, and lots that have something left. */
export type ReplicaTally = Pick<Fates, 'drawn' | 'left' | 'expired'> & {
  /** Units that became tokens, in tokens. */
  readonly converted: bigint
  readonly costLeft: bigint
  /** Lots that are over and have something left, though they expired before the instant. */
  readonly unbooked: number
}

export function tallyReplica (ledgers: Ledgers, holders: readonly HolderId[], before: Instant): ReplicaTally {
  const sums = { drawn: 0n, left: 0n, expired: 0n, converted: 0n, costLeft: 0n, unbooked: 0 }
  for (const { asset, accounts } of [...ledgers.values()].flatMap(conservation)) {
    if (!asset.endsWith(':tokens')) continue
    sums.drawn += accounts.drawn ?? 0n
    sums.expired += accounts.breakage ?? 0n
    sums.converted -= accounts.conversion ?? 0n
  }
  for (const state of ledgers.values()) {
    for (const holder of holders) {
      for (const { consumption } of bookedPositions(state, holder)) sums.left += BigInt(consumption)
      for (const { price, remaining, held, expiresAt } of lotViews(state, holder)) {
        sums.costLeft += BigInt(remaining + held) * BigInt(price)
        if (expiresAt < before && remaining > 0) sums.unbooked++
      }
    }
  }
  return sums
}

type Receipts = Record<'requests' | 'input' | 'output' | 'billed', string>

export type StoredTally = Tally & { readonly isKept: boolean }

export async function tallyStored (clickHouse: ClickHouse, instrument: InstrumentId): Promise<StoredTally> {
  const [receipts] = await clickHouse.rows<Receipts>(`
    SELECT toString(uniqExact(holder, request_id)) AS requests, toString(sum(toInt128(input_tokens))) AS input,
      toString(sum(toInt128(output_tokens))) AS output, toString(sum(toInt128(billed_tokens))) AS billed
    FROM usage_receipts WHERE instrument_id = {instrument:String}`, { instrument })
  const sums = await ledgerAudit(clickHouse).tokens(instant(Date.now()))
  const found = sums.find(({ instrumentId }) => instrumentId === instrument)
  const { requests, input, output, billed } = receipts!
  const none = { opened: 0n, drawn: 0n, expired: 0n, regranted: 0n }
  return {
    requests: Number(requests),
    inputTokens: BigInt(input),
    outputTokens: BigInt(output),
    billed: BigInt(billed),
    cost: found?.billedCost ?? 0n,
    fates: { ...found?.tokens ?? none, left: found?.open ?? 0n },
    costs: { ...found?.cost ?? none, left: found?.openCost ?? 0n },
    isKept: found?.isKept ?? true
  }
}

/** Records in a topic that bear an origin, each once. */
export async function countRecords (context: Context, name: TopicName): Promise<number> {
  let count = 0
  for (let partition = 0; partition < topicOf(name).partitions; partition++) {
    await readRecords(context, { topic: context.topic(name), partition }, () => { count++ })
  }
  return count
}

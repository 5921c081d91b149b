// Every balance three times: as a replica of the ledger has it, as the journal in the log adds up to it, and as the
// journal in ClickHouse does. All three are one, nothing is made or lost, and nothing is left between two accounts.

import { Registry } from 'prom-client'
import type { ClickHouse } from '../../analytics/client.ts'
import { ledgerAudit } from '../../analytics/conservation.ts'
import type { JournalEntry } from '../../schemas/ledger/records.ts'
import { topics } from '../../schemas/topics.ts'
import { partitionOfHolder, type HolderId } from '../../schemas/units.ts'
import { conservation, type ConservationRow } from '../ledger/conservation.ts'
import { ledger } from '../ledger/stage.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { holderView } from '../ledger/views.ts'
import type { Context } from '../process/context.ts'
import { runStage } from '../process/run-stage.ts'
import { KafkaLog } from '../runtime/kafka/kafka-log.ts'
import { bookedPositions } from './booked.ts'
import { readRecords } from './read-back.ts'

/** By account and asset, `holder account asset`; those that are zero are left out. */
export type Balances = ReadonlyMap<string, bigint>

const house = 0

const keyOf = (holder: number, account: string, asset: string): string => `${holder} ${account} ${asset}`

/** By partition. */
export type Ledgers = ReadonlyMap<number, Ledger>

/** What is wrong with the accounts of these holders and of the house, in words. */
export async function balanceDifferences (
  context: Context, clickhouse: ClickHouse, holders: readonly HolderId[]
): Promise<string[]> {
  const partitions = [...new Set(holders.map(ofHolder))]
  const journal = await readJournal(context, partitions)
  const ledgers = await readReplica(context, partitions)
  const stored = await readStored(clickhouse)
  return [
    ...journal.unbalanced.map(entry => `journal entry ${entry} does not sum to zero`),
    ...unconserved([...ledgers.values()].flatMap(conservation)),
    ...compared('of the replica against the journal', balancesOf(ledgers, holders), journal.balances),
    ...compared('in ClickHouse against the journal', stored.balances, journal.balances),
    ...(stored.isConserved ? [] : ['ClickHouse says that something was made or lost'])
  ]
}

const ofHolder = (holder: HolderId): number => partitionOfHolder(holder, topics.ledger.partitions)

export function compared (what: string, found: Balances, expected: Balances): string[] {
  const keys = [...new Set([...found.keys(), ...expected.keys()])]
  return keys.filter(key => (found.get(key) ?? 0n) !== (expected.get(key) ?? 0n))
    .map(key => `balance ${key} ${what}: expected ${expected.get(key) ?? 0n}, found ${found.get(key) ?? 0n}`)
}

/** Each partition sums to nothing. At the end every trade has both its legs, so that over all nothing is in transit. */
function unconserved (rows: readonly ConservationRow[]): string[] {
  const inTransit = new Map<string, bigint>()
  for (const { asset, accounts } of rows) {
    inTransit.set(asset, (inTransit.get(asset) ?? 0n) + (accounts.in_transit ?? 0n))
  }
  return [
    ...rows.filter(({ sum }) => sum !== 0n).map(({ asset, sum }) => `all accounts in ${asset} sum to ${sum}`),
    ...[...inTransit].filter(([, left]) => left !== 0n).map(([asset, left]) => `${left} of ${asset} are in transit`)
  ]
}

type Journal = { readonly balances: Balances, readonly unbalanced: readonly string[] }

async function readJournal (context: Context, partitions: readonly number[]): Promise<Journal> {
  const balances = new Map<string, bigint>()
  const unbalanced: string[] = []
  for (const partition of partitions) {
    const place = { topic: context.topic(topics.ledgerEntries.name), partition }
    await readRecords(context, place, ({ value }) => {
      const { sequence, postings } = context.binder.current.decode(value) as JournalEntry
      const sums = new Map<string, number>()
      for (const { holder, account, asset, amount } of postings) {
        add(balances, keyOf(holder, account, asset), BigInt(amount))
        sums.set(asset, (sums.get(asset) ?? 0) + amount)
      }
      if ([...sums.values()].some(sum => sum !== 0)) unbalanced.push(`${partition}/${sequence}`)
    })
  }
  return { balances: withoutZeros(balances), unbalanced }
}

function add (balances: Map<string, bigint>, key: string, amount: bigint): void {
  balances.set(key, (balances.get(key) ?? 0n) + amount)
}

const withoutZeros = (balances: Balances): Balances => new Map([...balances].filter(([, amount]) => amount !== 0n))

/** On connections of its own, closed again: the replica is needed for a moment only. */
export async function readReplica (context: Context, partitions: readonly number[]): Promise<Ledgers> {
  const log = new KafkaLog(context.kafka)
  const alone = { ...context, log, metrics: new Registry() }
  const host = runStage(alone, ledger(), { leads: false, partitions })
  try {
    await host.warm()
    return new Map(partitions.map(partition => [partition, host.machine(partition)!.state]))
  } finally {
    await host.close()
    await log.close()
  }
}

const ofHolders = new Set(['cash', 'grant', 'pending', 'trading', 'issuance', 'consumption'])

function balancesOf (ledgers: Ledgers, holders: readonly HolderId[]): Balances {
  const balances = new Map<string, bigint>()
  for (const holder of holders) addHolder(balances, ledgers.get(ofHolder(holder))!, holder)
  for (const { asset, accounts: sums } of [...ledgers.values()].flatMap(conservation)) {
    for (const [account, amount] of Object.entries(sums)) {
      if (!ofHolders.has(account)) add(balances, keyOf(house, account, asset), amount)
    }
  }
  return withoutZeros(balances)
}

function addHolder (balances: Map<string, bigint>, state: Ledger, holder: HolderId): void {
  const view = holderView(state, holder)
  if (view === undefined) return
  const put = (account: string, asset: string, amount: number): void => {
    add(balances, keyOf(holder, account, asset), BigInt(amount))
  }
  put('cash', 'usd', view.cash.posted)
  put('grant', 'usd', view.grant.posted)
  put('pending', 'usd', view.pending)
  for (const { instrumentId, trading, issuance, consumption } of bookedPositions(state, holder)) {
    put('trading', instrumentId, trading)
    put('issuance', instrumentId, issuance)
    put('consumption', `${instrumentId}:tokens`, consumption)
  }
}

async function readStored (clickhouse: ClickHouse): Promise<{ balances: Balances, isConserved: boolean }> {
  const audit = ledgerAudit(clickhouse)
  const { isKept, assets } = await audit.conservation()
  const balances = new Map<string, bigint>()
  for (const { holder, account, asset, amount } of await audit.balances()) {
    add(balances, keyOf(holder, account, asset), amount)
  }
  return { balances, isConserved: isKept && assets.every(({ inTransit }) => inTransit === 0n) }
}

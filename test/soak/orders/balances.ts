// Balances from three sides, to the microdollar: the log replayed, every gateway's own replica over HTTP, and what
// ClickHouse adds up from the journal, with what is held for orders that are open there.

import { ledgerAudit } from '../../../analytics/conservation.ts'
import type { ClickHouse } from '../../../analytics/client.ts'
import { conservation } from '../../../pipelines/ledger/conservation.ts'
import type { Ledger } from '../../../pipelines/ledger/ledger.ts'
import { holderView, openOrders, positionViews } from '../../../pipelines/ledger/views.ts'
import { bookedPositions } from '../../../pipelines/replay/booked.ts'
import { instrumentById } from '../../../schemas/instruments.ts'
import { partitionOfHolder, type HolderId } from '../../../schemas/units.ts'
import type { GatewayClient, Trader } from '../../support/trader.ts'

/** Account by account: what is posted, and of those that can be held, what is. */
export type Balances = ReadonlyMap<string, number>

const differing = (of: string, due: Balances, found: Balances): string[] =>
  [...new Set([...due.keys(), ...found.keys()])].flatMap(name => {
    const [expected, there] = [due.get(name) ?? 0, found.get(name) ?? 0]
    return expected === there ? [] : [`${of} has ${there} in ${name}, and the log ${expected}`]
  })

export const ledgerOf = (ledgers: readonly Ledger[], holder: HolderId): Ledger =>
  ledgers[partitionOfHolder(holder, ledgers.length)]!

/** The accounts of each partition come to nothing, asset by asset, and nothing is in transit once all is done. */
export function conservationFaults (ledgers: readonly Ledger[]): string[] {
  const inTransit = new Map<string, bigint>()
  const sums = ledgers.flatMap((state, partition) => conservation(state).flatMap(({ asset, accounts, sum }) => {
    inTransit.set(asset, (inTransit.get(asset) ?? 0n) + (accounts.in_transit ?? 0n))
    return sum === 0n ? [] : [`partition ${partition} of the ledger has made ${sum} of ${asset}`]
  }))
  return [...sums, ...[...inTransit].flatMap(([asset, left]) => left === 0n ? [] : [`${left} of ${asset} are in transit`])]
}

/** As the API names and rounds them. */
function balancesInLog (ledgers: readonly Ledger[], holder: HolderId): Balances {
  const state = ledgerOf(ledgers, holder)
  const view = holderView(state, holder)
  const balances = new Map<string, number>()
  if (view === undefined) return balances
  const { cash, grant, pending } = view
  balances.set('usd', cash.posted + grant.posted)
  balances.set('usd held', cash.held + grant.held)
  balances.set('usd pending', pending)
  for (const { instrumentId, trading } of positionViews(state, holder)) {
    const { publicId } = instrumentById(instrumentId)!
    balances.set(publicId, trading.posted)
    balances.set(`${publicId} held`, trading.held)
  }
  return balances
}

type Row = Readonly<Record<'total_balance' | 'locked_balance' | 'pending_balance' | 'instrument_id', string>>

async function balancesOver (gateway: GatewayClient, trader: Trader): Promise<Balances> {
  const rows = async (path: string): Promise<readonly Row[]> => {
    const { status, body } = await gateway.ask(trader, { method: 'GET', path, query: 'limit=100' })
    if (status !== 200) throw new Error(`${path} of ${trader.holder} is ${status}: ${JSON.stringify(body)}`)
    return (body as { data: Row[] }).data
  }
  const microdollars = (text: string): number => Math.round(Number(text) * 1_000_000)
  const balances = new Map<string, number>()
  const [[cash], accounts] = await Promise.all([rows('/v1/currency-trading-accounts'), rows('/v1/trading-accounts')])
  balances.set('usd', microdollars(cash!.total_balance))
  balances.set('usd held', microdollars(cash!.locked_balance))
  balances.set('usd pending', microdollars(cash!.pending_balance))
  for (const { instrument_id: id, total_balance: total, locked_balance: locked } of accounts) {
    if (id === 'usd') continue
    balances.set(id, Number(total))
    balances.set(`${id} held`, Number(locked))
  }
  return balances
}

type Asked = { readonly ledgers: readonly Ledger[], readonly traders: readonly Trader[] }

const atOnce = 16

/** Of each gateway and each account: what it shows and the log does not say. */
export async function gatewayFaults (
  { ledgers, traders }: Asked, gateways: readonly GatewayClient[]
): Promise<string[]> {
  const faults: string[] = []
  const due = [...gateways].flatMap(gateway => traders.map(trader => ({ gateway, trader })))
  const work = async (): Promise<void> => {
    for (let next = due.pop(); next !== undefined; next = due.pop()) {
      const { gateway, trader } = next
      const found = await balancesOver(gateway, trader)
      faults.push(...differing(`${trader.holder} at ${gateway.url}`, balancesInLog(ledgers, trader.holder), found))
      const open = openOrders(ledgerOf(ledgers, trader.holder), trader.holder).length
      const { body } = await gateway.ask(trader, { method: 'GET', path: '/v1/orders/count' })
      const { count } = (body as { data: { count: number } }).data
      if (count !== open) faults.push(`${trader.holder} at ${gateway.url} has ${count} open orders, and in the log ${open}`)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return faults
}

/** Every account of everyone, the house's in each partition, in the words of the journal. */
function accountsInLog (ledgers: readonly Ledger[], holders: readonly HolderId[]): Balances {
  const accounts = new Map<string, number>()
  const set = (name: string, amount: number): void => { if (amount !== 0) accounts.set(name, amount) }
  for (const holder of holders) {
    const state = ledgerOf(ledgers, holder)
    const view = holderView(state, holder)
    if (view === undefined) continue
    set(`${holder} cash usd`, view.cash.posted)
    set(`${holder} grant usd`, view.grant.posted)
    set(`${holder} pending usd`, view.pending)
    for (const { instrumentId, trading, issuance, consumption } of bookedPositions(state, holder)) {
      set(`${holder} trading ${instrumentId}`, trading)
      set(`${holder} issuance ${instrumentId}`, issuance)
      set(`${holder} consumption ${instrumentId}:tokens`, consumption)
    }
  }
  return accounts
}

/** What ClickHouse says of balances that the log does not. */
export async function storedFaults ({ ledgers, traders }: Asked, clickHouse: ClickHouse): Promise<string[]> {
  const audit = ledgerAudit(clickHouse)
  const holders = traders.map(({ holder }) => holder)
  const stored = await audit.balances()
  const ofHolders = stored.filter(({ partition }) => partition === null)
  const found = new Map(ofHolders.map(({ holder, account, asset, amount }) =>
    [`${holder} ${account} ${asset}`, Number(amount)]))
  const { isKept, assets } = await audit.conservation()
  return [
    ...differing('ClickHouse', accountsInLog(ledgers, holders), found),
    ...differing('ClickHouse', heldInLog(ledgers, holders), await heldInClickHouse(clickHouse)),
    ...(isKept ? [] : ['in ClickHouse something was made or lost']),
    ...assets.flatMap(({ asset, inTransit }) => inTransit === 0n ? [] : [`in ClickHouse ${inTransit} of ${asset} are in transit`])
  ]
}

function heldInLog (ledgers: readonly Ledger[], holders: readonly HolderId[]): Balances {
  const held = new Map<string, number>()
  for (const holder of holders) {
    const state = ledgerOf(ledgers, holder)
    const view = holderView(state, holder)
    const money = (view?.cash.held ?? 0) + (view?.grant.held ?? 0)
    if (money !== 0) held.set(`${holder} held usd`, money)
    for (const { instrumentId, trading } of positionViews(state, holder)) {
      if (trading.held !== 0) held.set(`${holder} held ${instrumentId}`, trading.held)
    }
  }
  return held
}

const heldQuery = `
SELECT holder, if(side = 'buy', 'usd', toString(instrument_id)) AS asset, toString(sum(held_amount)) AS held
FROM orders WHERE closed_at IS NULL
GROUP BY holder, asset HAVING sum(held_amount) != 0`

async function heldInClickHouse (clickHouse: ClickHouse): Promise<Balances> {
  const rows = await clickHouse.rows<{ holder: string, asset: string, held: string }>(heldQuery)
  return new Map(rows.map(({ holder, asset, held }) => [`${holder} held ${asset}`, Number(held)]))
}

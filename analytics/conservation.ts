// What the journal must add up to: the audit of everyone's balances, and what is wrong with them, if anything is.

import type { HolderAccount, HouseAccount } from '../schemas/ledger/records.ts'
import { holderId, instant, type HolderId, type Instant } from '../schemas/units.ts'
import type { ClickHouse } from './client.ts'
import { exact, query } from './query.ts'
import { tokenSums, type TokenSums } from './token-conservation.ts'

export type AuditedBalance = {
  /** 0: the house. */
  readonly holder: HolderId
  /** Of the house, which has its accounts in each partition; null of a holder. */
  readonly partition: number | null
  readonly account: HolderAccount | HouseAccount
  /** `usd` in microdollars, a symbol in units, `symbol:tokens` in tokens. */
  readonly asset: string
  readonly amount: bigint
}

/** Of one asset, over all accounts of holders and houses. */
export type AssetSum = {
  readonly asset: string
  /** Must be 0. */
  readonly total: bigint
  /** Booked by one side of a trade or transfer and not yet by the other: 0 once all is. */
  readonly inTransit: bigint
  /** Entries with it that do not sum to zero by themselves. */
  readonly unbalanced: number
}

export type Conservation = {
  readonly assets: readonly AssetSum[]
  /** Instruments whose units became something else than a million tokens each. */
  readonly unconverted: readonly string[]
  /** Whether every sum is what it must be; what is in transit aside. */
  readonly isKept: boolean
}

/** One side of it is booked, the other is not. */
export type OpenTransit = {
  /** `instrument:sequence` of a trade; a transfer's own. */
  readonly reference: string
  readonly isTrade: boolean
  readonly asset: string
  readonly amount: bigint
  readonly firstAt: Instant
}

export type TransitQuery = {
  /** What was all booked before this is not looked at again. */
  readonly since: Instant
  /** Younger ones may still be on their way. */
  readonly before: Instant
}

export type LedgerAudit = {
  /** Those that are not zero. */
  balances (): Promise<readonly AuditedBalance[]>
  conservation (): Promise<Conservation>
  /** By instrument, what its lots come to, of what was booked before an instant. */
  tokens (before: Instant): Promise<readonly TokenSums[]>
  /** Oldest first, and not more than a thousand. */
  openInTransit (query: TransitQuery): Promise<readonly OpenTransit[]>
}

const openMax = 1000
const tokensPerUnit = 1_000_000n

export function ledgerAudit (clickHouse: ClickHouse): LedgerAudit {
  return {
    async balances () {
      return (await clickHouse.rows<BalanceRow>(query('balances'))).map(balance)
    },
    async conservation () {
      return conserved(await clickHouse.rows<AssetRow>(query('conservation')))
    },
    tokens: async before => await tokenSums(clickHouse, before),
    async openInTransit ({ since, before }) {
      const rows = await clickHouse.rows<TransitRow>(query('open-in-transit'), { since, before, limit: openMax })
      return rows.map(transit)
    }
  }
}

type BalanceRow = Record<'posting_holder' | 'account' | 'asset' | 'balance', string> & { readonly house_partition: number }

const balance = (row: BalanceRow): AuditedBalance => ({
  holder: holderId(exact(row.posting_holder)),
  partition: row.house_partition < 0 ? null : row.house_partition,
  account: row.account as AuditedBalance['account'],
  asset: row.asset,
  amount: BigInt(row.balance)
})

type AssetRow = Record<'asset' | 'total' | 'in_transit' | 'conversion' | 'unbalanced', string>

function conserved (rows: readonly AssetRow[]): Conservation {
  const assets = rows.map(row => ({
    asset: row.asset,
    total: BigInt(row.total),
    inTransit: BigInt(row.in_transit),
    unbalanced: exact(row.unbalanced)
  }))
  const converted = new Map(rows.map(({ asset, conversion }) => [asset, BigInt(conversion)]))
  const symbols = new Set(rows.map(({ asset }) => asset.split(':')[0]!))
  const unconverted = [...symbols].filter(symbol =>
    (converted.get(symbol) ?? 0n) * tokensPerUnit + (converted.get(`${symbol}:tokens`) ?? 0n) !== 0n)
  const isKept = unconverted.length === 0 && assets.every(({ total, unbalanced }) => total === 0n && unbalanced === 0)
  return { assets, unconverted, isKept }
}

type TransitRow = Record<'reference' | 'asset' | 'open_amount' | 'first_ms', string> & { readonly is_trade: number }

const transit = (row: TransitRow): OpenTransit => ({
  reference: row.reference,
  isTrade: row.is_trade === 1,
  asset: row.asset,
  amount: BigInt(row.open_amount),
  firstAt: instant(exact(row.first_ms))
})

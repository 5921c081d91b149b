// Accounts as the API shows them. What the two published shapes of a row call by different names is there under both.

import { z } from 'zod'
import { instrumentById, type Instrument } from '../../schemas/instruments.ts'
import type { EntryType } from '../../schemas/ledger/records.ts'
import type { InstrumentId } from '../../schemas/units.ts'
import { amount, time, wholeText } from '../http/reply-schemas.ts'
import type { Activity, BookPort, HolderView, PositionView, User } from '../ports.ts'
import { ActivityOf } from './account-activity.ts'
import { accountId, tradingAccountId, userIdOf } from './account-ids.ts'
import { dollars } from './decimals.ts'

const times = { created_at: time, updated_at: time }
const moves = {
  last_deposit_at: time.nullable(), last_withdrawal_at: time.nullable(), last_trading_activity_at: time.nullable()
}
const status = z.enum(['active', 'suspended'])
const owner = { account_id: z.string(), id: z.string(), user_id: z.string(), status }
const balances = (balance: z.ZodString) =>
  ({ total_balance: balance, available_balance: balance, locked_balance: balance })

export const tradingRow = z.strictObject({
  ...owner,
  market_id: z.string().nullable(),
  market_name: z.string().nullable(),
  instrument_id: z.string(),
  instrument_symbol: z.string(),
  instrument_name: z.string(),
  currency: z.string().optional().meta({ description: 'Only in the row of the cash.' }),
  ...balances(z.string()),
  total_cost: amount.meta({ description: 'What the units in the account cost.' }),
  last_trade_price: amount.nullable(),
  ...moves,
  ...times
}).meta({ id: 'TradingAccount', description: 'Units that may be sold; in the row with a currency, dollars.' })

export const currencyRow = z.strictObject({
  ...owner,
  currency: z.literal('usd'),
  ...balances(amount),
  grant_balance: amount.meta({ description: 'Granted, within the total: to be spent, not withdrawn.' }),
  withdrawable_balance: amount,
  pending_balance: amount.meta({ description: 'Proceeds of issued units, not in the total: not yet final.' }),
  ...moves,
  ...times
}).meta({ id: 'CurrencyTradingAccount' })

export const inUnits = z.number().meta({ description: 'Units; a fraction is tokens.' })

export const consumptionRow = z.strictObject({
  ...owner,
  instrument_id: z.string(),
  instrument_symbol: z.string(),
  instrument_name: z.string(),
  total_balance: inUnits.meta({ description: 'Units that are held or may be drawn; a fraction is tokens.' }),
  available_balance: inUnits,
  uncommitted_balance: inUnits.meta({ description: 'The same as available_balance: what a request may draw now.' }),
  committed_balance: inUnits.meta({ description: 'Held for requests under way.' }),
  total_tokens: wholeText,
  total_deposits: inUnits,
  total_withdrawals: inUnits,
  total_commitments: inUnits,
  total_transfers_in: inUnits,
  total_transfers_out: inUnits,
  last_deposit_at: time.nullable(),
  last_withdrawal_at: time.nullable(),
  last_commitment_at: time.nullable(),
  last_transfer_at: time.nullable(),
  ...times
}).meta({ id: 'ConsumptionAccount', description: 'Units for use only; they do not go back.' })

/** Whose accounts they are, and all that is known beside their balances. */
export type Owned = {
  readonly user: User
  readonly holder: HolderView
  readonly activity: readonly Activity[]
}

const owned = ({ user, holder }: Owned, id: string) => ({
  account_id: id,
  id,
  user_id: userIdOf(user.userId),
  status: holder.isSuspended ? 'suspended' as const : 'active' as const
})

/** Of an instrument that is gone from the table nothing but its symbol is left to say. */
export function instrumentNames (instrumentId: InstrumentId) {
  const known: Instrument | undefined = instrumentById(instrumentId)
  return {
    instrument_id: known?.publicId ?? instrumentId,
    instrument_symbol: instrumentId,
    instrument_name: known?.name ?? instrumentId
  }
}

export function tradingJson (
  of: Owned, { instrumentId, trading, cost }: PositionView, books: BookPort
): z.output<typeof tradingRow> {
  const activity = new ActivityOf(of.activity, 'trading', instrumentId)
  const known = instrumentById(instrumentId)
  const last = books.book(instrumentId, 0)?.lastTrade ?? null
  return {
    ...owned(of, tradingAccountId(of.user.userId, instrumentId)),
    market_id: known?.marketId ?? null,
    market_name: known?.marketName ?? null,
    ...instrumentNames(instrumentId),
    total_balance: String(trading.posted),
    available_balance: String(trading.posted - trading.held),
    locked_balance: String(trading.held),
    total_cost: dollars(cost),
    last_trade_price: last === null ? null : dollars(last.price),
    last_deposit_at: activity.last('issued_transfer'),
    last_withdrawal_at: activity.last('consumption_transfer', 'sweep'),
    last_trading_activity_at: activity.last('fill'),
    created_at: activity.opened(of.user),
    updated_at: activity.updated(of.user)
  }
}

export function currencyJson (of: Owned): z.output<typeof currencyRow> {
  const { cash, grant, pending } = of.holder
  const activity = new ActivityOf(of.activity, ['cash', 'grant'], null)
  const total = cash.posted + grant.posted
  const held = cash.held + grant.held
  return {
    ...owned(of, accountId('currency', of.user.userId, 'usd')),
    currency: 'usd',
    total_balance: dollars(BigInt(total)),
    available_balance: dollars(BigInt(total - held)),
    locked_balance: dollars(BigInt(held)),
    grant_balance: dollars(BigInt(grant.posted)),
    withdrawable_balance: dollars(BigInt(cash.posted - cash.held)),
    pending_balance: dollars(pending),
    last_deposit_at: activity.last('deposit', 'grant', 'transfer_in'),
    last_withdrawal_at: activity.last('withdrawal', 'transfer_out'),
    last_trading_activity_at: activity.last('fill'),
    created_at: activity.opened(of.user),
    updated_at: activity.updated(of.user)
  }
}

/** The cash among the trading accounts, where some clients look for it. */
export function cashJson (of: Owned): z.output<typeof tradingRow> {
  const cash = currencyJson(of)
  return {
    ...owned(of, cash.account_id),
    market_id: null,
    market_name: null,
    instrument_id: 'usd',
    instrument_symbol: 'usd',
    instrument_name: 'US Dollar',
    currency: 'USD',
    total_balance: cash.total_balance,
    available_balance: cash.available_balance,
    locked_balance: cash.locked_balance,
    total_cost: cash.total_balance,
    last_trade_price: null,
    last_deposit_at: cash.last_deposit_at,
    last_withdrawal_at: cash.last_withdrawal_at,
    last_trading_activity_at: cash.last_trading_activity_at,
    created_at: cash.created_at,
    updated_at: cash.updated_at
  }
}

/** Tokens as units: a unit has a million, as a dollar has microdollars. Through text, where the quotient is exact. */
export const unitsOf = (tokens: number | bigint): number => Number(dollars(BigInt(tokens)))

/** How units come into Consumption; nothing else brings any. */
const arrivals = ['consumption_transfer', 'sweep', 'fill'] as const satisfies readonly EntryType[]

export function consumptionJson (
  of: Owned, { instrumentId, consumption }: PositionView
): z.output<typeof consumptionRow> {
  const activity = new ActivityOf(of.activity, 'consumption', instrumentId)
  const [came, went] = [unitsOf(activity.in()), unitsOf(activity.out())]
  const available = unitsOf(consumption.available)
  const total = consumption.available + consumption.held
  const lastIn = activity.last(...arrivals)
  return {
    ...owned(of, accountId('consumption', of.user.userId, instrumentId)),
    ...instrumentNames(instrumentId),
    total_balance: unitsOf(total),
    available_balance: available,
    uncommitted_balance: available,
    committed_balance: unitsOf(consumption.held),
    total_tokens: String(total),
    total_deposits: came,
    total_withdrawals: went,
    total_commitments: came,
    total_transfers_in: came,
    total_transfers_out: 0,
    last_deposit_at: lastIn,
    last_withdrawal_at: activity.last('usage', 'breakage'),
    last_commitment_at: lastIn,
    last_transfer_at: lastIn,
    created_at: activity.opened(of.user),
    updated_at: activity.updated(of.user)
  }
}

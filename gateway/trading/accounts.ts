// What the caller has: cash, units that may be sold, units for use. Balances are read from this gateway's replica of
// the ledger, so that whoever was answered sees what it did.

import type { z } from 'zod'
import { instrumentById } from '../../schemas/instruments.ts'
import { ApiError } from '../errors.ts'
import { entryKey, listAtHand, type Entry, type EntryKey } from '../http/at-hand.ts'
import type { SignedCall } from '../http/call.ts'
import { equality, type Field, type Listing } from '../http/listing.ts'
import { countedPage, one } from '../http/reply-schemas.ts'
import { ownList, ownResource, type Reply, type Route } from '../http/route.ts'
import type { Ports, PositionView } from '../ports.ts'
import { activityIfThere } from './account-activity.ts'
import { ownHolder } from './account-commands.ts'
import {
  cashJson, consumptionJson, consumptionRow, currencyJson, currencyRow, tradingJson, tradingRow, type Owned
} from './account-rows.ts'
import { lotRoutes } from './lots.ts'
import { marketId, publicId, word } from './parameters.ts'
import { sweepRoutes } from './sweeps.ts'

const filterable = {
  account_id: { schema: word, ops: equality },
  instrument_id: { schema: publicId, ops: equality },
  status: { schema: word, ops: equality }
}
const tradingFilters = {
  ...filterable,
  market_id: { schema: marketId, ops: equality },
  symbol: { schema: word, ops: equality },
  currency: { schema: word, ops: equality }
}

const currencyFilters = {
  account_id: { schema: word, ops: equality },
  status: { schema: word, ops: equality },
  currency: { schema: word, ops: equality }
}

type Texts = Readonly<Record<string, Field & { readonly schema: z.ZodType<string, string> }>>

/** Accounts are few, so that all of them are at hand. */
export const listingOf = <F extends Texts>(fields: F): Listing<F, EntryKey> => ({
  fields,
  orderBy: ['created_at', 'updated_at'],
  order: 'asc',
  limit: { default: 50, max: 500 },
  key: entryKey,
  hasPages: true
})

type Row = Readonly<Record<string, unknown>>

const asText = (value: unknown): string => typeof value === 'string' ? value.toLowerCase() : ''
const asTime = (value: unknown): string => typeof value === 'string' ? value : ''

/** Every row by what lists of accounts are filtered and ordered by. */
export const entriesOf = (rows: readonly Row[]): Entry[] => rows.map((row, index) => ({
  index,
  fields: {
    account_id: asText(row['account_id']),
    status: asText(row['status']),
    instrument_id: asText(row['instrument_id']),
    market_id: asText(row['market_id']),
    symbol: asText(row['instrument_symbol']),
    currency: asText(row['currency']),
    created_at: asTime(row['created_at']),
    updated_at: asTime(row['updated_at'])
  },
  row
}))

export function byId (rows: ReadonlyArray<{ readonly account_id: string }>, id: string | undefined): Reply {
  const data = rows.find(row => row.account_id === id)
  if (data === undefined) throw new ApiError('not_found', 'You have no such account.')
  return { body: { data } }
}

const indexOf = ({ instrumentId }: PositionView): number => instrumentById(instrumentId)?.index ?? 0
const inOrder = (positions: readonly PositionView[]): readonly PositionView[] =>
  positions.toSorted((a, b) => indexOf(a) - indexOf(b))

/** What each list shows, as functions of who asks. */
function shown ({ ledger, accountHistory, books }: Ports) {
  const positions = ({ caller }: SignedCall) => inOrder(ledger.positions(caller.holder))
  const owned = async (call: SignedCall): Promise<Owned> => {
    const holder = ownHolder(ledger, call)
    return { user: call.caller.user, holder, activity: await activityIfThere(accountHistory, call.caller.user) }
  }
  const instruments = async (call: SignedCall) => {
    const of = await owned(call)
    return positions(call).map(position => tradingJson(of, position, books))
  }
  return {
    instruments,
    trading: async (call: SignedCall) => [cashJson(await owned(call)), ...await instruments(call)],
    currencies: async (call: SignedCall) => [currencyJson(await owned(call))],
    consumption: async (call: SignedCall) => {
      const of: Owned = { ...await owned(call), activity: await accountHistory.activity(call.caller.holder) }
      return positions(call).map(position => consumptionJson(of, position))
    }
  }
}

export function accountRoutes (ports: Ports): Route[] {
  const { instruments, trading, currencies, consumption } = shown(ports)
  return [
    ownList({
      path: '/trading-accounts',
      summary: 'Units that you may sell, and your cash.',
      listing: listingOf(tradingFilters),
      replies: { 200: countedPage(tradingRow) },
      answer: async (call, asked) => ({ body: listAtHand(entriesOf(await trading(call)), asked) })
    }),
    ownResource({
      path: '/trading-accounts/:account',
      summary: 'One trading account.',
      query: {},
      replies: { 200: one(tradingRow) },
      answer: async call => byId(await trading(call), call.params['account'])
    }),
    ownList({
      path: '/currency-trading-accounts',
      summary: 'Your cash.',
      listing: listingOf(currencyFilters),
      replies: { 200: countedPage(currencyRow) },
      answer: async (call, asked) => ({ body: listAtHand(entriesOf(await currencies(call)), asked) })
    }),
    ownResource({
      path: '/currency-trading-accounts/:account',
      summary: 'Your cash, by the id of its account.',
      query: {},
      replies: { 200: one(currencyRow) },
      answer: async call => byId(await currencies(call), call.params['account'])
    }),
    ownList({
      path: '/consumption-accounts',
      summary: 'Units that are there for use.',
      listing: listingOf(filterable),
      replies: { 200: countedPage(consumptionRow) },
      answer: async (call, asked) => ({ body: listAtHand(entriesOf(await consumption(call)), asked) })
    }),
    ownResource({
      path: '/consumption-accounts/:account',
      summary: 'One consumption account.',
      query: {},
      replies: { 200: one(consumptionRow) },
      answer: async call => byId(await consumption(call), call.params['account'])
    }),
    ownResource({
      path: '/self/accounts/currencies/:currency',
      summary: 'Your cash under its first name.',
      query: {},
      replies: { 200: one(currencyRow) },
      answer: async call => {
        if (call.params['currency']?.toLowerCase() !== 'usd') throw new ApiError('not_found', 'Accounts are kept in usd.')
        return { body: { data: (await currencies(call))[0] } }
      }
    }),
    ...lotRoutes(ports),
    ...sweepRoutes(ports),
    ownList({
      path: '/self/accounts/instruments',
      summary: 'Your trading accounts under their first name.',
      listing: listingOf(tradingFilters),
      replies: { 200: countedPage(tradingRow) },
      answer: async (call, asked) => ({ body: listAtHand(entriesOf(await instruments(call)), asked) })
    })
  ]
}

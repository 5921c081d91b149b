// What somebody looks at before a turn: the book, the own orders in it, the own units. All of it is read from the API.

import { microdollars, type Instant, type Microdollars, type Side } from '../../schemas/units.ts'
import type { Client } from './client.ts'
import type { OpenOrder } from './habits/habit.ts'

type Row = Readonly<Record<string, unknown>>

const rows = (data: unknown): Row[] => Array.isArray(data) ? data as Row[] : []

/** Decimal text as whole microdollars; null for what is none. Eight places are written, six at most are used. */
export function microdollarsIn (text: unknown): Microdollars | null {
  const [, dollars, decimals = ''] = /^(\d{1,9})(?:\.(\d{1,6})0*)?$/.exec(String(text)) ?? []
  return dollars === undefined ? null : microdollars(Number(dollars + decimals.padEnd(6, '0')))
}

/** Whole microdollars as decimal text. */
export function dollarsOf (amount: Microdollars): string {
  const digits = String(amount).padStart(7, '0')
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`
}

export type Best = { readonly bid: Microdollars | null, readonly ask: Microdollars | null }

/** Null while the gateway can't say. */
export async function readBest (client: Client, symbol: string): Promise<Best | null> {
  const { status, data } = await client.get(`/v1/markets/${symbol}/orderbook?depth=1`)
  if (status !== 200) return null
  const { buy, sell } = data as { buy?: unknown, sell?: unknown }
  return { bid: microdollarsIn(rows(buy)[0]?.['price']), ask: microdollarsIn(rows(sell)[0]?.['price']) }
}

function openOrder (row: Row): OpenOrder {
  return {
    orderId: String(row['order_id']),
    side: row['side'] as Side,
    price: row['price'] == null ? null : microdollarsIn(row['price']),
    remaining: Number(row['remaining_quantity'] ?? row['quantity'])
  }
}

/** Of one market, oldest first; null while the gateway can't say. */
export async function readOpen (client: Client, symbol: string): Promise<OpenOrder[] | null> {
  const { status, data } = await client.get(`/v1/orders?market_id=${symbol}&status=open&limit=100`)
  return status === 200 ? rows(data).map(openOrder) : null
}

/** Units in Trading that are not held, by symbol; null while the gateway can't say. */
export async function readUnits (client: Client): Promise<Map<string, number> | null> {
  const { status, data } = await client.get('/v1/trading-accounts?limit=500')
  if (status !== 200) return null
  const held = rows(data).filter(row => row['currency'] === undefined)
  return new Map(held.map(row => [String(row['instrument_symbol']), Number(row['available_balance'])]))
}

/** The API's words for an instant. */
export const timeText = (at: Instant): string => new Date(at).toISOString()

// A gateway with made-up ports, listening on the loopback for the length of one test.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import { Registry } from 'prom-client'
import { expect, onTestFinished } from 'vitest'
import { gateway, routes } from '../../gateway/app.ts'
import { logger } from '../../gateway/log.ts'
import type { Paging } from '../../gateway/http/paging.ts'
import type {
  AccountHistoryPort, Bar, BookView, Day, HistoryPort, LedgerPort, Ports, SettingsPort, SuppliersPort, Trade,
  TradeCondition, TradeKey
} from '../../gateway/ports.ts'
import { accountSettings } from '../../schemas/identity/records.ts'
import { instrumentBySymbol } from '../../schemas/instruments.ts'
import { basisPoints, instant, instrumentId, microdollars, units, type InstrumentId, type Side } from '../../schemas/units.ts'
import { replyFaults } from './reply-check.ts'

export const prime = instrumentBySymbol('text-prime')!
export const preview = instrumentBySymbol('vision-standard')!
export const now = instant(Date.UTC(2026, 5, 15, 12, 0, 30))
export const minuteMs = 60_000

export const book: BookView = {
  status: 'open',
  bids: [
    { price: microdollars(100_900), quantity: 5, orders: 2 },
    { price: microdollars(100_800), quantity: 7, orders: 1 }
  ],
  asks: [{ price: microdollars(101_000), quantity: 3, orders: 1 }],
  sequence: 42,
  lastTrade: { price: microdollars(100_900), quantity: units(4), side: 'buy', at: instant(now - 1500) },
  reference: microdollars(100_900),
  position: { topic: 'orders-1', partition: 1, offset: 1234 },
  at: instant(now - 500),
  lagRecords: 0
}

export const day: Day = {
  open: microdollars(100_000),
  high: microdollars(102_000),
  low: microdollars(99_000),
  close: microdollars(100_900),
  volume: 12n,
  notional: 1_210_800n,
  trades: 3,
  volumeTotal: 1200n,
  tradesTotal: 300
}

export const emptyDay: Day = {
  open: null, high: null, low: null, close: null, volume: 0n, notional: 0n, trades: 0, volumeTotal: 0n, tradesTotal: 0
}

export function trade (sequence: number, at: number, instrument: InstrumentId = prime.instrumentId): Trade {
  const side: Side = sequence % 2 === 0 ? 'buy' : 'sell'
  const price = microdollars(100_000 + sequence * 100)
  return { instrumentId: instrument, sequence, matchedAt: instant(at), price, quantity: units(sequence), side }
}

export function minuteBar (start: number): Bar {
  return {
    start: instant(start),
    end: instant(start + minuteMs),
    open: microdollars(100_000),
    high: microdollars(101_500),
    low: microdollars(99_900),
    close: microdollars(100_100),
    volume: 10n,
    notional: 1_004_000n,
    trades: 2
  }
}

const compareKeys = (a: TradeKey, b: TradeKey): number =>
  a.matchedAt - b.matchedAt ||
  (a.instrumentId < b.instrumentId ? -1 : a.instrumentId > b.instrumentId ? 1 : a.sequence - b.sequence)

function meets (trade: Trade, condition: TradeCondition): boolean {
  const { field, op } = condition
  const [actual, value]: [string | number, string | number] = [trade[field], condition.value]
  switch (op) {
    case '==': return actual === value
    case '!=': return actual !== value
    case '>': return actual > value
    case '<': return actual < value
    case '>=': return actual >= value
    case '<=': return actual <= value
  }
}

/** The history as arrays. They may grow while a test pages through them. */
export function arrayHistory (trades: readonly Trade[], bars: readonly Bar[], dayNow: Day = day): HistoryPort {
  return {
    trades: async ({ conditions, beyond, limit, order }) => {
      const sign = order === 'asc' ? 1 : -1
      const sorted = trades.toSorted((a, b) => sign * compareKeys(a, b))
      const beyondIt = sorted.filter(trade => beyond === null || sign * compareKeys(trade, beyond) > 0)
      return Promise.resolve(beyondIt.filter(each => conditions.every(one => meets(each, one))).slice(0, limit))
    },
    candles: async ({ from, to, limit, order }) => {
      const within = bars.filter(({ start }) => (from === null || start >= from) && start <= to)
      return Promise.resolve((order === 'asc' ? within : within.toReversed()).slice(0, limit))
    },
    day: async () => Promise.resolve(dayNow)
  }
}

/** A ledger that knows nobody and hears nothing. */
export const quietLedger = (changes: Partial<LedgerPort> = {}): LedgerPort => ({
  submit: async commands => Promise.resolve(commands.map(() => ({ kind: 'not_accepted' }))),
  isReady: () => true,
  stopSlippage: () => basisPoints(500),
  holder: () => null,
  positions: () => [],
  order: () => null,
  orderByClientId: () => null,
  openOrders: () => [],
  recentOrders: () => [],
  lots: () => [],
  sweepPreview: () => [],
  ...changes
})

export const noAccountHistory: AccountHistoryPort = {
  ownTrades: async () => Promise.resolve([]),
  movements: async () => Promise.resolve([]),
  activity: async () => Promise.resolve([]),
  positionSpans: async () => Promise.resolve([]),
  lots: async () => Promise.resolve([]),
  sweeps: async () => Promise.resolve([]),
  breakage: async () => Promise.resolve([])
}

/** Settings and keys that are never written. */
export const noSettings: SettingsPort = {
  settings: userId => ({ kind: 'account-settings', userId, ...accountSettings, updatedAt: instant(0) }),
  keys: () => [],
  write: async () => Promise.resolve(),
  remove: async () => Promise.resolve()
}

export const noSuppliers: SuppliersPort = {
  endpoint: () => undefined,
  endpoints: () => [],
  standing: () => undefined,
  seen: () => undefined,
  destinationFault: async () => Promise.resolve(null),
  write: async () => Promise.resolve(),
  remove: async () => Promise.resolve()
}

export type Fake = Ports & { readonly logged: string[] }

export function fakePorts (changes: Partial<Ports> = {}): Fake {
  const logged: string[] = []
  const destination = new Writable({
    write (line: Buffer, _encoding, done) {
      logged.push(line.toString())
      done()
    }
  })
  let elapsed = 0
  return {
    ledger: quietLedger(),
    identities: { signingKey: () => undefined, user: () => undefined, subAccounts: () => [], isReady: true },
    accountHistory: noAccountHistory,
    orderHistory: { orders: async () => Promise.resolve([]) },
    usage: { report: async () => Promise.resolve() },
    suppliers: noSuppliers,
    requestIds: { holderOf: () => null },
    settings: noSettings,
    books: { book: (id, depth) => id === preview.instrumentId ? null : cut(book, depth) },
    history: arrayHistory([], []),
    health: { checks: () => [{ name: 'log', status: 'ok', code: 'connected', detail: 'All brokers answer.' }] },
    metrics: new Registry(),
    log: logger('info', destination),
    now: () => now,
    elapsedMs: () => elapsed++,
    rateLimit: { requests: 1_000_000, windowMs: 60_000 },
    orderRate: { perSecond: 1_000_000, perMinute: 1_000_000, burst: 1 },
    isBehindProxy: false,
    logged,
    ...changes
  }
}

const cut = (view: BookView, depth: number): BookView =>
  ({ ...view, bids: view.bids.slice(0, depth), asks: view.asks.slice(0, depth) })

export type Answer = {
  readonly status: number
  readonly headers: Headers
  readonly body: Reply
}

/** Replies as tests look into them: a wrong shape fails the test that reads it. */
export type Reply = Record<string, unknown> & {
  readonly data: Record<string, unknown> & Array<Record<string, unknown>>
  readonly paging: Paging
  readonly errors: { readonly detail: string | Record<string, string[]>, readonly message: string }
  readonly error: { readonly code: string, readonly message: string, readonly details: Record<string, string[]> }
}

export type Ask = (path: string, init?: RequestInit) => Promise<Answer>

/** Serves `ports` until the test ends. Every reply is held to what its route says that it answers. */
export async function serve (ports: Ports = fakePorts()): Promise<Ask> {
  const answer = gateway(ports).callback()
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  const described = routes(ports)
  return async (path, init = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init)
    const text = await response.text()
    const isJson = (response.headers.get('content-type') ?? '').startsWith('application/json')
    const body = (isJson && text !== '' ? JSON.parse(text) : { text }) as Reply
    const served = { method: init.method ?? 'GET', path, status: response.status, body: text === '' ? undefined : body }
    expect(replyFaults(described, served), `${served.method} ${path}`).toEqual([])
    return { status: response.status, headers: response.headers, body }
  }
}

export const otherInstrument = instrumentId('code-max')

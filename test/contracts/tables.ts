// What analytics would answer, from arrays: filters and pages by hand, in the plainest way there is.

import type {
  AccountHistoryPort, Activity, Bar, Breakage, BreakageKey, Day, HistoryPort, LotKey, LotStatus, Movement, OwnTrade,
  PastLot, PositionSpan, Swept, SweptKey, Trade
} from '../../gateway/ports.ts'
import type { OrderCondition, OrderHistory, PastOrder } from '../../analytics/orders.ts'
import { barOf, startOf } from '../../analytics/resolution.ts'
import type { Named } from '../../pipelines/runtime/stage.ts'
import { instrumentById } from '../../schemas/instruments.ts'
import type { HolderAccount, JournalEntry, OrderState } from '../../schemas/ledger/records.ts'
import type { Fill } from '../../schemas/matching/records.ts'
import {
  instant, instrumentId, microdollars, tokens, units, type HolderId, type InstrumentId, type Instant, type LotId
} from '../../schemas/units.ts'

type Condition = { readonly field: string, readonly op: string, readonly value: unknown }

function meets (row: Readonly<Record<string, unknown>>, { field, op, value }: Condition): boolean {
  const [actual, sought] = [row[field] as number, value as number]
  switch (op) {
    case '==': return actual === sought
    case '!=': return actual !== sought
    case '>': return actual > sought
    case '<': return actual < sought
    case '>=': return actual >= sought
    default: return actual <= sought
  }
}

type Page = {
  readonly conditions: readonly Condition[]
  readonly limit: number
  readonly order: 'asc' | 'desc'
}

type Key<Row> = { readonly of: (row: Row) => number, readonly beyond: number | null }

/** Rows in the order of their keys, beyond one, that meet all conditions. */
function page<Row extends object> (rows: readonly Row[], asked: Page, key: Key<Row>): Row[] {
  const sign = asked.order === 'asc' ? 1 : -1
  return rows
    .filter(row => asked.conditions.every(each => meets(row as Record<string, unknown>, each)))
    .filter(row => key.beyond === null || sign * (key.of(row) - key.beyond) > 0)
    .toSorted((a, b) => sign * (key.of(a) - key.of(b))).slice(0, asked.limit)
}

const instrumentOf = (asset: string): InstrumentId | null => asset === 'usd' ? null : instrumentId(asset.split(':')[0]!)

type Row = Movement & Pick<JournalEntry, 'holder' | 'trade' | 'postings' | 'cost' | 'lots'>

const orderMeets = (order: PastOrder, condition: OrderCondition): boolean => condition.field === 'standing'
  ? condition.value.includes(order.status === 'cancelled' ? order.closureReason ?? order.status : order.status)
  : meets(order, { ...condition, value: condition.value === '' ? null : condition.value })

const noDay: Day = {
  open: null, high: null, low: null, close: null, volume: 0n, notional: 0n, trades: 0, volumeTotal: 0n, tradesTotal: 0
}

export class Tables implements AccountHistoryPort, OrderHistory, HistoryPort {
  readonly #entries: Row[] = []
  readonly #fills: Array<Trade & { readonly at: number }> = []
  readonly #orders = new Map<number, PastOrder>()

  take (output: Named, at: Instant): void {
    if (output.kind === 'journal-entry') this.#entry(output as JournalEntry)
    if (output.kind === 'fill') this.#fill(output as Fill, at)
    if (output.kind === 'order-state') {
      const { kind, sequence, cause, ...order } = output as OrderState
      this.#orders.set(order.orderId, order)
    }
  }

  #entry ({ kind, sequence, ...entry }: JournalEntry): void {
    const { postings, holder } = entry
    const own = postings.find(posting => posting.holder === holder && !posting.asset.endsWith(':tokens'))
    const amount = Math.abs(own?.amount ?? 0)
    this.#entries.push({ ...entry, entry: sequence, amount })
  }

  #fill ({ instrumentId, sequence, price, quantity, takerSide }: Fill, at: Instant): void {
    this.#fills.push({ instrumentId, sequence, price, quantity, side: takerSide, matchedAt: at, at })
  }

  #of (holder: HolderId): Row[] {
    return this.#entries.filter(row => row.holder === holder)
  }

  readonly ownTrades: AccountHistoryPort['ownTrades'] = async asked => {
    const trades = this.#of(asked.holder).flatMap(({ trade, instrumentId, ...row }): OwnTrade[] =>
      trade === null || instrumentId === null ? [] : [{ ...trade, instrumentId, ...row }])
    return Promise.resolve(page(trades, asked, { of: ({ entry }) => entry, beyond: asked.beyond }))
  }

  readonly movements: AccountHistoryPort['movements'] = async asked => {
    const rows = this.#of(asked.holder).filter(({ type }) => asked.types.includes(type))
    return Promise.resolve(page(rows, asked, { of: ({ entry }) => entry, beyond: asked.beyond }))
  }

  readonly activity: AccountHistoryPort['activity'] = async holder => {
    const known = new Map<string, { -readonly [Name in keyof Activity]: Activity[Name] }>()
    for (const { type, postings, bookedAt } of this.#of(holder)) {
      for (const posting of postings.filter(each => each.holder === holder)) {
        const account = posting.account as HolderAccount
        const key = `${account} ${posting.asset} ${type}`
        const none = { in: 0n, out: 0n, firstAt: bookedAt, lastAt: bookedAt }
        const seen = known.get(key) ?? { account, instrumentId: instrumentOf(posting.asset), type, ...none }
        if (posting.amount > 0) seen.in += BigInt(posting.amount)
        else seen.out -= BigInt(posting.amount)
        seen.lastAt = bookedAt
        known.set(key, seen)
      }
    }
    return Promise.resolve([...known.values()])
  }

  readonly positionSpans: AccountHistoryPort['positionSpans'] = async holder => {
    const spans = new Map<InstrumentId, { -readonly [Name in keyof PositionSpan]: PositionSpan[Name] }>()
    for (const { postings, bookedAt } of this.#of(holder)) {
      for (const { account, asset, amount } of postings.filter(each => each.holder === holder)) {
        if (account !== 'trading') continue
        const id = instrumentId(asset)
        const none = { quantity: units(0), cost: microdollars(0) }
        const span = spans.get(id) ?? { instrumentId: id, ...none, openedAt: bookedAt, closedAt: null }
        if (span.quantity === 0) span.openedAt = bookedAt
        span.quantity = units(span.quantity + amount)
        span.closedAt = span.quantity === 0 ? bookedAt : null
        spans.set(id, span)
      }
    }
    return Promise.resolve([...spans.values()])
  }

  /** Each lot once, as its changes have it. */
  #lotsOf (holder: HolderId): PastLot[] {
    const known = new Map<LotId, { -readonly [Name in keyof PastLot]: PastLot[Name] }>()
    for (const { lots, instrumentId: id } of this.#of(holder)) {
      for (const { change, tokens: count, grant, ...lot } of lots) {
        const none = { opened: tokens(0), drawn: tokens(0), expired: tokens(0), regranted: tokens(0) }
        const seen = known.get(lot.lotId) ?? { ...lot, instrumentId: id!, ...none }
        seen[change] = tokens(seen[change] + count)
        seen.expiresAt = lot.expiresAt
        known.set(lot.lotId, seen)
      }
    }
    return [...known.values()]
  }

  readonly lots: AccountHistoryPort['lots'] = async asked => {
    const status = (lot: PastLot): string => {
      if (lot.expired + lot.regranted > 0) return 'expired'
      if (lot.opened === lot.drawn) return 'consumed'
      return lot.expiresAt <= asked.now ? 'expired' : 'active'
    }
    const rows = this.#lotsOf(asked.holder).filter(lot => asked.conditions.every(each =>
      each.field === 'status' ? each.value.includes(status(lot) as LotStatus) : meets(lot, each)))
    const of = ({ openedAt, lotId }: LotKey): number => openedAt * 1000 + lotId
    const key = { of, beyond: asked.beyond === null ? null : of(asked.beyond) }
    return Promise.resolve(page(rows, { ...asked, conditions: [] }, key))
  }

  readonly sweeps: AccountHistoryPort['sweeps'] = async asked => {
    const booked = this.#of(asked.holder).filter(({ type }) => type === 'sweep')
    const opened = booked.flatMap(({ lots, instrumentId: id, bookedAt }) =>
      lots.map(lot => ({ ...lot, instrumentId: id!, bookedAt, sweptAt: lot.openedAt })))
    const rows = [...Map.groupBy(opened, ({ instrumentId: id, sweptAt }) => `${id} ${sweptAt}`).values()].map((lots): Swept => ({
      ...lots[0]!,
      lots: lots.length,
      units: lots.reduce((sum, lot) => sum + BigInt(lot.tokens), 0n) / 1_000_000n,
      cost: lots.reduce((sum, lot) => sum + BigInt(lot.tokens) * BigInt(lot.price), 0n)
    }))
    const of = ({ sweptAt, instrumentId: id }: SweptKey): number => sweptAt * 100 + (instrumentById(id)?.index ?? 0)
    return Promise.resolve(page(rows, asked, { of, beyond: asked.beyond === null ? null : of(asked.beyond) }))
  }

  readonly breakage: AccountHistoryPort['breakage'] = async asked => {
    const expired = this.#of(asked.holder).flatMap(({ lots, instrumentId: id, bookedAt }) =>
      lots.filter(({ change }) => change === 'expired').map(lot => ({ ...lot, instrumentId: id!, bookedAt })))
    const rows = [...Map.groupBy(expired, ({ instrumentId: id, period }) => `${id} ${period}`).values()].map((lots): Breakage => ({
      ...lots[0]!,
      lots: new Set(lots.map(({ lotId }) => lotId)).size,
      tokens: lots.reduce((sum, lot) => sum + BigInt(lot.tokens), 0n),
      value: lots.reduce((sum, lot) => sum + BigInt(lot.tokens) * BigInt(lot.price), 0n),
      grant: lots.reduce((sum, lot) => sum + BigInt(lot.grant), 0n),
      firstAt: lots[0]!.bookedAt,
      lastAt: lots.at(-1)!.bookedAt
    }))
    const of = ({ period, instrumentId: id }: BreakageKey): number => period * 100 + (instrumentById(id)?.index ?? 0)
    return Promise.resolve(page(rows, asked, { of, beyond: asked.beyond === null ? null : of(asked.beyond) }))
  }

  readonly orders: OrderHistory['orders'] = async asked => {
    const rows = [...this.#orders.values()]
      .filter(order => order.holder === asked.holder && asked.conditions.every(each => orderMeets(order, each)))
    const key = { of: ({ orderId }: PastOrder) => orderId, beyond: asked.beyond }
    return Promise.resolve(page(rows, { ...asked, conditions: [] }, key))
  }

  readonly trades: HistoryPort['trades'] = async ({ conditions, beyond, limit, order }) => {
    const key = ({ matchedAt, instrumentId: id, sequence }: Pick<Trade, 'matchedAt' | 'instrumentId' | 'sequence'>): number =>
      (matchedAt * 100 + (instrumentById(id)?.index ?? 0)) * 10_000 + sequence
    const asked = { conditions, limit, order }
    return Promise.resolve(page(this.#fills, asked, { of: key, beyond: beyond === null ? null : key(beyond) }))
  }

  readonly candles: HistoryPort['candles'] = async ({ instrumentId: id, resolution, from, to, limit, order }) => {
    const fills = this.#fills.filter(fill => fill.instrumentId === id)
    const groups = Map.groupBy(fills, ({ matchedAt }) => barOf(resolution, matchedAt))
    const bars = [...groups].map(([number, fills]): Bar => {
      const prices = fills.map(({ price }) => price)
      return {
        start: startOf(resolution, number),
        end: startOf(resolution, number + 1),
        open: prices[0]!,
        high: microdollars(Math.max(...prices)),
        low: microdollars(Math.min(...prices)),
        close: prices.at(-1)!,
        volume: fills.reduce((sum, { quantity }) => sum + BigInt(quantity), 0n),
        notional: fills.reduce((sum, { quantity, price }) => sum + BigInt(quantity) * BigInt(price), 0n),
        trades: fills.length
      }
    }).filter(({ start }) => (from === null || start >= from) && start <= to)
    return Promise.resolve((order === 'asc' ? bars : bars.toReversed()).slice(0, limit))
  }

  readonly day: HistoryPort['day'] = async id => {
    const now = instant(Date.now())
    const [bar] = await this.candles({ instrumentId: id, resolution: '1M', from: null, to: now, limit: 1, order: 'desc' })
    return bar === undefined ? noDay : { ...bar, volumeTotal: bar.volume, tradesTotal: bar.trades }
  }
}

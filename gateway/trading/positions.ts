// Positions: units that the caller may still sell, with what they cost and are worth. Once the last has been sold or
// taken into Consumption a position is closed, until units come again.

import { z } from 'zod'
import { instrumentById } from '../../schemas/instruments.ts'
import type { HolderId, InstrumentId } from '../../schemas/units.ts'
import { listAtHand, type Entry } from '../http/at-hand.ts'
import { equality } from '../http/listing.ts'
import { amount, countedPage, time } from '../http/reply-schemas.ts'
import { ownList, type Route } from '../http/route.ts'
import type { BookPort, Ports, PositionSpan, PositionView } from '../ports.ts'
import { accountId, tradingAccountId } from './account-ids.ts'
import { instrumentNames } from './account-rows.ts'
import { listingOf } from './accounts.ts'
import { averagePrice, dollars, isoTime } from './decimals.ts'
import { marketId, publicId, word } from './parameters.ts'
import { assertReady } from './refusals.ts'

const positionRow = z.strictObject({
  id: z.string(),
  user_account_id: z.string(),
  market_id: z.string().nullable(),
  instrument_id: z.string(),
  instrument_symbol: z.string(),
  instrument_name: z.string(),
  status: z.enum(['open', 'closed']),
  quantity: z.int(),
  average_cost: amount,
  total_cost: amount,
  current_market_value: amount.nullable().meta({ description: 'At the last trade; null before the first.' }),
  last_trade_price: amount.nullable(),
  opened_at: time.nullable().meta({ description: 'Null for a moment after the first unit came.' }),
  closed_at: time.nullable(),
  inserted_at: time.nullable()
}).meta({ id: 'Position' })

const filterable = {
  instrument_id: { schema: publicId, ops: equality },
  market_id: { schema: marketId, ops: equality },
  symbol: { schema: word, ops: equality },
  status: { schema: word, ops: equality }
}

type Held = Pick<PositionView, 'trading' | 'cost'>
const none = { trading: { posted: 0, held: 0 }, cost: 0 } as Held

type Known = {
  readonly holder: HolderId
  readonly held: ReadonlyMap<InstrumentId, Held>
  readonly spans: ReadonlyMap<InstrumentId, PositionSpan>
  readonly books: BookPort
}

type PositionRow = z.output<typeof positionRow>

function positionJson ({ holder, held, spans, books }: Known, instrumentId: InstrumentId): PositionRow {
  const { trading: { posted }, cost } = held.get(instrumentId) ?? none
  const span = spans.get(instrumentId)
  const last = books.book(instrumentId, 0)?.lastTrade ?? null
  const isOpen = posted > 0
  const openedAt = span === undefined ? null : isoTime(span.openedAt)
  return {
    id: accountId('position', holder, instrumentId),
    user_account_id: tradingAccountId(holder, instrumentId),
    market_id: instrumentById(instrumentId)?.marketId ?? null,
    ...instrumentNames(instrumentId),
    status: isOpen ? 'open' : 'closed',
    quantity: posted,
    average_cost: isOpen ? averagePrice(cost, posted) : dollars(0n),
    total_cost: dollars(cost),
    current_market_value: last === null ? null : dollars(BigInt(last.price) * BigInt(posted)),
    last_trade_price: last === null ? null : dollars(last.price),
    opened_at: openedAt,
    closed_at: isOpen || span === undefined || span.closedAt === null ? null : isoTime(span.closedAt),
    inserted_at: openedAt
  }
}

const entryOf = (row: PositionRow, index: number): Entry => ({
  index,
  fields: {
    instrument_id: row.instrument_id,
    market_id: row.market_id ?? '',
    symbol: row.instrument_symbol,
    status: row.status,
    opened_at: row.opened_at ?? '',
    inserted_at: row.inserted_at ?? ''
  },
  row
})

export function positionRoutes ({ ledger, accountHistory, books }: Ports): Route[] {
  return [
    ownList({
      path: '/positions',
      summary: 'Units that you may still sell, what they cost and what they are worth.',
      listing: { ...listingOf(filterable), orderBy: ['opened_at', 'inserted_at'] },
      replies: { 200: countedPage(positionRow) },
      answer: async ({ caller: { holder } }, asked) => {
        assertReady(ledger, holder)
        const spans = new Map((await accountHistory.positionSpans(holder)).map(span => [span.instrumentId, span]))
        const open = ledger.positions(holder).filter(({ trading }) => trading.posted > 0)
        const held = new Map(open.map(each => [each.instrumentId, each]))
        const ids = [...new Set([...held.keys(), ...spans.keys()])].sort()
        const rows = ids.map(id => positionJson({ holder, held, spans, books }, id))
        return { body: listAtHand(rows.map(entryOf), asked) }
      }
    })
  ]
}

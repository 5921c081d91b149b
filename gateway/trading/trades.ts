// Trades: the public print of fills, without holders and orders. Newest first unless asked otherwise.

import { z } from 'zod'
import { instrumentById, type Instrument } from '../../schemas/instruments.ts'
import { instant, instrumentId } from '../../schemas/units.ts'
import { equality, type AskedList, type ConditionOf, type Field, type Listing } from '../http/listing.ts'
import { isFetchedBackwards, pageOf, writeCursor } from '../http/paging.ts'
import { page } from '../http/reply-schemas.ts'
import { list, type Reply, type Route } from '../http/route.ts'
import { comparison, type Ports, type Trade, type TradeCondition, type TradeKey } from '../ports.ts'
import { dollars, isoTime } from './decimals.ts'
import { marketAt } from './markets.ts'
import { aSide, anInstant, instrument, market, price, quantity } from './parameters.ts'
import { publicTrade } from './public-schemas.ts'
import { tradeIdText } from './trade-ids.ts'

const since = { schema: anInstant, ops: ['==', '>='] } as const satisfies Field
const until = { schema: anInstant, ops: ['==', '<='] } as const satisfies Field

const filterable = {
  market_id: { schema: market, ops: equality },
  instrument_id: { schema: instrument, ops: equality },
  instrument_symbol: { schema: instrument, ops: equality },
  symbol: { schema: instrument, ops: equality },
  side: { schema: aSide, ops: equality },
  price: { schema: price, ops: comparison },
  quantity: { schema: quantity, ops: comparison },
  execution_timestamp: { schema: anInstant, ops: comparison },
  timestamp: { schema: anInstant, ops: comparison },
  from: since,
  to: until,
  start_datetime: since,
  end_datetime: until
}

type Condition = ConditionOf<typeof filterable>

/** One of the API's conditions in our words. The table above has narrowed which comparisons each field takes. */
function tradeCondition (condition: Condition): TradeCondition {
  const op = condition.op
  const isEqual = op === '!=' ? '!=' : '=='
  switch (condition.field) {
    case 'market_id':
    case 'instrument_id':
    case 'instrument_symbol':
    case 'symbol': return { field: 'instrumentId', op: isEqual, value: condition.value.instrumentId }
    case 'side': return { field: 'side', op: isEqual, value: condition.value }
    case 'price': return { field: 'price', op, value: condition.value }
    case 'quantity': return { field: 'quantity', op, value: condition.value }
    case 'execution_timestamp':
    case 'timestamp': return { field: 'matchedAt', op, value: condition.value }
    case 'from':
    case 'start_datetime': return { field: 'matchedAt', op: '>=', value: condition.value }
    case 'to':
    case 'end_datetime': return { field: 'matchedAt', op: '<=', value: condition.value }
  }
}

const key: z.ZodType<TradeKey> = z.tuple([z.int().min(0), z.string(), z.int().min(0)])
  .refine(([, id]) => instrumentById(instrumentId(id)) !== undefined)
  .transform(([at, id, sequence]) => ({ matchedAt: instant(at), instrumentId: instrumentId(id), sequence }))

const listing: Listing<typeof filterable, TradeKey> = {
  fields: filterable,
  orderBy: ['execution_timestamp', 'timestamp'],
  order: 'desc',
  limit: { default: 50, max: 100 },
  key,
  hasPages: false
}

/** A unit trades once it is matched; it settles in the ledger, which public data does not show. */
function tradeJson (trade: Trade): object {
  const traded: Instrument | undefined = instrumentById(trade.instrumentId)
  const id = tradeIdText(trade)
  return {
    trade_id: id,
    id,
    market_id: traded?.marketId ?? null,
    market_name: traded?.marketName ?? null,
    instrument_id: traded?.publicId ?? null,
    instrument_name: traded?.name ?? null,
    instrument_symbol: trade.instrumentId,
    price: dollars(trade.price),
    quantity: String(trade.quantity),
    side: trade.side,
    total_value: dollars(BigInt(trade.price) * BigInt(trade.quantity)),
    status: 'executed',
    execution_timestamp: isoTime(trade.matchedAt),
    timestamp: isoTime(trade.matchedAt),
    settlement_timestamp: null
  }
}

type Asked = AskedList<typeof filterable, TradeKey>

export function tradeRoutes ({ history }: Ports): Route[] {
  const trades = async (asked: Asked, inMarket: readonly TradeCondition[]): Promise<Reply> => {
    const { place, limit, mark } = asked
    const opposite = asked.order === 'asc' ? 'desc' : 'asc'
    const fetched = await history.trades({
      conditions: [...inMarket, ...asked.conditions.map(tradeCondition)],
      beyond: 'key' in place ? place.key : null,
      limit: limit + 1,
      order: isFetchedBackwards(place) ? opposite : asked.order
    })
    const { rows, paging } = pageOf(fetched, limit, {
      place, cursorOf: trade => writeCursor(mark, [trade.matchedAt, trade.instrumentId, trade.sequence])
    })
    return { body: { data: rows.map(tradeJson), paging } }
  }
  return [
    list({
      path: '/markets/:market/trades',
      summary: 'Trades of one market.',
      replies: { 200: page(publicTrade) },
      listing,
      answer: (params, asked) =>
        trades(asked, [{ field: 'instrumentId', op: '==', value: marketAt(params).instrumentId }])
    }),
    list({
      path: '/public_trades',
      summary: 'Trades of all markets.',
      replies: { 200: page(publicTrade) },
      listing,
      answer: (_params, asked) => trades(asked, [])
    })
  ]
}

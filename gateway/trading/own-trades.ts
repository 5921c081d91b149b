// The caller's own trades: its legs of fills, as the journal has them. A trade is settled once it is there.

import { z } from 'zod'
import { instrumentById } from '../../schemas/instruments.ts'
import type { OrderId, Side } from '../../schemas/units.ts'
import { ApiError } from '../errors.ts'
import { equality, exact, type AskedList, type ConditionOf } from '../http/listing.ts'
import { amount, one, page, side, time, wholeText } from '../http/reply-schemas.ts'
import { ownList, ownResource, type Reply, type Route } from '../http/route.ts'
import { comparison, type OwnTrade, type OwnTradeCondition, type Ports } from '../ports.ts'
import { tradingAccountId } from './account-ids.ts'
import { instrumentNames } from './account-rows.ts'
import { dollars, isoTime } from './decimals.ts'
import { entryListing, entryPage, since, until } from './entry-pages.ts'
import { orderIdOf, orderIdText } from './order-ids.ts'
import { aSide, anInstant, instrument, market, price, quantity } from './parameters.ts'
import { tradeIdOf, tradeIdText, type TradeId } from './trade-ids.ts'

const text = z.string().max(200, 'is too long')

/** An id that nothing can have finds nothing; it is no fault of the question. */
const anOrderId = text.transform((sent): OrderId | null => orderIdOf(sent))
const aTradeId = text.transform((sent): TradeId | null => tradeIdOf(sent))

const instrumentFilter = { schema: instrument, ops: equality }
const orderFilter = { schema: anOrderId, ops: equality }

const filterable = {
  market_id: { schema: market, ops: equality },
  instrument_id: instrumentFilter,
  instrument_symbol: instrumentFilter,
  symbol: instrumentFilter,
  trade_id: { schema: aTradeId, ops: exact },
  order_id: orderFilter,
  buyer_order_id: orderFilter,
  seller_order_id: orderFilter,
  triggering_order_id: orderFilter,
  status: { schema: z.enum(['executed', 'settled'], 'is executed or settled'), ops: equality },
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

const nothing: OwnTradeCondition = { field: 'sequence', op: '<', value: 0 }

/** One of the API's conditions in our words. The table above has narrowed which comparisons each field takes. */
function conditionsOf (condition: ConditionOf<typeof filterable>): OwnTradeCondition[] {
  const op = condition.op
  const isEqual = op === '!=' ? '!=' : '=='
  switch (condition.field) {
    case 'market_id':
    case 'instrument_id':
    case 'instrument_symbol':
    case 'symbol': return [{ field: 'instrumentId', op: isEqual, value: condition.value.instrumentId }]
    case 'trade_id': return condition.value === null ? [nothing] : ofTrade(condition.value)
    case 'order_id':
    case 'triggering_order_id': return ofOrder(isEqual, condition.value)
    case 'buyer_order_id': return [...ofOrder(isEqual, condition.value), ofSide('buy')]
    case 'seller_order_id': return [...ofOrder(isEqual, condition.value), ofSide('sell')]
    case 'status': return (condition.value === 'settled') === (isEqual === '==') ? [] : [nothing]
    case 'side': return [{ field: 'side', op: isEqual, value: condition.value }]
    case 'price': return [{ field: 'price', op, value: condition.value }]
    case 'quantity': return [{ field: 'quantity', op, value: condition.value }]
    case 'execution_timestamp':
    case 'timestamp': return [{ field: 'bookedAt', op, value: condition.value }]
    case 'from':
    case 'start_datetime': return [{ field: 'bookedAt', op: '>=', value: condition.value }]
    case 'to':
    case 'end_datetime': return [{ field: 'bookedAt', op: '<=', value: condition.value }]
  }
}

/** Null: an id that no order has. */
function ofOrder (op: '==' | '!=', value: OrderId | null): OwnTradeCondition[] {
  if (value !== null) return [{ field: 'orderId', op, value }]
  return op === '==' ? [nothing] : []
}

const ofSide = (value: Side): OwnTradeCondition => ({ field: 'side', op: '==', value })

const ofTrade = ({ instrumentId, sequence }: TradeId): OwnTradeCondition[] => [
  { field: 'instrumentId', op: '==', value: instrumentId }, { field: 'sequence', op: '==', value: sequence }
]

const tradeRow = z.strictObject({
  trade_id: z.string().meta({ examples: ['trade_text-prime-42'] }),
  id: z.string(),
  market_id: z.string().nullable(),
  market_name: z.string().nullable(),
  instrument_id: z.string(),
  instrument_symbol: z.string(),
  instrument_name: z.string(),
  order_id: z.string(),
  trading_account_id: z.string(),
  side: side.meta({ description: 'Yours.' }),
  role: z.enum(['maker', 'taker']).meta({ description: 'Yours.' }),
  price: amount,
  quantity: wholeText,
  total_value: amount,
  fee: amount,
  grant_value: amount.meta({ description: 'Of the total value, paid by grant money.' }),
  status: z.literal('settled'),
  execution_timestamp: time,
  timestamp: time,
  settlement_timestamp: time
}).meta({ id: 'OwnTrade' })

function tradeJson (trade: OwnTrade): z.output<typeof tradeRow> {
  const known = instrumentById(trade.instrumentId)
  const [id, at] = [tradeIdText(trade), isoTime(trade.bookedAt)]
  return {
    trade_id: id,
    id,
    market_id: known?.marketId ?? null,
    market_name: known?.marketName ?? null,
    ...instrumentNames(trade.instrumentId),
    order_id: orderIdText(trade.orderId),
    trading_account_id: tradingAccountId(trade.holder, trade.instrumentId),
    side: trade.side,
    role: trade.role,
    price: dollars(trade.price),
    quantity: String(trade.quantity),
    total_value: dollars(BigInt(trade.price) * BigInt(trade.quantity)),
    fee: dollars(trade.fee),
    grant_value: dollars(trade.grant),
    status: 'settled',
    execution_timestamp: at,
    timestamp: at,
    settlement_timestamp: at
  }
}

type Asked = AskedList<typeof filterable, number>

export function ownTradeRoutes ({ accountHistory }: Ports): Route[] {
  return [
    ownList({
      path: '/trades',
      summary: 'Your trades.',
      listing: entryListing(filterable, ['execution_timestamp', 'timestamp', 'created_at']),
      replies: { 200: page(tradeRow) },
      answer: async ({ caller: { holder } }, asked: Asked): Promise<Reply> => {
        const conditions = asked.conditions.flatMap(conditionsOf)
        const fetched = conditions.includes(nothing)
          ? { rows: [], paging: { next_cursor: null, prev_cursor: null, has_more: false } }
          : await entryPage(asked, async window => accountHistory.ownTrades({ holder, conditions, ...window }))
        return { body: { data: fetched.rows.map(tradeJson), paging: fetched.paging } }
      }
    }),
    ownResource({
      path: '/trades/:trade',
      summary: 'One of your trades.',
      query: {},
      replies: { 200: one(tradeRow) },
      answer: async ({ caller: { holder }, params }): Promise<Reply> => {
        const id = tradeIdOf(params['trade'] ?? '')
        const asked = { holder, beyond: null, limit: 1, order: 'asc' as const }
        const [trade] = id === null ? [] : await accountHistory.ownTrades({ ...asked, conditions: ofTrade(id) })
        if (trade === undefined) throw new ApiError('not_found', 'You have no such trade.')
        return { body: { data: tradeJson(trade) } }
      }
    })
  ]
}

// The list of the caller's orders: filters in the API's words, pages by order id, which of one holder rises with time.

import { z } from 'zod'
import { orderId, type OrderId } from '../../schemas/units.ts'
import { equality, type AskedList, type ConditionOf, type Listing } from '../http/listing.ts'
import { isFetchedBackwards, pageOf, writeCursor } from '../http/paging.ts'
import { page } from '../http/reply-schemas.ts'
import { ownList, type Reply, type Route } from '../http/route.ts'
import { comparison, type OrderCondition, type Ports } from '../ports.ts'
import { holderOf } from './account-ids.ts'
import { since, until } from './entry-pages.ts'
import { orderIdOf } from './order-ids.ts'
import { orderJson, orderRow } from './order-json.ts'
import { searchOrders } from './order-search.ts'
import { apiStatus, askedStatus, wordsOf, type ApiStatus } from './order-status.ts'
import { aSide, anInstant, instrument, market } from './parameters.ts'
import type { HolderId } from '../../schemas/units.ts'

const text = z.string().max(200, 'is too long')
const inMarket = { schema: market, ops: equality }
const ofInstrument = { schema: instrument, ops: equality }

const filterable = {
  market_id: inMarket,
  instrument_id: ofInstrument,
  instrument_symbol: ofInstrument,
  symbol: ofInstrument,
  // Ids that nothing can have find nothing; they are no fault of the question.
  trader_id: { schema: text.transform(sent => holderOf(sent) ?? null), ops: equality },
  order_id: { schema: text.transform((sent): OrderId | null => orderIdOf(sent)), ops: equality },
  client_order_id: { schema: text, ops: equality },
  side: { schema: aSide, ops: equality },
  status: { schema: z.enum(askedStatus, `is one of ${askedStatus.join(', ')}`), ops: equality },
  created_at: { schema: anInstant, ops: comparison },
  from: since,
  to: until,
  start_datetime: since,
  end_datetime: until
}

const listing: Listing<typeof filterable, OrderId> = {
  fields: filterable,
  orderBy: ['created_at'],
  order: 'asc',
  limit: { default: 50, max: 500 },
  key: z.int().min(0).transform(orderId),
  hasPages: false
}

type Asked = AskedList<typeof filterable, OrderId>

/** No order has it. */
const nothing: OrderCondition = { field: 'orderId', op: '==', value: orderId(0) }

/** One of the API's conditions in our words; those on the status are apart. */
function conditionsOf (condition: ConditionOf<typeof filterable>, holder: HolderId): OrderCondition[] {
  const { op } = condition
  const isEqual = op === '!=' ? '!=' : '=='
  switch (condition.field) {
    case 'market_id':
    case 'instrument_id':
    case 'instrument_symbol':
    case 'symbol': return [{ field: 'instrumentId', op: isEqual, value: condition.value.instrumentId }]
    case 'trader_id': return (condition.value === holder) === (isEqual === '==') ? [] : [nothing]
    case 'order_id':
      if (condition.value !== null) return [{ field: 'orderId', op: isEqual, value: condition.value }]
      return isEqual === '==' ? [nothing] : []
    case 'client_order_id': return [{ field: 'clientOrderId', op: isEqual, value: condition.value }]
    case 'side': return [{ field: 'side', op: isEqual, value: condition.value }]
    case 'status': return []
    case 'created_at': return [{ field: 'acceptedAt', op, value: condition.value }]
    case 'from':
    case 'start_datetime': return [{ field: 'acceptedAt', op: '>=', value: condition.value }]
    case 'to':
    case 'end_datetime': return [{ field: 'acceptedAt', op: '<=', value: condition.value }]
  }
}

/** The words that all conditions on the status let through. */
function wordsAsked ({ conditions }: Asked): readonly ApiStatus[] {
  return apiStatus.filter(word => conditions.every(condition =>
    condition.field !== 'status' || wordsOf(condition.value).includes(word) === (condition.op === '==')))
}

export function orderListRoute (ports: Ports): Route {
  return ownList({
    path: '/orders',
    summary: 'Your orders.',
    listing,
    replies: { 200: page(orderRow) },
    answer: async ({ caller: { holder } }, asked): Promise<Reply> => {
      const { place, limit, mark } = asked
      const conditions = asked.conditions.flatMap(condition => conditionsOf(condition, holder))
      const opposite = asked.order === 'asc' ? 'desc' : 'asc'
      const found = await searchOrders(ports, { holder, conditions, words: wordsAsked(asked) }, {
        beyond: 'key' in place ? place.key : null,
        limit: limit + 1,
        order: isFetchedBackwards(place) ? opposite : asked.order
      })
      const { rows, paging } = pageOf(found, limit, { place, cursorOf: order => writeCursor(mark, order.orderId) })
      return { body: { data: rows.map(order => orderJson(order)), paging } }
    }
  })
}

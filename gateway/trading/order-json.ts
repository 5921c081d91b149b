// An order as the API shows it: under every name that the published clients read.

import { z } from 'zod'
import { instrumentById } from '../../schemas/instruments.ts'
import { closureReason, orderType, timeInForce } from '../../schemas/matching/records.ts'
import { amount, logPosition, side, time } from '../http/reply-schemas.ts'
import type { LogPosition, OrderView } from '../ports.ts'
import { userIdOf } from './account-ids.ts'
import { averagePrice, dollars, isoTime } from './decimals.ts'
import { orderIdText } from './order-ids.ts'
import { apiStatus, statusWord } from './order-status.ts'

const orderId = z.string().meta({ examples: ['order_0000003V5M2'] })

export const orderRow = z.strictObject({
  order_id: orderId,
  id: orderId,
  market_id: z.string(),
  market_name: z.string().nullable(),
  instrument_id: z.string(),
  instrument_symbol: z.string(),
  instrument_name: z.string().nullable(),
  trader_id: z.string(),
  side,
  type: z.enum(orderType),
  status: z.enum(apiStatus),
  quantity: z.int().meta({ description: 'Units: the total now; of an order by notional what it took.' }),
  size: z.int(),
  filled_quantity: z.int(),
  remaining_quantity: z.int().meta({ description: 'What may still trade; 0 of a closed order.' }),
  notional: amount.nullable().meta({ description: 'Of a market buy by notional.' }),
  price: amount.nullable().meta({ description: 'The limit; null of market and stop orders.' }),
  stop_price: amount.nullable(),
  average_price: amount.nullable(),
  average_fill_price: amount.nullable(),
  filled_value: amount,
  fee: amount,
  held: z.string().meta({ description: 'Set aside for it now: dollars of a buy, units of a sell.' }),
  time_in_force: z.enum(timeInForce),
  expires_at: time.nullable(),
  post_only: z.boolean(),
  reduce_only: z.boolean(),
  auto_transfer: z.boolean(),
  client_order_id: z.string().nullable(),
  linked_order_id: orderId.nullable().meta({ description: 'The other leg of an OCO.' }),
  closure_reason: z.enum(closureReason).nullable(),
  rejection_reason: z.string().nullable(),
  submitted_at: time,
  created_at: time,
  updated_at: time,
  closed_at: time.nullable(),
  log_position: logPosition.optional().meta({ description: 'In answers to commands.' })
}).meta({ id: 'Order' })

export type OrderJson = z.output<typeof orderRow>

const dollarsOrNull = (amount: OrderView['price']): string | null => amount === null ? null : dollars(amount)
const timeOrNull = (at: OrderView['closedAt']): string | null => at === null ? null : isoTime(at)

/** The price of orders that name none is a protection, which is nobody's limit. */
const limitOf = ({ type, price }: OrderView): string | null =>
  type === 'limit' || type === 'stop_limit' ? dollarsOrNull(price) : null

function fillsJson ({ filledQuantity, filledNotional, fee, quantity, closedAt }: OrderView) {
  const average = filledQuantity === 0 ? null : averagePrice(filledNotional, filledQuantity)
  return {
    filled_quantity: filledQuantity,
    remaining_quantity: closedAt === null ? Math.max(0, quantity - filledQuantity) : 0,
    average_price: average,
    average_fill_price: average,
    filled_value: dollars(filledNotional),
    fee: dollars(fee)
  }
}

export function orderJson (order: OrderView, position?: LogPosition): OrderJson {
  const instrument = instrumentById(order.instrumentId)
  const id = orderIdText(order.orderId)
  const quantity = order.notional === null ? order.quantity : order.filledQuantity
  return {
    order_id: id,
    id,
    market_id: instrument?.marketId ?? order.instrumentId,
    market_name: instrument?.marketName ?? null,
    instrument_id: instrument?.publicId ?? order.instrumentId,
    instrument_symbol: order.instrumentId,
    instrument_name: instrument?.name ?? null,
    trader_id: userIdOf(order.holder),
    side: order.side,
    type: order.type,
    status: statusWord(order),
    quantity,
    size: quantity,
    notional: dollarsOrNull(order.notional),
    price: limitOf(order),
    stop_price: dollarsOrNull(order.stopPrice),
    ...fillsJson(order),
    held: order.side === 'buy' ? dollars(BigInt(order.heldAmount)) : String(order.heldAmount),
    time_in_force: order.timeInForce,
    expires_at: timeOrNull(order.expiresAt),
    post_only: order.postOnly,
    reduce_only: order.reduceOnly,
    auto_transfer: order.autoTransfer,
    client_order_id: order.clientOrderId,
    linked_order_id: order.otherLeg === 0 ? null : orderIdText(order.otherLeg),
    closure_reason: order.closureReason,
    rejection_reason: order.refusal,
    submitted_at: isoTime(order.submittedAt),
    created_at: isoTime(order.acceptedAt),
    updated_at: isoTime(order.updatedAt),
    closed_at: timeOrNull(order.closedAt),
    ...(position === undefined ? {} : { log_position: position })
  }
}

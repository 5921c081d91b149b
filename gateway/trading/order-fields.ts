// The bodies of orders as clients send them: every field by itself. What they must be together, order-terms.ts says.

import { z } from 'zod'
import { orderType, selfTradePrevention, timeInForce } from '../../schemas/matching/records.ts'
import { side } from '../../schemas/units.ts'
import { amountAsked, unitsAsked } from './body-values.ts'
import { anInstant, market } from './parameters.ts'

const oneOf = (words: readonly string[]): string => `is one of ${words.join(', ')}`

const marketAsked = z.string('is the id of a market').pipe(market)
  .meta({ description: 'market-<uuid>, market_<uuid>, the UUID, or the symbol.', examples: ['text-prime'] })

const flag = (description: string) => z.boolean('is true or false').nullish().meta({ description })

const price = amountAsked.nullish()
  .meta({ description: 'Dollars a unit, on a tick of the market, as text or a number.', examples: ['0.1009'] })

const stopPrice = amountAsked.nullish()
  .meta({ description: 'The last trade at which a stop enters: at or above it a buy, at or below it a sell.', examples: ['0.0950'] })

const instant = z.union([z.string().max(40), z.number()], 'is neither seconds since 1970 nor an ISO 8601 time')
  .transform(String).pipe(anInstant)
  .meta({ description: 'Of gtd: seconds since 1970, or ISO 8601 with a zone.', examples: ['2026-06-15T16:00:00Z'] })

export const clientOrderId = z.string('is text').regex(/^[!-~]{1,100}$/, 'is 1 to 100 visible characters').meta({
  description: 'Yours: sent again with the same content it gets the first answer, with other content it is a conflict.',
  examples: ['requote-42']
})

const slippage = z.int('is a whole number of basis points').min(0, 'is at least 0').max(10_000, 'is at most 10000').nullish()
  .meta({ description: 'How far from the best price a market order may go, from its stop price a stop: it only tightens.' })

const oco = z.object({ stop_price: amountAsked, price }, 'is an object with stop_price and perhaps price').nullish()
  .meta({ description: 'A stop beside this limit order, stop_limit if it has a price: a fill of one closes the other.' })

export const newOrder = z.object({
  market_id: marketAsked,
  side: z.enum(side, 'is buy or sell'),
  type: z.enum(orderType, oneOf(orderType)),
  quantity: unitsAsked.nullish(),
  size: unitsAsked.nullish().meta({ description: 'The same as quantity.' }),
  notional: amountAsked.nullish().meta({ description: 'What a market buy may cost, its fee included, instead of a quantity.' }),
  price,
  stop_price: stopPrice,
  time_in_force: z.enum(timeInForce, oneOf(timeInForce)).nullish()
    .meta({ description: 'gtc unless said otherwise; gtd where expires_at is given. A market order is ioc, or fok.' }),
  expires_at: instant.nullish(),
  client_order_id: clientOrderId.nullish(),
  post_only: flag('Refused rather than trade at once.'),
  reduce_only: flag('Sells only: there are no short positions.'),
  auto_transfer: flag('What a buy takes goes to Consumption at once.'),
  self_trade_prevention: z.enum(selfTradePrevention, oneOf(selfTradePrevention)).nullish()
    .meta({ description: 'What happens when it meets an order of the same owner; cancel_newest unless said otherwise.' }),
  max_slippage_bp: slippage,
  oco
}).meta({ id: 'NewOrder' })

export type NewOrder = z.output<typeof newOrder>

const amendable = ['gtc', 'day', 'gtd'] as const

export const amendment = z.object({
  quantity: unitsAsked.nullish().meta({ description: 'The new total, what is filled included.' }),
  size: unitsAsked.nullish().meta({ description: 'The same as quantity.' }),
  price,
  stop_price: stopPrice,
  time_in_force: z.enum(amendable, oneOf(amendable)).nullish(),
  expires_at: instant.nullish()
}).meta({ id: 'Amendment', description: 'At least one of them; what is left out stays as it is.' })

export type Amendment = z.output<typeof amendment>

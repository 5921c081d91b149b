// What a user may send: the numbers that `CommandRates` counts by, and the headers that tell how much is left.

import { z } from 'zod'
import { windowSeconds } from '../http/command-rates.ts'
import { one } from '../http/reply-schemas.ts'
import { ownResource, type Route } from '../http/route.ts'
import type { Ports } from '../ports.ts'
import { market } from './parameters.ts'

const limits = z.strictObject({
  market_id: z.string().nullable().meta({ description: 'Null: the same in every market.' }),
  order_rate_limits: z.strictObject({
    scope: z.literal('user_market'),
    max_orders_per_second: z.int(),
    max_orders_per_minute: z.int(),
    burst_capacity: z.int().meta({ description: 'Beyond those of a second, in all of the window.' }),
    window_seconds: z.int()
  }),
  response_headers: z.strictObject({
    limit: z.string(), remaining: z.string(), reset: z.string(), retry_after: z.string()
  }).meta({ description: 'Names of headers.' })
}).meta({ id: 'AccountLimits' })

export function limitRoutes ({ orderRate }: Ports): Route[] {
  return [
    ownResource({
      path: '/account/limits',
      summary: 'How many orders you may place and change.',
      query: { market_id: market },
      replies: { 200: one(limits) },
      answer: (_call, asked) => {
        const data: z.output<typeof limits> = {
          market_id: asked.market_id?.marketId ?? null,
          order_rate_limits: {
            scope: 'user_market',
            max_orders_per_second: orderRate.perSecond,
            max_orders_per_minute: orderRate.perMinute,
            burst_capacity: orderRate.burst,
            window_seconds: windowSeconds
          },
          response_headers: {
            limit: 'x-ratelimit-limit',
            remaining: 'x-ratelimit-remaining',
            reset: 'x-ratelimit-reset',
            retry_after: 'retry-after'
          }
        }
        return { body: { data } }
      }
    })
  ]
}

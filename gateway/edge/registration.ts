// Tells the market of this edge when it starts, and when it goes. The same endpoint again is the same endpoint.

import { z } from 'zod'
import type { Market } from './market.ts'

export type Registration = {
  readonly instrument: string
  readonly url: string
  readonly publicUrl: string | null
  readonly models: readonly string[]
  readonly inFlightMax: number | null
  readonly requestsPerMinute: number | null
  readonly tokensPerMinute: number | null
  readonly tlsPin: string | null
}

const registered = z.object({ data: z.looseObject({ id: z.string().min(1) }) })

/** The id of the endpoint. Throws where the market refuses it, or does not answer. */
export async function register (market: Pick<Market, 'call'>, registration: Registration): Promise<string> {
  const { instrument, url, publicUrl, models, inFlightMax, requestsPerMinute, tokensPerMinute, tlsPin } = registration
  const body = JSON.stringify({
    instrument_id: instrument,
    url,
    models,
    is_active: true,
    ...(publicUrl === null ? {} : { public_url: publicUrl }),
    ...(inFlightMax === null ? {} : { in_flight_max: inFlightMax }),
    ...(requestsPerMinute === null ? {} : { requests_per_minute: requestsPerMinute }),
    ...(tokensPerMinute === null ? {} : { tokens_per_minute: tokensPerMinute }),
    ...(tlsPin === null ? {} : { tls_pin: tlsPin })
  })
  const answered = await market.call({ method: 'POST', path: '/v1/supplier-endpoints', body })
  if (answered.status >= 300) {
    throw new Error(`the market answered ${answered.status} to the registration: ${JSON.stringify(answered.body).slice(0, 500)}`)
  }
  return registered.parse(answered.body).data.id
}

/** Nothing more is sent there until it is registered again. Throws where the market did not take it. */
export async function withdraw (market: Pick<Market, 'call'>, endpointId: string): Promise<void> {
  const path = `/v1/supplier-endpoints/${endpointId}`
  const { status } = await market.call({ method: 'PUT', path, body: JSON.stringify({ is_active: false }) })
  if (status >= 300) throw new Error(`the market answered ${status} to the end of a registration`)
}

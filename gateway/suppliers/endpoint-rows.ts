// An endpoint as the API shows it: what was registered, what an operator thinks of its supplier, and how this gateway
// fares with it.

import { z } from 'zod'
import { standing as standings, weightDefault, type SupplierEndpoint } from '../../schemas/suppliers/records.ts'
import { time } from '../http/reply-schemas.ts'
import { breakerState } from '../routing/breaker.ts'
import { instrumentNames } from '../trading/account-rows.ts'
import { isoTime } from '../trading/decimals.ts'
import type { EndpointView, SuppliersPort } from './suppliers-port.ts'

const seen = z.strictObject({
  in_flight: z.int(),
  breaker: z.enum(breakerState).meta({ description: 'open: nothing is sent for now. half_open: the next request tries it.' }),
  failures_in_row: z.int(),
  paused_ms: z.int().meta({ description: 'How long nothing is sent because it answered 429.' }),
  first_token_ms: z.int().nullable().meta({ description: 'On average, lately.' }),
  duration_ms: z.int().nullable(),
  requests_left: z.int().nullable().meta({ description: 'Of this minute.' }),
  tokens_left: z.int().nullable(),
  requests: z.strictObject({ begun: z.int(), ok: z.int(), failed: z.int(), limited: z.int(), aborted: z.int() })
}).meta({ id: 'SupplierEndpointSeen', description: 'As this gateway sees it, since it started.' })

export const endpointRow = z.strictObject({
  id: z.string(),
  endpoint_id: z.string(),
  instrument_id: z.string(),
  instrument_symbol: z.string(),
  instrument_name: z.string(),
  url: z.string(),
  public_url: z.string().nullable(),
  models: z.array(z.string()),
  in_flight_max: z.int().nullable(),
  requests_per_minute: z.int().nullable(),
  tokens_per_minute: z.int().nullable(),
  tls_pin: z.string().nullable(),
  is_managed: z.boolean().meta({ description: 'Serves where nothing could be bought, at a price of an operator\'s.' }),
  is_active: z.boolean(),
  status: z.enum(['active', 'inactive']),
  standing: z.enum(standings).meta({ description: 'What is thought of your service of this instrument.' }),
  weight: z.int().meta({ description: 'Of 1000: your share beside the others\'.' }),
  seen: seen.nullable(),
  created_at: time,
  updated_at: time
}).meta({ id: 'SupplierEndpoint' })

const rounded = (ms: number | null): number | null => ms === null ? null : Math.round(ms)

const seenJson = (view: EndpointView): z.output<typeof seen> => ({
  in_flight: view.inFlight,
  breaker: view.breaker,
  failures_in_row: view.failuresInRow,
  paused_ms: view.pausedMs,
  first_token_ms: rounded(view.latencyMs),
  duration_ms: rounded(view.durationMs),
  requests_left: view.requestsLeft,
  tokens_left: view.tokensLeft,
  requests: view.counts
})

export function endpointJson (suppliers: SuppliersPort, endpoint: SupplierEndpoint): z.output<typeof endpointRow> {
  const { endpointId, supplier, instrumentId, isActive } = endpoint
  const judged = suppliers.standing(supplier, instrumentId)
  const view = suppliers.seen(endpointId)
  return {
    id: endpointId,
    endpoint_id: endpointId,
    ...instrumentNames(instrumentId),
    url: endpoint.url,
    public_url: endpoint.publicUrl,
    models: [...endpoint.models],
    in_flight_max: endpoint.inFlightMax,
    requests_per_minute: endpoint.requestsPerMinute,
    tokens_per_minute: endpoint.tokensPerMinute,
    tls_pin: endpoint.tlsPin,
    is_managed: endpoint.managedPrice !== null,
    is_active: isActive,
    status: isActive ? 'active' : 'inactive',
    // Another release may have words that this one does not: they count as probation (routing, R2).
    standing: judged === undefined ? 'unrated' : standings.find(word => word === judged.standing) ?? 'probation',
    weight: judged?.weight ?? weightDefault,
    seen: view === undefined ? null : seenJson(view),
    created_at: isoTime(endpoint.createdAt),
    updated_at: isoTime(endpoint.updatedAt)
  }
}

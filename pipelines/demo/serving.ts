// How suppliers of the demo come to serve what they sell: their edges are processes of their own, that whoever starts
// the market starts; what those need to know is written here, each into a file that only its owner reads.

import { writeFile } from 'node:fs/promises'
import type { HolderId } from '../../schemas/units.ts'
import type { Client, Reply } from './client.ts'

/** What the made-up model server of each calls its model. */
export const servedModel = 'simulated-1'

export type ServingOptions = {
  readonly client: Client
  /** Where the edge will listen, for gateways and for clients. */
  readonly url: string
  /** Symbols. */
  readonly instruments: readonly string[]
}

const limits = { in_flight_max: 64 }

type Endpoint = { readonly id: string, readonly url: string }

function done (reply: Reply, doing: string): unknown {
  if (reply.status >= 200 && reply.status < 300) return reply.data
  throw new Error(`${doing}: the gateway answered ${reply.status} ${JSON.stringify(reply.body)}`)
}

/** It serves there, and nowhere else any more. Returns the ids of its endpoints. */
export async function announce ({ client, url, instruments }: ServingOptions): Promise<string[]> {
  const known = done(await client.get('/v1/supplier-endpoints?limit=500'), 'endpoints') as readonly Endpoint[]
  await Promise.all(known.filter(endpoint => endpoint.url !== url).map(async ({ id }) =>
    done(await client.ask({ method: 'DELETE', path: `/v1/supplier-endpoints/${id}` }), 'an endpoint of before')))
  const made = await Promise.all(instruments.map(async instrument => {
    const body = { instrument_id: instrument, url, public_url: url, models: [servedModel], ...limits }
    return done(await client.ask({ method: 'POST', path: '/v1/supplier-endpoints', body }), `an endpoint of ${instrument}`)
  }))
  return (made as readonly Endpoint[]).map(({ id }) => id)
}

export type EdgeSettings = {
  readonly url: string
  readonly gateway: string
  readonly supplier: HolderId
  /** Of its signing key. */
  readonly seed: Buffer
  readonly endpoints: readonly string[]
}

/** The environment of an edge (gateway/edge/settings.ts). */
export function edgeEnvironment (settings: EdgeSettings): Readonly<Record<string, string>> {
  const { url, gateway, supplier, seed, endpoints } = settings
  const { hostname, port } = new URL(url)
  return {
    HOST: hostname,
    PORT: port,
    MARKET_URL: gateway,
    SUPPLIER: String(supplier),
    SUPPLIER_SIGNING_KEY: seed.toString('base64'),
    ENDPOINT_ID: endpoints.join(','),
    UPSTREAM_MODEL: servedModel
  }
}

export async function writeEdge (file: string, settings: EdgeSettings): Promise<void> {
  const lines = Object.entries(edgeEnvironment(settings)).map(([name, value]) => `${name}='${value}'\n`)
  await writeFile(file, lines.join(''), { mode: 0o600 })
}

// Where a supplier serves: registered, listed, changed, taken away.

import { isDeepStrictEqual } from 'node:util'
import type { z } from 'zod'
import { endpointIdOf } from '../../pipelines/suppliers/endpoint-ids.ts'
import type { SupplierEndpoint } from '../../schemas/suppliers/records.ts'
import { ApiError, invalid } from '../errors.ts'
import { listAtHand } from '../http/at-hand.ts'
import type { SignedCall } from '../http/call.ts'
import { equality } from '../http/listing.ts'
import { countedPage, nothing, one } from '../http/reply-schemas.ts'
import { command, ownList, ownResource, type Reply, type Route } from '../http/route.ts'
import type { Ports } from '../ports.ts'
import { entriesOf, listingOf } from '../trading/accounts.ts'
import { publicId, word } from '../trading/parameters.ts'
import { changedEndpoint, newEndpoint, termsOf, unsaid, type TermsAsked } from './endpoint-fields.ts'
import { endpointJson, endpointRow } from './endpoint-rows.ts'
import type { SuppliersPort } from './suppliers-port.ts'
import { urlText } from './urls.ts'

const access = ['supplier'] as const
const endpointsMax = 100

const filterable = {
  instrument_id: { schema: publicId, ops: equality },
  symbol: { schema: word, ops: equality },
  status: { schema: word, ops: equality }
}

/** Another's is as if it were not there. */
function ownEndpoint (suppliers: SuppliersPort, { params, caller }: SignedCall): SupplierEndpoint {
  const found = suppliers.endpoint(params['endpoint'] ?? '')
  if (found?.supplier !== caller.holder) throw new ApiError('not_found', 'You have no such endpoint.')
  return found
}

type Destinations = { readonly url?: URL | undefined, readonly public_url?: URL | null | undefined }

async function checkDestinations (suppliers: SuppliersPort, asked: Destinations): Promise<void> {
  const named = [['url', asked.url], ['public_url', asked.public_url]] as const
  const faults = await Promise.all(named.map(async ([name, url]) =>
    [name, url == null ? null : await suppliers.destinationFault(url)] as const))
  const found = faults.flatMap(([name, fault]) => fault === null ? [] : [[name, [fault]] as const])
  if (found.length > 0) throw invalid(Object.fromEntries(found))
}

/** What goes together, or does not. */
function checkTerms ({ url, tlsPin }: SupplierEndpoint): void {
  if (tlsPin !== null && !url.startsWith('https:')) throw invalid({ tls_pin: ['is of https only'] })
}

/** Writes what is new, and nothing where it is as it was. */
async function keep (
  suppliers: SuppliersPort, endpoint: SupplierEndpoint, before: SupplierEndpoint | undefined
): Promise<Reply> {
  checkTerms(endpoint)
  const isSame = before !== undefined && isDeepStrictEqual({ ...endpoint, updatedAt: before.updatedAt }, before)
  if (!isSame) await suppliers.write(endpoint)
  const kept = isSame ? before : endpoint
  return { status: before === undefined ? 201 : 200, body: { data: endpointJson(suppliers, kept) } }
}

async function register (
  suppliers: SuppliersPort, { caller, at }: SignedCall, asked: z.output<typeof newEndpoint>
): Promise<Reply> {
  const { instrument_id: { instrumentId }, url, ...terms } = asked
  const place = { supplier: caller.holder, instrumentId, url: urlText(url) }
  const endpointId = endpointIdOf(place)
  const before = suppliers.endpoint(endpointId)
  if (before === undefined && suppliers.endpoints(caller.holder).length >= endpointsMax) {
    throw invalid({ url: [`would be more than ${endpointsMax} endpoints`] })
  }
  await checkDestinations(suppliers, asked)
  const { managedPrice, createdAt } = before ?? { managedPrice: null, createdAt: at }
  return keep(suppliers, {
    kind: 'supplier-endpoint',
    endpointId,
    ...place,
    ...termsOf(terms, unsaid),
    managedPrice,
    createdAt,
    updatedAt: at
  }, before)
}

type ChangeAsked = z.output<typeof changedEndpoint>

/** What makes it this endpoint and no other. */
function checkPlace ({ instrument_id: instrument, url }: ChangeAsked, before: SupplierEndpoint): void {
  const fault = ['can not change; register another endpoint']
  const isOther = instrument !== undefined && instrument.instrumentId !== before.instrumentId
  if (isOther) throw invalid({ instrument_id: fault })
  if (url !== undefined && urlText(url) !== before.url) throw invalid({ url: fault })
}

async function change (suppliers: SuppliersPort, call: SignedCall, asked: ChangeAsked): Promise<Reply> {
  const before = ownEndpoint(suppliers, call)
  checkPlace(asked, before)
  await checkDestinations(suppliers, { public_url: asked.public_url })
  const { instrument_id: instrument, url, ...terms } = asked
  const changed: TermsAsked = terms
  return keep(suppliers, { ...before, ...termsOf(changed, before), updatedAt: call.at }, before)
}

export function supplierRoutes ({ suppliers }: Ports): Route[] {
  return [
    command({
      method: 'POST',
      path: '/supplier-endpoints',
      summary: 'Says where you serve an instrument; again, for the same instrument and URL, changes what was said.',
      access,
      body: newEndpoint,
      replies: { 200: one(endpointRow), 201: one(endpointRow) },
      answer: (call, body) => register(suppliers, call, body)
    }),
    ownList({
      path: '/supplier-endpoints',
      summary: 'Where you serve, and how this gateway fares there.',
      access,
      listing: listingOf(filterable),
      replies: { 200: countedPage(endpointRow) },
      answer: ({ caller }, asked) => {
        const rows = suppliers.endpoints(caller.holder).map(endpoint => endpointJson(suppliers, endpoint))
        return { body: listAtHand(entriesOf(rows), asked) }
      }
    }),
    ownResource({
      path: '/supplier-endpoints/:endpoint',
      summary: 'One of your endpoints.',
      access,
      query: {},
      replies: { 200: one(endpointRow) },
      answer: call => ({ body: { data: endpointJson(suppliers, ownEndpoint(suppliers, call)) } })
    }),
    command({
      method: 'PUT',
      path: '/supplier-endpoints/:endpoint',
      summary: 'Changes what is sent of an endpoint; the rest stays as it is.',
      access,
      body: changedEndpoint,
      replies: { 200: one(endpointRow) },
      answer: (call, body) => change(suppliers, call, body)
    }),
    command({
      method: 'DELETE',
      path: '/supplier-endpoints/:endpoint',
      summary: 'Takes an endpoint away; what is under way there ends.',
      access,
      replies: { 204: nothing },
      answer: async call => {
        await suppliers.remove(ownEndpoint(suppliers, call).endpointId)
        return {}
      }
    })
  ]
}

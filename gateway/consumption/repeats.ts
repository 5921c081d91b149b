// Requests that are sent again under the name that their client gave them, `Idempotency-Key`.

import type { RequestView } from '../../pipelines/ledger/usage/views.ts'
import { Fault } from '../surfaces/fault.ts'
import { restBytes, restOf } from '../tickets/request-id.ts'
import type { Consumption } from './consumption.ts'
import type { KeyHolder } from './ports.ts'
import { source } from './settle.ts'
import type { Taken } from './taken.ts'
import type { Arrived } from './wire.ts'

const idempotencyForm = /^[\x20-\x7e]{1,255}$/

/** How often what came to nothing may be tried again under its name while the ledger remembers it. */
const triesMax = 100
const cameToNothing = new Set<string | undefined>(['voided', 'lapsed'])

export const isNamed = ({ request: { headers } }: Arrived): boolean => headers['idempotency-key'] !== undefined

/**
 * Of a hash of what the client calls it, so that it is the same however often, and wherever, it is sent. What came to
 * nothing and cost nothing is tried again as the next of its name.
 */
export function requestIdOf (c: Consumption, { request }: Arrived, { user: { userId } }: KeyHolder): string {
  const key = request.headers['idempotency-key']
  if (key === undefined) return c.ids.idOf(userId, c.random(restBytes))
  if (typeof key !== 'string' || !idempotencyForm.test(key)) {
    throw new Fault('invalid', 'idempotency-key is 1 to 255 visible characters', { fields: { 'idempotency-key': ['is 1 to 255 visible characters'] } })
  }
  for (let n = 1; ; n++) {
    const id = c.ids.idOf(userId, restOf(userId, n === 1 ? key : `${key}\n${n}`))
    if (n === triesMax || !cameToNothing.has(c.requests.view(userId, id)?.status)) return id
  }
}

/**
 * What an earlier hop left of this request, where its second one was lost on the way: it may have another ticket, since
 * the ledger takes one start alone. Null: nobody knows it yet. Throws a `Fault` where it is under way, or has ended.
 */
export function leftOf ({ requests }: Consumption, taken: Taken): RequestView | null {
  const { holder, requestId, delivery } = taken
  const known = requests.view(holder, requestId)
  if (known === undefined || known.status === 'refused') return null
  if (known.status === 'captured' || cameToNothing.has(known.status)) {
    throw new Fault('request_done', 'A request with this Idempotency-Key has ended already.', { headers: { 'x-should-retry': 'false' } })
  }
  const isOurs = known.status === 'authorized' && requests.recorder(holder, requestId) === source
  if (isOurs && delivery === 'redirect') return same(known, taken)
  throw new Fault('request_open', 'A request with this Idempotency-Key is under way.', { headers: { 'x-should-retry': 'true' } })
}

/** Tokens are held for it as it was: for one that asks for others they are not the right ones. */
function same (known: RequestView, { instrument: { instrumentId }, need: { need }, caller }: Taken): RequestView {
  const { keyId } = caller.key
  if (known.instrumentId === instrumentId && known.need === need && known.keyId === keyId) return known
  throw new Fault('request_conflict', 'This Idempotency-Key was used for another request.', { headers: { 'x-should-retry': 'false' } })
}

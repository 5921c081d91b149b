// Who is let in: whoever has a ticket of the market's for this endpoint and this very request, which nobody has used.

import type { HolderId } from '../../schemas/units.ts'
import { Fault } from '../surfaces/fault.ts'
import { keyIdOf, readEdgeTicket, type EdgeClaims } from '../tickets/edge-ticket.ts'
import { checkBody } from '../tickets/hop-ticket.ts'
import type { MarketKeys } from './market-keys.ts'
import type { UsedTickets } from './used-tickets.ts'

export type GateOptions = {
  readonly keys: Pick<MarketKeys, 'key'>
  readonly used: UsedTickets
  readonly supplier: HolderId
  /** Of this edge, as the market calls them. */
  readonly endpoints: ReadonlySet<string>
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly now: () => number
}

export type Presented = { readonly ticket: string, readonly method: string, readonly path: string }

/** A ticket that was let in. */
export type Admitted = {
  readonly claims: EdgeClaims
  /** A `Fault` for another body than the one that it was made for. */
  readonly check: (body: Buffer) => void
  /** It may come again: nothing of an answer was sent. `cameNot` is called if it has not when it expires. */
  readonly release: (cameNot?: () => void) => void
}

/** Throws a `Fault`. To be called when the headers have arrived. */
export async function admit (options: GateOptions, { ticket, method, path }: Presented): Promise<Admitted> {
  const { keys, used, supplier, endpoints, startedAt, now } = options
  if (ticket === '') throw new Fault('ticket_invalid', 'A ticket of the market is needed here.')
  const seconds = now() / 1000
  const claims = readEdgeTicket(await keys.key(keyIdOf(ticket)), ticket, { method, path, now: seconds })
  if (claims.supplier !== supplier || !endpoints.has(claims.aud)) {
    throw new Fault('ticket_invalid', 'This ticket is for another endpoint.')
  }
  // Whole seconds: one of the second in which this began may be from before.
  if (claims.iat < Math.ceil(startedAt / 1000)) {
    throw new Fault('ticket_expired', 'This ticket is from before this edge started; start at the market again.')
  }
  if (!used.hasRoom(seconds)) {
    throw new Fault('overloaded', 'Too many requests.', { headers: { 'retry-after': '5' } })
  }
  if (!used.take(claims.jti, claims.exp)) throw new Fault('ticket_used', 'This ticket was used.')
  return {
    claims,
    check (body) { checkBody({ bodyHash: claims.body }, body) },
    release (cameNot) { used.release(claims.jti, cameNot) }
  }
}

// What an edge says of its model server's failures: to a gateway, which may ask another supplier, and to a client.

import { faultOfFailure, limitedFor } from '../relay/faults.ts'
import { UpstreamFailure } from '../relay/attempt.ts'
import { Fault } from '../surfaces/fault.ts'

export function faultOf (thrown: unknown): Fault {
  const limitedMs = thrown instanceof UpstreamFailure ? limitedFor(thrown) : null
  if (limitedMs === null) return faultOfFailure(thrown)
  const headers = { 'retry-after': String(Math.max(1, Math.ceil(limitedMs / 1000))) }
  return new Fault('overloaded', 'The supplier has too much to do; nothing was billed. Try again.', { headers, cause: thrown })
}

export const tooLong = (): Fault => new Fault('upstream_timeout', 'The answer took too long; nothing was billed.')

export const goingAway = (): Fault => new Fault('draining', 'This edge is going away; nothing was billed. Try again.', {
  headers: { 'retry-after': '1', connection: 'close' }
})

// From a request on the wire to a call of a route: who asks, whether they may, and as which command it counts.

import { createHash, randomUUID } from 'node:crypto'
import type { RouterContext } from '@koa/router'
import { validityMsMax, type CommandTag } from '../../pipelines/runtime/command.ts'
import { instant, type Instant } from '../../schemas/units.ts'
import { ApiError } from '../errors.ts'
import { jsonType } from '../http/media-types.ts'
import type { Access, CallOf } from '../http/call.ts'
import type { RequestState } from '../http/request.ts'
import type { Caller, Ports } from '../ports.ts'
import { queryOf, signedBy, type Signed, type SignedRequest } from './signature.ts'

type Context = RouterContext<RequestState>

/** What any command has to reach its stage. */
const freshMs = 5_000
/** How far a stage's clock may be behind this one's: it takes nothing that is valid for longer than its limit. */
const clocksMs = 10_000

function requestOf (ctx: Context): SignedRequest {
  return {
    method: ctx.method,
    target: ctx.originalUrl,
    body: ctx.state.body?.bytes ?? Buffer.alloc(0),
    headers: {
      signature: ctx.get('x-thegrid-signature'),
      timestamp: ctx.get('x-thegrid-timestamp'),
      fingerprint: ctx.get('x-thegrid-fingerprint')
    }
  }
}

/**
 * The command that a request becomes. A POST or PUT that comes again with the same signature and query is the same one,
 * whichever gateway it reaches, for as long as the signature is taken: a stage remembers an id while it is valid, so it
 * is valid for that long. A DELETE is drawn anew, and applies again.
 */
export function tagOf (request: SignedRequest, { caller, signature, until }: Signed, now: Instant): CommandTag {
  const soon = instant(now + freshMs)
  if (request.method === 'DELETE') return { id: randomUUID(), validUntil: soon }
  const text = `${caller.fingerprint} ${signature.toString('base64')} ${queryOf(request.target)}`
  const id = createHash('sha256').update(text).digest('base64url')
  return { id, validUntil: instant(Math.min(Math.max(until, soon), now + validityMsMax - clocksMs)) }
}

function mayCall (access: Access, { user }: Caller): boolean {
  return access === 'public' || access === 'signed' || access.some(role => user.roles.includes(role))
}

export function calls ({ identities, now }: Pick<Ports, 'identities' | 'now'>): CallOf {
  return async (ctx, access) => {
    const at = now()
    const { json, type = jsonType } = ctx.state.body ?? {}
    const what = { params: ctx.params, query: ctx.querystring, body: json, bodyType: type, at }
    if (access === 'public') return { ...what, caller: null, tag: { id: randomUUID(), validUntil: at } }
    const request = requestOf(ctx)
    const signed = await signedBy(request, identities, at)
    if (!mayCall(access, signed.caller)) {
      throw new ApiError('insufficient_role', `This needs the role ${[access].flat().join(' or ')}.`)
    }
    return { ...what, caller: signed.caller, tag: tagOf(request, signed, at) }
  }
}

// A request for inference on its first hop, or on its second: taken in, judged, and sent where it is answered.

import type { IncomingMessage } from 'node:http'
import { instrumentById } from '../../schemas/instruments.ts'
import { instrumentId } from '../../schemas/units.ts'
import { Fault } from '../surfaces/fault.ts'
import { checkBody, isAccount, readHopTicket } from '../tickets/hop-ticket.ts'
import { restBytes, restOf } from '../tickets/request-id.ts'
import { Admission } from './admission.ts'
import { bodyOf, type Body } from '../serving/body.ts'
import { callerOf } from './caller.ts'
import type { Consumption } from './consumption.ts'
import { deliveryOf, edgeFor, hopTo } from './hops.ts'
import type { Place } from './paths.ts'
import type { KeyHolder } from './ports.ts'
import { answerHeaders } from './answer-headers.ts'
import { faultOfRefusal } from './refusals.ts'
import { Run } from './run.ts'
import { understand, type Taken } from './taken.ts'
import type { Arrived } from './wire.ts'

export type InferencePlace = Extract<Place, { kind: 'inference' }>

const traceForm = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/

function traceOf (c: Consumption, { headers }: IncomingMessage): string {
  const { traceparent } = headers
  if (typeof traceparent === 'string' && traceForm.test(traceparent)) return traceparent
  return `00-${c.random(16).toString('hex')}-${c.random(8).toString('hex')}-01`
}

/** On a second hop it is the ticket that was used. */
function admissionOf (c: Consumption, { holder, instrument, requestId }: Taken, isResumed: boolean): Admission {
  const secondsToMidnight = (): number => Math.ceil((86_400_000 - c.now() % 86_400_000) / 1000)
  const context = { requests: c.requests, credit: c.credit, secondsToMidnight }
  return new Admission({
    requests: c.requests,
    holder,
    instrumentId: instrument.instrumentId,
    requestId,
    faultOf: state => {
      const fault = faultOfRefusal(state, context)
      return isResumed && fault.status === 409 ? new Fault('ticket_used', 'This ticket was used.', { cause: fault }) : fault
    },
    deadlineMs: c.settings.admissionMs
  })
}

function judge (c: Consumption, caller: KeyHolder): void {
  const verdict = c.rates.judge(caller, c.now())
  if (verdict === null) return
  const { limit, retryAfterSeconds } = verdict
  const words = limit === 'open' ? 'requests at once' : `${limit} a minute`
  throw new Fault('rate_limited', `Too many ${words}; try again in ${retryAfterSeconds} s.`, {
    headers: { 'retry-after': String(retryAfterSeconds), ...c.rates.headers(caller, c.now()) }
  })
}

const idempotencyForm = /^[\x20-\x7e]{1,255}$/

/** How often what came to nothing may be tried again under its name while the ledger remembers it. */
const triesMax = 100
const cameToNothing = new Set<string | undefined>(['voided', 'lapsed'])

/**
 * Of a hash of what the client calls it, so that it is the same however often, and wherever, it is sent. What came to
 * nothing and cost nothing is tried again as the next of its name.
 */
function requestIdOf (c: Consumption, { request: { headers } }: Arrived, { user: { userId } }: KeyHolder): string {
  const key = headers['idempotency-key']
  if (key === undefined) return c.ids.idOf(userId, c.random(restBytes))
  if (typeof key !== 'string' || !idempotencyForm.test(key)) {
    throw new Fault('invalid', 'idempotency-key is 1 to 255 visible characters', { fields: { 'idempotency-key': ['is 1 to 255 visible characters'] } })
  }
  for (let n = 1; ; n++) {
    const id = c.ids.idOf(userId, restOf(userId, n === 1 ? key : `${key}\n${n}`))
    if (n === triesMax || !cameToNothing.has(c.requests.view(userId, id)?.status)) return id
  }
}

/** Whether a request of this id is open, or was answered not long ago. */
function checkRepeat ({ requests }: Consumption, { holder, requestId }: Taken): void {
  const known = requests.view(holder, requestId)
  if (known === undefined || known.status === 'refused') return
  if (known.status === 'captured' || cameToNothing.has(known.status)) {
    throw new Fault('request_done', 'A request with this Idempotency-Key has ended already.', { headers: { 'x-should-retry': 'false' } })
  }
  throw new Fault('request_open', 'A request with this Idempotency-Key is under way.', { headers: { 'x-should-retry': 'true' } })
}

const unready = (): Fault =>
  new Fault('unavailable', 'Your account is still being restored here; nothing was billed. Try again.', { headers: { 'retry-after': '1' } })

async function firstHop (c: Consumption, { surface }: InferencePlace, arrived: Arrived): Promise<void> {
  const { request: { headers }, address, startedAt } = arrived
  const caller = callerOf(c, { headers, address, now: c.now() })
  const holder = caller.user.userId
  judge(c, caller)
  const body = await bodyOf(arrived.request, c.settings.bodyIdleMs)
  const understood = await understand(c, surface, { caller, body })
  if (!c.requests.isReady(holder)) throw unready()
  const { inference, settings } = understood
  const mode = headers['x-grid-delivery']
  const taken: Taken = {
    ...understood,
    caller,
    holder,
    surface,
    requestId: requestIdOf(c, arrived, caller),
    traceparent: traceOf(c, arrived.request),
    startedAt,
    delivery: deliveryOf({
      header: typeof mode === 'string' ? mode : '',
      setting: settings.delivery,
      surface: surface.name,
      host: headers.host ?? '',
      isStream: inference.isStream,
      isChunked: headers['transfer-encoding'] !== undefined || headers['content-encoding'] !== undefined,
      bytes: body.bytes.length,
      goesOn: understood.goesOn
    })
  }
  if (headers['idempotency-key'] !== undefined) checkRepeat(c, taken)
  c.rates.begin(caller, taken.requestId, c.now())
  if (taken.delivery === 'direct') await runHere(c, taken, { arrived, isResumed: false })
  else await redirect(c, taken, { arrived, body })
}

type Here = { readonly arrived: Arrived, readonly isResumed: boolean }

async function runHere (c: Consumption, taken: Taken, { arrived, isResumed }: Here): Promise<void> {
  const admission = admissionOf(c, taken, isResumed)
  const { requests } = c
  const left = isResumed ? requests.refused(taken.requestId) ?? requests.view(taken.holder, taken.requestId) : undefined
  if (left !== undefined) admission.adopt(left)
  await new Run(c, { taken, admission, response: arrived.response, isResumed }).serve()
}

type There = { readonly arrived: Arrived, readonly body: Body }

async function redirect (c: Consumption, taken: Taken, { arrived, body }: There): Promise<void> {
  const { response, origin } = arrived
  const admission = admissionOf(c, taken, false)
  const path = arrived.path.replace(/^\/api/, '')
  const hop = { taken, admission, body: body.bytes, path, origin }
  try {
    const location = await (taken.delivery === 'supplier' ? edgeFor(c, hop) : hopTo(c, hop))
    const { 'content-type': _type, 'x-accel-buffering': _buffering, ...headers } = answerHeaders(c, taken)
    response.writeHead(307, { ...headers, location, 'content-length': '0' })
    response.end()
    const { holder, instrument: { instrumentId }, requestId } = taken
    c.abandoned.watch({ holder, instrumentId, requestId, recorder: admission.recorder })
  } catch (thrown) {
    admission.void('client', { reason: 'not_redirected', nonce: '' })
    throw thrown
  } finally {
    admission.close()
  }
}

/** The ticket is judged when the headers arrive: an upload may take its time. */
async function secondHop (c: Consumption, { surface }: InferencePlace, arrived: Arrived): Promise<void> {
  const { request, query, startedAt } = arrived
  const path = arrived.path.slice('/r'.length)
  const token = new URLSearchParams(query).get('token') ?? ''
  const claims = readHopTicket(c.secrets, token, { method: request.method ?? '', path, at: c.now() })
  const { requestId } = claims
  const holder = c.ids.holderOf(requestId)
  const key = c.keys.keyById(claims.keyId)
  if (holder === null || key === undefined || !isAccount(c.secrets, claims, holder)) {
    throw new Fault('ticket_invalid', 'This ticket is not good any more; start at the first URL again.')
  }
  const body = await bodyOf(arrived.request, c.settings.bodyIdleMs)
  checkBody(claims, body.bytes)
  const understood = await understand(c, surface, { caller: key, body })
  const instrument = instrumentById(instrumentId(claims.instrumentId)) ?? understood.instrument
  if (!c.requests.isReady(holder)) throw unready()
  const taken: Taken = {
    ...understood,
    instrument,
    caller: key,
    holder,
    surface,
    requestId,
    delivery: 'redirect',
    traceparent: traceOf(c, request),
    startedAt
  }
  checkUnused(c, taken)
  await runHere(c, taken, { arrived, isResumed: true })
}

/** Another gateway may have written the authorisation a moment ago; what has ended already is told at once. */
function checkUnused (c: Consumption, { holder, requestId }: Taken): void {
  const view = c.requests.view(holder, requestId)
  if (view === undefined) return
  if (view.status === 'started') throw new Fault('ticket_used', 'This ticket is in use.')
  if (['captured', 'voided', 'lapsed'].includes(view.status)) throw new Fault('ticket_used', 'This ticket was used.')
}

/** Answers by itself: nothing is left to send when it returns. Throws a `Fault` while nothing was sent. */
export async function answerInference (c: Consumption, place: InferencePlace, arrived: Arrived): Promise<null> {
  if (c.live.isDraining) throw new Fault('draining', 'This gateway is going away; try again.', { headers: { 'retry-after': '1', connection: 'close' } })
  c.shedding.check()
  await (place.isHop ? secondHop : firstHop)(c, place, arrived)
  return null
}

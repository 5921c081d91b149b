// A request for inference on its first hop, or on its second: taken in, judged, and sent where it is answered.

import type { RequestView } from '../../pipelines/ledger/usage/views.ts'
import { instrumentById } from '../../schemas/instruments.ts'
import { instrumentId } from '../../schemas/units.ts'
import { Fault, toFault } from '../surfaces/fault.ts'
import type { Surface } from '../surfaces/surface.ts'
import { checkBody, isAccount, readHopTicket, type HopClaims } from '../tickets/hop-ticket.ts'
import { Admission } from './admission.ts'
import type { Body } from '../serving/body.ts'
import { idHeaders } from '../serving/replies.ts'
import { traceOf } from '../serving/trace.ts'
import { begin, judge } from './brakes.ts'
import { callerOf } from './caller.ts'
import type { Consumption } from './consumption.ts'
import { endRefused } from './ending.ts'
import { deliveryOf, edgeFor, hopTo } from './hops.ts'
import type { Place } from './paths.ts'
import { answerHeaders } from './answer-headers.ts'
import { faultOfRefusal } from './refusals.ts'
import { isNamed, leftOf, requestIdOf } from './repeats.ts'
import { Run } from './run.ts'
import { redirectOf } from './settle.ts'
import { understand, type Taken } from './taken.ts'
import { Upload } from './upload.ts'
import type { Arrived } from './wire.ts'

export type InferencePlace = Extract<Place, { kind: 'inference' }>

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

const unready = (): Fault =>
  new Fault('unavailable', 'Your account is still being restored here; nothing was billed. Try again.', { headers: { 'retry-after': '1' } })

/** A request, and its body on the way. */
type Coming = { readonly arrived: Arrived, readonly upload: Upload }

async function firstHop (c: Consumption, { surface }: InferencePlace, { arrived, upload }: Coming): Promise<void> {
  const { request: { headers }, address, startedAt } = arrived
  const caller = callerOf(c, { headers, address, now: c.now() })
  const holder = caller.user.userId
  judge(c, caller, isNamed(arrived) ? requestIdOf(c, arrived, caller) : '')
  const body = await upload.body(arrived.request, c.settings.bodyIdleMs)
  const understood = await understand(c, surface, { caller, body })
  if (!c.requests.isReady(holder)) throw unready()
  const { inference, settings } = understood
  const mode = headers['x-grid-delivery']
  const requestId = requestIdOf(c, arrived, caller)
  const taken: Taken = {
    ...understood,
    caller,
    holder,
    surface,
    requestId,
    ...traceOf(headers, requestId),
    startedAt,
    delivery: deliveryOf({
      header: typeof mode === 'string' ? mode : null,
      setting: settings.delivery,
      surface: surface.name,
      host: headers.host ?? '',
      isStream: inference.isStream,
      isChunked: headers['transfer-encoding'] !== undefined || headers['content-encoding'] !== undefined,
      bytes: body.bytes.length,
      goesOn: understood.goesOn,
      hasApiKey: headers['x-api-key'] !== undefined
    })
  }
  try {
    const left = isNamed(arrived) ? leftOf(c, taken) : null
    upload.check()
    begin(c, caller, requestId)
    if (taken.delivery === 'direct') await runHere(c, taken, { arrived, upload, isResumed: false })
    else await redirect(c, taken, { arrived, body, left })
  } catch (thrown) {
    throw named(thrown, requestId)
  }
}

/** What a client is told of a request that has an id says which. */
function named (thrown: unknown, requestId: string): Fault {
  const { code, message, fields, anthropic, headers } = toFault(thrown)
  const about = { ...fields === null ? {} : { fields }, anthropic, cause: thrown }
  return new Fault(code, message, { ...about, headers: { ...headers, ...idHeaders(requestId) } })
}

type Here = Coming & { readonly isResumed: boolean }

async function runHere (c: Consumption, taken: Taken, { arrived, upload, isResumed }: Here): Promise<void> {
  const admission = admissionOf(c, taken, isResumed)
  const { requests } = c
  const left = isResumed ? requests.refused(taken.requestId) ?? requests.view(taken.holder, taken.requestId) : undefined
  if (left !== undefined) admission.adopt(left)
  if (isResumed) c.redirected.answering(taken.requestId)
  upload.end() // In its place the run is what is live.
  await new Run(c, { taken, admission, response: arrived.response, isResumed }).serve()
}

/** `left`: by an earlier hop of the same request. */
type There = { readonly arrived: Arrived, readonly body: Body, readonly left: RequestView | null }

async function redirect (c: Consumption, taken: Taken, { arrived, body, left }: There): Promise<void> {
  const { response, origin } = arrived
  const admission = admissionOf(c, taken, false)
  if (left !== null) admission.adopt(left)
  const path = arrived.path.replace(/^\/api/, '')
  const hop = { taken, admission, body: body.bytes, path, origin }
  try {
    const location = await (taken.delivery === 'supplier' ? edgeFor(c, hop) : hopTo(c, hop))
    const { 'content-type': _type, 'x-accel-buffering': _buffering, ...headers } = answerHeaders(c, taken)
    response.writeHead(307, { ...headers, location, 'content-length': '0' })
    response.end()
    const { holder, instrument: { instrumentId }, requestId } = taken
    c.abandoned.watch({ holder, instrumentId, requestId, recorder: admission.recorder, bytes: body.bytes.length })
    c.redirected.watch(redirectOf(c, taken))
  } catch (thrown) {
    admission.void('client', { reason: 'not_redirected', nonce: '' })
    endRefused(c, taken, toFault(thrown))
    throw thrown
  } finally {
    admission.close()
  }
}

/** The ticket is judged when the headers arrive: an upload may take its time. */
async function secondHop (c: Consumption, { surface }: InferencePlace, { arrived, upload }: Coming): Promise<void> {
  const { request, query } = arrived
  const path = arrived.path.slice('/r'.length)
  const token = new URLSearchParams(query).get('token') ?? ''
  const claims = readHopTicket(c.secrets, token, { method: request.method ?? '', path, at: c.now() })
  const gone = c.abandoned.coming(claims.requestId)
  try {
    await resume(c, { surface, claims }, { arrived, upload })
  } catch (thrown) {
    throw named(thrown, claims.requestId)
  } finally {
    gone()
  }
}

type Ticketed = { readonly surface: Surface, readonly claims: HopClaims }

async function resume (c: Consumption, { surface, claims }: Ticketed, { arrived, upload }: Coming): Promise<void> {
  const { request, startedAt } = arrived
  const { requestId } = claims
  const holder = c.ids.holderOf(requestId)
  const key = c.keys.keyById(claims.keyId)
  if (holder === null || key === undefined || !isAccount(c.secrets, claims, holder)) {
    throw new Fault('ticket_invalid', 'This ticket is not good any more; start at the first URL again.')
  }
  const body = await upload.body(request, c.settings.bodyIdleMs)
  checkBody(claims, body.bytes)
  const understood = await understand(c, surface, { caller: key, body })
  const instrument = instrumentById(instrumentId(claims.instrumentId)) ?? understood.instrument
  if (!c.requests.isReady(holder)) throw unready()
  const trace = traceOf(request.headers, requestId)
  const taken: Taken = { ...understood, ...trace, instrument, caller: key, holder, surface, requestId, delivery: 'redirect', startedAt }
  checkUnused(c, taken)
  upload.check()
  await runHere(c, taken, { arrived, upload, isResumed: true })
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
  c.shedding.check()
  const upload = new Upload(c.live)
  try {
    await (place.isHop ? secondHop : firstHop)(c, place, { arrived, upload })
  } finally {
    upload.end()
  }
  return null
}

// The end of a request, in each of its kinds: what is left on disk, what goes back to the account, what the client is
// told last. Exactly one of these happens to a request that was admitted (README, G2).

import type { ServerResponse } from 'node:http'
import { holderId } from '../../schemas/units.ts'
import { UpstreamFailure } from '../relay/attempt.ts'
import { faultOfFailure } from '../relay/faults.ts'
import type { Fault } from '../surfaces/fault.ts'
import type { End } from '../surfaces/surface.ts'
import type { Admission } from './admission.ts'
import type { Answering } from './answering.ts'
import type { Consumption } from './consumption.ts'
import { answerHeaders } from './answer-headers.ts'
import { sendFault } from '../serving/replies.ts'
import { readingOf, reportOf, type Ended } from './settle.ts'
import type { Taken } from './taken.ts'

export type Ending = {
  readonly c: Consumption
  readonly taken: Taken
  readonly admission: Admission
  readonly answering: Answering
  readonly response: ServerResponse
  /** It was authorised on an earlier hop, and goes back to that if the client leaves before the first byte. */
  readonly isResumed: boolean
}

type About = Pick<Ended, 'outcome' | 'reason' | 'status' | 'billable'>

const nobody = { supplier: holderId(0), endpointId: '' }

function reported ({ c, taken, answering }: Ending, about: About) {
  const { supplier, endpointId } = answering.current?.candidate.endpoint ?? nobody
  const { firstTokenMs, attempts, delivered: { model } } = answering
  return reportOf(c, taken, { ...about, supplier, endpointId, servedModel: model, attempts, firstTokenMs })
}

/** The reading and the report, on disk once this returns. */
function leave (ending: Ending, phase: 'final' | 'failed', { about, fault = '' }: { about: About, fault?: string }): void {
  const { c, taken, answering } = ending
  const { nonce, candidate } = answering.current!
  const reading = readingOf(c, taken, {
    phase,
    sequence: answering.nextSequence(),
    nonce,
    supplier: candidate.endpoint.supplier,
    input: about.billable?.input ?? 0,
    output: about.billable?.output ?? 0,
    ...(phase === 'failed' ? { fault, reason: about.reason } : {})
  })
  c.leavings.settle({ reading, report: reported(ending, about) })
}

/** Nothing was delivered: there is nothing to read. */
function leaveNothing (ending: Ending, about: Omit<About, 'billable'>): void {
  ending.c.leavings.settle({ reading: null, report: reported(ending, { ...about, billable: null }) })
}

/**
 * What can't be kept, on a disk that is full, is lost: nobody is billed for it then, and the client gets its last word
 * all the same.
 */
function trying ({ c, taken, admission, answering }: Ending, leaving: () => void): void {
  try {
    leaving()
  } catch (error) {
    c.log.error({ requestId: taken.requestId, error: String(error) }, 'what a request left could not be kept')
    admission.void('house', { reason: 'not_kept', nonce: answering.current?.nonce ?? '' })
  }
}

/** A client that has the last byte may ask for what was kept, at once and at any gateway. */
async function keep ({ c, taken, answering: { writer, collector } }: Ending): Promise<void> {
  const { inference: { store }, settings, holder } = taken
  const kept = (writer ?? collector)?.kept?.()
  if (kept === undefined || store === false) return
  if (store === null && !settings.storesResponses) {
    c.recentItems.remember(holder, kept)
    return
  }
  const { id } = kept.response
  try {
    await c.responses.put(holder, id as string, JSON.stringify(kept))
  } catch (error) {
    // Its items can be named here for a while at least.
    c.recentItems.remember(holder, kept)
    c.log.warn({ error: String(error) }, 'a response could not be kept')
  }
}

/** It was answered; `isCut`: as far as the tokens went. */
export async function endServed (ending: Ending, isCut: boolean): Promise<void> {
  const { answering, answering: { out, writer, collector } } = ending
  const billable = answering.billable()
  const end: End = { usage: billable, isCut }
  const reason = isCut || answering.isShort ? 'balance' : ''
  leave(ending, 'final', { about: { outcome: isCut ? 'cut' : 'completed', reason, status: 200, billable } })
  const lastWords = writer === null ? JSON.stringify(collector?.end(end)) : writer.end(end)
  await keep(ending)
  out.end(lastWords)
}

/** The client has left: it owes what was delivered, and nothing before the upstream answered. */
export function endGone (ending: Ending): void {
  trying(ending, () => { leaveGone(ending) })
}

function leaveGone (ending: Ending): void {
  const { admission, answering, isResumed } = ending
  const nonce = answering.current?.nonce ?? ''
  const about = { outcome: 'disconnected' as const, reason: 'client', status: answering.out.hasBegun ? 200 : 499 }
  if (answering.hasHeaders && (answering.out.hasBegun || !isResumed) && !mayBeCash(ending)) {
    leave(ending, 'final', { about: { ...about, billable: answering.billable() } })
    return
  }
  // On a second hop the ticket is as good as before.
  if (isResumed) admission.unstart(nonce)
  else admission.void('client', { reason: 'disconnected', nonce })
  leaveNothing(ending, about)
}

/** Of an ordinary supplier, who is not paid in cash: it is not known yet, or known to be, what is held. */
function mayBeCash ({ taken: { settings }, admission, answering: { current } }: Ending): boolean {
  if (current === null || current.candidate.endpoint.managedPrice !== null) return false
  return admission.isManaged || (settings.usesManaged && admission.held === 0)
}

/** It came to nothing: unbilled, and the client is told why in the words of its surface. */
export function endFailed (ending: Ending, thrown: unknown): void {
  const { c, taken, answering: { out, writer }, response } = ending
  const fault = faultOfFailure(thrown)
  if (fault.status >= 500) c.log.warn({ requestId: taken.requestId, code: fault.code, error: String(thrown) }, 'a request failed')
  trying(ending, () => { leaveFailed(ending, { fault, whose: thrown instanceof UpstreamFailure ? 'supplier' : 'house' }) })
  if (out.hasBegun && writer !== null) out.end(writer.fail(fault))
  else sendFault(response, { surface: taken.surface, fault, headers: answerHeaders(c, taken) })
}

type Failed = { readonly fault: Fault, readonly whose: 'supplier' | 'house' }

function leaveFailed (ending: Ending, { fault, whose }: Failed): void {
  const { admission, answering } = ending
  const { out, delivered, current } = answering
  const about = { outcome: 'failed' as const, reason: fault.code, status: out.hasBegun ? 200 : fault.status }
  if (delivered.hasContent) {
    leave(ending, 'failed', { about: { ...about, billable: answering.billable() }, fault: whose })
  } else {
    admission.void(whose, { reason: fault.code, nonce: current?.nonce ?? '' })
    // Who has the request already tells how it went.
    if (fault.status !== 409) leaveNothing(ending, about)
  }
}

/** It was refused, or given up, before anybody was asked for an answer. */
export function endRefused (c: Consumption, taken: Taken, fault: Fault): void {
  if (fault.status === 409) return
  const about = { outcome: 'failed' as const, reason: fault.code, status: fault.status, billable: null }
  const report = reportOf(c, taken, { ...about, ...nobody, servedModel: '', attempts: 0, firstTokenMs: null })
  try {
    c.leavings.settle({ reading: null, report })
  } catch (error) {
    c.log.error({ requestId: taken.requestId, error: String(error) }, 'what a request left could not be kept')
  }
}

// The headers of an answer to a request that was taken in.

import { corsHeaders, idHeaders, plainHeaders, type Headers } from '../serving/replies.ts'
import type { Consumption } from './consumption.ts'
import type { Taken } from './taken.ts'

export function answerHeaders (c: Consumption, { caller, requestId, traceparent, inference }: Taken): Headers {
  return {
    ...plainHeaders,
    ...corsHeaders,
    ...idHeaders(requestId),
    ...c.rates.headers(caller, c.now()),
    traceparent,
    'content-type': inference.isStream ? 'text/event-stream; charset=utf-8' : 'application/json',
    // Proxies on the way must not gather what is meant to arrive as it is made.
    ...(inference.isStream ? { 'x-accel-buffering': 'no' } : {}),
    ...(inference.ignored.length === 0 ? {} : { 'x-grid-ignored': inference.ignored.join(', ').slice(0, 1000) })
  }
}

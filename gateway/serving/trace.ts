// The trace that a request belongs to, as W3C has it: its client's, or one of its own. That one follows from its id, so
// that both hops of a request are of one trace, whoever answers the second.

import { hash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

export type Trace = {
  readonly traceparent: string
  /** What other systems keep with the client's trace; empty: nothing. */
  readonly tracestate: string
}

/** Ids that are all zeros are none. */
const traceForm = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/
const stateForm = /^[\x20-\x7e]{1,512}$/

export function traceOf ({ traceparent, tracestate }: IncomingHttpHeaders, requestId: string): Trace {
  if (typeof traceparent === 'string' && traceForm.test(traceparent)) {
    return { traceparent, tracestate: typeof tracestate === 'string' && stateForm.test(tracestate) ? tracestate : '' }
  }
  const digest = hash('sha256', requestId)
  return { traceparent: `00-${digest.slice(0, 32)}-${digest.slice(32, 48)}-01`, tracestate: '' }
}

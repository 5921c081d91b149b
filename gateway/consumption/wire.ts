// A request as it came over the wire, and an answer that is sent whole.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Headers } from '../serving/replies.ts'

export type Arrived = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** As it was asked for, without query. */
  readonly path: string
  readonly query: string
  /** The client's, as far as a proxy in front may be believed. */
  readonly address: string
  /** Scheme and authority, as the client knows this host. */
  readonly origin: string
  /** Its id until it has one of its own. */
  readonly requestId: string
  /** By the clock for durations. */
  readonly startedAt: number
}

export type Reply = { readonly status?: number, readonly json: object, readonly headers?: Headers }

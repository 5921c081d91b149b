// One request as a route sees it: what the path, the query and the body say, and who asks.

import type { RouterContext } from '@koa/router'
import type { CommandTag } from '../../pipelines/runtime/command.ts'
import type { Instant } from '../../schemas/units.ts'
import type { Caller, UserRole } from '../ports.ts'
import type { BodyType } from './media-types.ts'
import type { RequestState } from './request.ts'

/** What the path named, by the names in its pattern. */
export type Params = Readonly<Record<string, string>>

/** Who may call: anyone, anyone who signs, or who signs and has one of these roles. */
export type Access = 'public' | 'signed' | readonly UserRole[]

export type Call = {
  readonly params: Params
  /** As sent, without the question mark. */
  readonly query: string
  /** As parsed from JSON; undefined where there is none. */
  readonly body: unknown
  /** As what it was sent; JSON where there is none. */
  readonly bodyType: BodyType
  /** Null on routes that anyone may call. */
  readonly caller: Caller | null
  /** When it was received, by this gateway's clock. */
  readonly at: Instant
  /**
   * Of the command that it becomes. The same for a POST or PUT that is repeated with the same signature and query, on
   * any gateway, so that it takes effect once; drawn anew for a DELETE, which applies again.
   */
  readonly tag: CommandTag
  /** What the client called this command, so that it takes effect once however often it is signed anew. */
  readonly idempotencyKey: string | null
}

export type SignedCall = Call & { readonly caller: Caller }

/** From a request on the wire to a call; refuses who may not. */
export type CallOf = (ctx: RouterContext<RequestState>, access: Access) => Promise<Omit<Call, 'idempotencyKey'>>

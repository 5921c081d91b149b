// A route: where it is, what it may be asked, and the function that answers. Declared as data and mounted in one place.

import Router from '@koa/router'
import type { z } from 'zod'
import { ApiError, invalid } from '../errors.ts'
import { read, readListing, type AskedList, type Fields, type Listing } from './listing.ts'
import { Faults, readQuery } from './query.ts'
import type { RequestState } from './request.ts'

/** What the path named, by the names in its pattern. */
export type Params = Readonly<Record<string, string>>

/** 200, unless it says otherwise. */
export type Reply = { readonly status?: number, readonly body: object }

export type Route = {
  /** Below the prefixes, with `:names`. */
  readonly path: string
  readonly summary: string
  /** What may be asked: the source of the API's description. */
  readonly asks: { readonly query: Shape } | { readonly listing: Listing<Fields, unknown> }
  readonly answer: (params: Params, query: string) => Promise<Reply> | Reply
}

type Shape = Readonly<Record<string, z.ZodType<unknown, string>>>

type AskedQuery<S extends Shape> = { readonly [Name in keyof S]?: z.output<S[Name]> }

function readPlain<S extends Shape> (shape: S, text: string): AskedQuery<S> {
  const faults = new Faults()
  const { flat, conditions } = readQuery(text, faults)
  for (const { name } of conditions) faults.add(name, 'cannot be filtered by here')
  const asked = [...flat].map(([name, value]) => {
    const schema = Object.hasOwn(shape, name) ? shape[name] : undefined
    if (schema === undefined) faults.add(name, 'is not a parameter of this resource')
    return [name, schema === undefined ? undefined : read(schema, { name, value }, faults)] as const
  })
  if (!faults.isEmpty) throw invalid(faults.toFields())
  return Object.fromEntries(asked) as AskedQuery<S>
}

/** A resource read as it is, with a few parameters at most. */
export function resource<S extends Shape> (described: {
  readonly path: string
  readonly summary: string
  readonly query: S
  readonly answer: (params: Params, asked: AskedQuery<S>) => Promise<Reply> | Reply
}): Route {
  const { path, summary, query, answer } = described
  return { path, summary, asks: { query }, answer: (params, text) => answer(params, readPlain(query, text)) }
}

/** A list: filtered, ordered, paged. */
export function list<F extends Fields, Key> (described: {
  readonly path: string
  readonly summary: string
  readonly listing: Listing<F, Key>
  readonly answer: (params: Params, asked: AskedList<F, Key>) => Promise<Reply> | Reply
}): Route {
  const { path, summary, listing, answer } = described
  return { path, summary, asks: { listing }, answer: (params, text) => answer(params, readListing(listing, text)) }
}

export function mount (routes: readonly Route[], prefix: string): Router<RequestState> {
  const router = new Router<RequestState>({ prefix })
  for (const { path, answer } of routes) {
    router.get(path, async ctx => {
      ctx.state.route = `${prefix}${path}`
      const { status = 200, body } = await answer(ctx.params, ctx.querystring)
      ctx.status = status
      ctx.body = body
    })
  }
  return router
}

/** The end of the line: a path that we have under another method, or one that we have not. */
export function unrouted (routers: ReadonlyArray<Router<RequestState>>, path: string): ApiError {
  const methods = new Set(routers.flatMap(router => router.match(path, 'GET').path.flatMap(layer => layer.methods)))
  if (methods.size === 0) return new ApiError('not_found', 'There is nothing at this path.')
  const headers = { allow: [...methods].sort().join(', ') }
  return new ApiError('method_not_allowed', `Use ${headers.allow} here.`, { headers })
}

// A route: where it is, what it may be asked, what it answers, and the function that does. Declared as data and mounted
// in one place; the description of the API is written from the same data.

import Router, { type RouterContext } from '@koa/router'
import type { z } from 'zod'
import { ApiError, invalid } from '../errors.ts'
import { unsupported } from './body.ts'
import { readBody, type Body } from './body-fields.ts'
import type { Access, Call, CallOf, Params, SignedCall } from './call.ts'
import type { CommandRates } from './command-rates.ts'
import { read, readListing, type AskedList, type Fields, type Listing } from './listing.ts'
import { jsonType, type BodyType } from './media-types.ts'
import { Faults, readQuery } from './query.ts'
import type { RequestState } from './request.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** 200 unless it says otherwise. Without a body the status says it all. */
export type Reply = {
  readonly status?: number
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
}

export type Shape = Readonly<Record<string, z.ZodType<unknown, string>>>

/** What may be asked, and what is answered by status: the source of the API's description. */
export type Described = {
  readonly method: Method
  /** Below the prefixes, with `:names`. */
  readonly path: string
  readonly summary: string
  readonly access: Access
  readonly asks: {
    readonly query?: Shape
    readonly listing?: Listing<Fields, unknown>
    readonly body?: Body
    /** By media type, where a body is not JSON like any other. */
    readonly bodies?: Bodies
  }
  readonly replies?: Readonly<Record<number, z.ZodType>> | undefined
}

export type Bodies = Readonly<Partial<Record<BodyType, Body>>>

export type Route = Described & {
  /** What each of its commands that counts towards the caller's rate is about; null: about no one thing. */
  readonly counts?: Counts | undefined
  readonly answer: (call: Call) => Promise<Reply> | Reply
}

export type Counts = (call: Call) => ReadonlyArray<string | null>

type AskedQuery<S extends Shape> = { readonly [Name in keyof S]?: z.output<S[Name]> }

export function readPlain<S extends Shape> (shape: S, text: string): AskedQuery<S> {
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

type Reads = { readonly path: string, readonly summary: string, readonly replies?: Described['replies'] }

/** A resource that anyone may read as it is, with a few parameters at most. */
export function resource<S extends Shape> (described: Reads & {
  readonly query: S
  readonly answer: (params: Params, asked: AskedQuery<S>) => Promise<Reply> | Reply
}): Route {
  const { query, answer, ...where } = described
  return {
    ...where, method: 'GET', access: 'public', asks: { query }, answer: call => answer(call.params, readPlain(query, call.query))
  }
}

/** A list that anyone may read: filtered, ordered, paged. */
export function list<F extends Fields, Key> (described: Reads & {
  readonly listing: Listing<F, Key>
  readonly answer: (params: Params, asked: AskedList<F, Key>) => Promise<Reply> | Reply
}): Route {
  const { listing, answer, ...where } = described
  return {
    ...where, method: 'GET', access: 'public', asks: { listing }, answer: call => answer(call.params, readListing(listing, call.query))
  }
}

/** A resource of the caller's own. */
export function ownResource<S extends Shape> (described: Reads & {
  readonly access?: Access
  readonly query: S
  readonly answer: (call: SignedCall, asked: AskedQuery<S>) => Promise<Reply> | Reply
}): Route {
  const { query, answer, access = 'signed', ...where } = described
  return { ...where, method: 'GET', access, asks: { query }, answer: call => answer(signed(call), readPlain(query, call.query)) }
}

/** A list of what is the caller's own. */
export function ownList<F extends Fields, Key> (described: Reads & {
  readonly access?: Access
  readonly listing: Listing<F, Key>
  readonly answer: (call: SignedCall, asked: AskedList<F, Key>) => Promise<Reply> | Reply
}): Route {
  const { listing, answer, access = 'signed', ...where } = described
  return { ...where, method: 'GET', access, asks: { listing }, answer: call => answer(signed(call), readListing(listing, call.query)) }
}

/** Something that a caller asks to be done. */
export function command<B extends z.ZodType, S extends Shape = Shape> (described: Reads & {
  readonly method: Exclude<Method, 'GET'>
  readonly access?: Access
  readonly query?: S
  readonly body?: B
  readonly counts?: Counts
  readonly answer: (call: SignedCall, body: z.output<B>, asked: AskedQuery<S>) => Promise<Reply> | Reply
}): Route {
  const { query, body, answer, access = 'signed', ...where } = described
  return {
    ...where,
    access,
    asks: { query: query ?? {}, ...(body === undefined ? {} : { body }) },
    answer: async call => {
      const asked = readPlain(query ?? {} as S, call.query)
      if (body === undefined) return answer(signed(call), undefined as z.output<B>, asked)
      const { value, ignored } = readBody(body, call.body)
      const reply = await answer(signed(call), value, asked)
      if (ignored.length === 0) return reply
      return { ...reply, headers: { ...reply.headers, 'x-ignored-fields': ignored.join(', ') } }
    }
  }
}

/** The same, by a body that the route reads by itself, as the media type says. */
export function commandByType (described: Reads & {
  readonly method: 'POST'
  readonly access?: Access
  readonly bodies: Bodies
  readonly answer: (call: SignedCall) => Promise<Reply> | Reply
}): Route {
  const { bodies, answer, access = 'signed', ...where } = described
  return {
    ...where,
    access,
    asks: { query: {}, bodies },
    answer: call => {
      readPlain({}, call.query)
      return answer(signed(call))
    }
  }
}

/** The layer in front has refused who may not call; a route that still finds nobody was mounted without it. */
function signed (call: Call): SignedCall {
  if (call.caller === null) throw new Error('a route for signed calls is mounted without authentication')
  return call as SignedCall
}

/** Refuses a body of a type that other routes take. */
function takeType ({ asks: { bodies } }: Route, type: BodyType = jsonType): void {
  const taken = bodies === undefined ? [jsonType] : Object.keys(bodies)
  if (!taken.includes(type)) throw unsupported(taken)
}

/** What stands between a request and a route's answer. */
export type Layers = { readonly callOf: CallOf, readonly rates: CommandRates }

const saneKey = /^[!-~]{1,100}$/

function idempotencyKey (ctx: RouterContext): string | null {
  const sent = ctx.headers['idempotency-key']
  if (sent === undefined) return null
  if (typeof sent === 'string' && saneKey.test(sent)) return sent
  throw invalid({ 'idempotency-key': ['is 1 to 100 visible characters'] })
}

export function mount (routes: readonly Route[], prefix: string, { callOf, rates }: Layers): Router<RequestState> {
  const router = new Router<RequestState>({ prefix })
  for (const route of routes) {
    router.register(route.path, [route.method], async ctx => {
      ctx.state.route = `${prefix}${route.path}`
      takeType(route, ctx.state.body?.type)
      const call = { ...await callOf(ctx, route.access), idempotencyKey: idempotencyKey(ctx) }
      if (call.caller !== null) ctx.set(await rates.spend(call.caller.holder, route.counts?.(call) ?? []))
      const { status, body, headers = {} } = await route.answer(call)
      ctx.set(headers)
      ctx.status = status ?? (body === undefined ? 204 : 200)
      if (body !== undefined) ctx.body = body
    })
  }
  return router
}

/** The end of the line: a path that we have under another method, or one that we have not. */
export function unrouted (routers: ReadonlyArray<Router<RequestState>>, path: string): ApiError {
  const layers = routers.flatMap(router => router.match(path, 'GET').path)
  // What is called batch below the orders is a batch, though an order might be called so.
  const fewest = Math.min(...layers.map(({ paramNames }) => paramNames.length))
  const exact = layers.filter(({ paramNames }) => paramNames.length === fewest)
  const methods = new Set(exact.flatMap(layer => layer.methods))
  if (methods.size === 0) return new ApiError('not_found', 'There is nothing at this path.')
  const headers = { allow: [...methods].sort().join(', ') }
  return new ApiError('method_not_allowed', `Use ${headers.allow} here.`, { headers })
}

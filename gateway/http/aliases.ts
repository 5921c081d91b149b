// One route, many paths: every prefix the API has ever had, and the names its resources had under them.
//
// A signature covers the path as it was requested, so whoever checks one reads `ctx.originalUrl`, not `ctx.path`.

import type { Middleware } from 'koa'
import type { RequestState } from './request.ts'

/** The longest first: `/v1/trading/markets` is under `/v1/trading`, not a `trading` under `/v1`. */
const prefixes = ['/api/v1/trading', '/v1/trading', '/api/v1', '/v1']

const oldNames: Readonly<Record<string, string>> = {
  price_histories: 'price-histories',
  'public-trades': 'public_trades'
}

/** The path our routes are written for, or the path itself when it is under none of the prefixes. */
export function canonicalPath (path: string): string {
  const prefix = prefixes.find(each => path.startsWith(`${each}/`))
  if (prefix === undefined) return path
  const [resource = '', ...rest] = path.slice(prefix.length + 1).split('/')
  const name = Object.hasOwn(oldNames, resource) ? oldNames[resource]! : resource
  return ['/v1', name, ...rest].join('/')
}

export const aliases: Middleware<RequestState> = async (ctx, next) => {
  const path = canonicalPath(ctx.path)
  if (path !== ctx.path) ctx.path = path
  await next()
}

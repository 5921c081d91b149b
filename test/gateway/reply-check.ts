// Holds a reply to what its route says that it answers: a field that nobody described fails as one that is missing.

import { canonicalPath } from '../../gateway/http/aliases.ts'
import { errorReply } from '../../gateway/openapi/error-replies.ts'
import { statusOf } from '../../gateway/errors.ts'
import type { Route } from '../../gateway/http/route.ts'

export type Served = { readonly method: string, readonly path: string, readonly status: number, readonly body: unknown }

function patternOf ({ path }: Route): RegExp {
  return new RegExp(`^(/v1)?${path.replace(/:\w+/g, '[^/]+')}$`)
}

function routeOf (routes: readonly Route[], { method, path }: Served): Route | undefined {
  const asked = canonicalPath(path.split('?', 1)[0]!)
  return routes.find(route => route.method === method && patternOf(route).test(asked))
}

function errorFaults ({ status, body }: Served): string[] {
  const parsed = errorReply.safeParse(body)
  if (!parsed.success) return parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  return statusOf[parsed.data.error.code] === status ? [] : [`${parsed.data.error.code} came with ${status}`]
}

/** What is wrong with the reply; nothing for a path that is no route of the API. */
export function replyFaults (routes: readonly Route[], served: Served): string[] {
  const route = routeOf(routes, served)
  const schema = route?.replies?.[served.status]
  if (schema !== undefined) {
    const issues = schema.safeParse(served.body).error?.issues ?? []
    return issues.map(issue => `${issue.path.join('.')}: ${issue.message} ${'keys' in issue ? issue.keys.join(', ') : ''}`)
  }
  if (served.status >= 400) return errorFaults(served)
  return route === undefined ? [] : [`${served.status} is not among its replies`]
}

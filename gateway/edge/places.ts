// What is where on an edge.

import { surfacePaths } from '../serving/surface-paths.ts'
import { chatSurface } from '../surfaces/chat/chat.ts'
import type { Surface } from '../surfaces/surface.ts'

export type InferencePlace = {
  readonly kind: 'inference'
  /** The ticket is in the query, from a client; else in a header, from a gateway. */
  readonly isHop: boolean
  readonly surface: Surface
  /** As the ticket has it. */
  readonly path: string
}

export type Place = InferencePlace | { readonly kind: 'health' | 'metrics' | 'nothing' }

const hop = '/r'

/** `path`: without query. */
export function placeOf (path: string): Place {
  if (path === '/health') return { kind: 'health' }
  if (path === '/metrics') return { kind: 'metrics' }
  if (path === '/v1/chat/completions') return { kind: 'inference', isHop: false, surface: chatSurface, path }
  const behind = path.startsWith(`${hop}/`) ? path.slice(hop.length) : ''
  const surface = Object.hasOwn(surfacePaths, behind) ? surfacePaths[behind] : undefined
  return surface === undefined ? { kind: 'nothing' } : { kind: 'inference', isHop: true, surface, path: behind }
}

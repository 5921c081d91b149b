// What is where. The prefixes that clients of other layers of the contract put in front mean the same.

import { surfacePaths } from '../serving/surface-paths.ts'
import type { Surface } from '../surfaces/surface.ts'

export type ReceiptPlace =
  | { readonly kind: 'receipts' | 'receipt-sums' }
  | { readonly kind: 'receipt', readonly id: string }

export type Place =
  | { readonly kind: 'inference', readonly surface: Surface, readonly isHop: boolean }
  | { readonly kind: 'count' | 'models' | 'keys' | 'base' }
  | { readonly kind: 'model' | 'response', readonly id: string }
  | ReceiptPlace
  /** What others serve and we don't, or a prefix that was doubled. */
  | { readonly kind: 'unserved' }

const hopPrefix = '/r'
/** First parts of paths that vendors of models have, of ours, and of prefixes that were doubled. */
const unservedNames = [
  'v1', 'completions', 'embeddings', 'images', 'audio', 'videos', 'files', 'uploads', 'batches', 'assistants', 'threads', 'conversations',
  'containers', 'realtime', 'evals', 'skills', 'fine_tuning', 'moderations', 'vector_stores', 'chat', 'messages', 'responses', 'models',
  'complete', 'usage'
]
const unserved = new RegExp(`^/v1/(?:${unservedNames.join('|')})(?:/|$)`)
const oneModel = /^\/v1\/models\/([^/]{1,200})$/
const oneReceipt = /^\/v1\/usage\/([\w.-]{1,200})$/
/** Calls that have the place of an id are none. */
const oneResponse = /^\/v1\/responses\/(?!(?:compact|input_tokens)$)([\w-]{1,200})$/

/** Null: none of consumption's. `path`: without query. */
export function placeOf (path: string): Place | null {
  const surface = Object.hasOwn(surfacePaths, path) ? surfacePaths[path] : undefined
  if (surface !== undefined) return { kind: 'inference', surface, isHop: false }
  switch (path) {
    case '/': return { kind: 'base' }
    case '/v1/messages/count_tokens': return { kind: 'count' }
    case '/v1/models': return { kind: 'models' }
    case '/v1/usage': return { kind: 'receipts' }
    case '/v1/usage/summary': return { kind: 'receipt-sums' }
    case '/.well-known/jwks.json': return { kind: 'keys' }
  }
  if (path.startsWith('/r/')) {
    const behind = path.slice(hopPrefix.length)
    const hop = Object.hasOwn(surfacePaths, behind) ? surfacePaths[behind] : undefined
    return hop === undefined ? { kind: 'unserved' } : { kind: 'inference', surface: hop, isHop: true }
  }
  if (path.startsWith('/api/v1/')) return placeOf(path.slice('/api'.length))
  const model = oneModel.exec(path)
  if (model !== null) return { kind: 'model', id: decoded(model[1]!) }
  const response = oneResponse.exec(path)
  if (response !== null) return { kind: 'response', id: response[1]! }
  const receipt = oneReceipt.exec(path)
  if (receipt !== null) return { kind: 'receipt', id: receipt[1]! }
  return unserved.test(path) ? { kind: 'unserved' } : null
}

function decoded (text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

// What is where.

import { describe, expect, test } from 'vitest'
import { placeOf } from '../../../gateway/consumption/paths.ts'

const said = (path: string): string => {
  const place = placeOf(path)
  if (place === null) return 'nobody\'s'
  if (place.kind === 'inference') return `${place.surface.name}${place.isHop ? ', hop 2' : ''}`
  return 'id' in place ? `${place.kind} ${place.id}` : place.kind
}

describe('a path', () => {
  test.each([
    ['/v1/chat/completions', 'chat'],
    ['/v1/messages', 'messages'],
    ['/v1/responses', 'responses'],
    ['/api/v1/chat/completions', 'chat'],
    ['/api/v1/consumption/chat', 'chat'],
    ['/api/v1/consumption/stats', 'nobody\'s'],
    ['/r/v1/chat/completions', 'chat, hop 2'],
    ['/r/v1/messages', 'messages, hop 2'],
    ['/v1/messages/count_tokens', 'count'],
    ['/v1/models', 'models'],
    ['/v1/models/text-prime', 'model text-prime'],
    ['/v1/models/text%2Dprime', 'model text-prime'],
    ['/v1/models/%zz', 'model %zz'],
    ['/v1/responses/resp_1', 'response resp_1'],
    ['/.well-known/jwks.json', 'keys'],
    ['/', 'base'],
    ['/v1/v1/chat/completions', 'unserved'],
    ['/v1/v1', 'unserved'],
    ['/v1/embeddings', 'unserved'],
    ['/r/v1/models', 'unserved'],
    ['/r/', 'unserved'],
    ['/v1/orders', 'nobody\'s'],
    ['/api/v1/embeddings', 'unserved'],
    ['/v1/chat/completions/', 'unserved'],
    ['/v1/complete', 'unserved'],
    ['/v1/messages/batches', 'unserved'],
    ['/v1/responses/compact', 'unserved'],
    ['/v1/responses/input_tokens', 'unserved'],
    ['/v1/responses/resp_1/input_items', 'unserved'],
    ['/v1/responses/resp_1/cancel', 'unserved'],
    ['/v1/responses/compacted', 'response compacted'],
    ['/v1/conversations/conv_1', 'unserved'],
    ['/v1/uploads', 'unserved'],
    ['/v1/usage/req_1', 'receipt req_1'],
    ['/v1/usage/no%20id', 'unserved'],
    ['/v1/usage/req_1/draws', 'unserved'],
    ['/v1/usage-events', 'nobody\'s'],
    ['/v1/realtime/sessions', 'unserved'],
    ['/v1/instruments', 'nobody\'s'],
    ['/v1/modelsmith', 'nobody\'s'],
    ['/constructor', 'nobody\'s'],
    ['/r/constructor', 'unserved']
  ])('%s is %s', (path, expected) => {
    expect(said(path)).toBe(expected)
  })
})

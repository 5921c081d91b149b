// What a failure of an upstream is to a client.

import { describe, expect, test } from 'vitest'
import { UpstreamFailure, type FailureKind } from '../../../gateway/relay/attempt.ts'
import { blamesRequest, faultOfFailure, limitedFor } from '../../../gateway/relay/faults.ts'
import { Fault } from '../../../gateway/surfaces/fault.ts'

const told = (kind: FailureKind, about: { status?: number, said?: string } = {}): string => {
  const { status, code } = faultOfFailure(new UpstreamFailure(kind, about))
  return `${status} ${code}`
}

describe('a failure', () => {
  test.each([
    ['connect', '502 upstream_failed'],
    ['refused_address', '502 upstream_failed'],
    ['reset', '502 upstream_failed'],
    ['malformed', '502 upstream_failed'],
    ['reported', '502 upstream_failed'],
    ['aborted', '502 upstream_failed'],
    ['truncated', '502 upstream_truncated'],
    ['headers_timeout', '504 upstream_timeout'],
    ['idle', '504 upstream_timeout'],
    ['total_timeout', '504 upstream_timeout']
  ] as const)('%s is %s', (kind, expected) => {
    expect(told(kind)).toBe(expected)
  })

  test.each([[400, '400 rejected'], [413, '400 rejected'], [415, '400 rejected'], [422, '400 rejected'], [401, '502 upstream_failed'],
    [403, '502 upstream_failed'], [404, '502 upstream_failed'], [409, '502 upstream_failed'], [429, '503 overloaded'],
    [500, '502 upstream_failed'], [503, '502 upstream_failed'], [204, '502 upstream_failed'], [307, '502 upstream_failed']
  ])('status %i is %s', (status, expected) => {
    expect(told('status', { status })).toBe(expected)
  })

  test('that is none of these is what it is', () => {
    const fault = new Fault('draining', 'Going.')
    expect(faultOfFailure(fault)).toBe(fault)
    expect(faultOfFailure(new Error('a bug'))).toMatchObject({ code: 'internal' })
  })
})

describe('what an upstream said', () => {
  test.each([
    ['{"error":{"message":"too hot"}}'], ['{"error":"too hot"}'], ['{"message":"too hot"}'], ['{"detail":"too hot"}']
  ])('reaches a client whose request is to blame: %s', said => {
    expect(faultOfFailure(new UpstreamFailure('status', { status: 400, said })).message).toContain('too hot')
  })

  test('reaches nobody else, and is never long', () => {
    expect(faultOfFailure(new UpstreamFailure('status', { status: 500, said: '{"message":"at /srv/model.py"}' })).message).not.toContain('srv')
    const long = JSON.stringify({ message: 'x'.repeat(4000) })
    expect(faultOfFailure(new UpstreamFailure('status', { status: 400, said: long })).message.length).toBeLessThan(600)
    expect(faultOfFailure(new UpstreamFailure('status', { status: 400, said: '<html>' })).message).toContain('status 400')
  })
})

test('a request that is too long for a server of models is told as one that is too long here', () => {
  const said = '{"error":{"message":"This model\'s maximum context length is 8192 tokens.","code":400}}'
  expect(faultOfFailure(new UpstreamFailure('status', { status: 400, said }))).toMatchObject({
    code: 'context_length_exceeded',
    message: 'This model\'s maximum context length is 8192 tokens.',
    anthropic: 'prompt is too long: This model\'s maximum context length is 8192 tokens.'
  })
  expect(faultOfFailure(new UpstreamFailure('status', { status: 500, said })).code).toBe('upstream_failed')
})

test('only these blame the request', () => {
  const blaming = Array.from({ length: 500 }, (_, index) => 100 + index).filter(blamesRequest)
  expect(blaming).toEqual([400, 413, 415, 422])
})

test('too much to do is told apart, with the time to leave it alone', () => {
  expect(limitedFor(new UpstreamFailure('status', { status: 429 }))).toBe(1000)
  expect(limitedFor(new UpstreamFailure('status', { status: 429, retryAfterMs: 7000 }))).toBe(7000)
  expect(limitedFor(new UpstreamFailure('status', { status: 503, retryAfterMs: 7000 }))).toBe(7000)
  expect(limitedFor(new UpstreamFailure('status', { status: 503 }))).toBeNull()
  expect(limitedFor(new UpstreamFailure('idle'))).toBeNull()
})

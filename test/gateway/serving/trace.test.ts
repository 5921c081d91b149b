// The trace of a request: its client's where that is one, else one that follows from its id.

import { describe, expect, test } from 'vitest'
import { traceOf } from '../../../gateway/serving/trace.ts'

const own = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const form = /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/

describe('a trace', () => {
  test('of the client\'s is passed on, with what it keeps in it', () => {
    expect(traceOf({ traceparent: own }, 'a')).toEqual({ traceparent: own, tracestate: '' })
    expect(traceOf({ traceparent: own, tracestate: 'vendor=1' }, 'a')).toEqual({ traceparent: own, tracestate: 'vendor=1' })
  })

  test.each([
    ['none', undefined],
    ['of no form', 'ben@example.org'],
    ['of another version', own.replace('00-', 'ff-')],
    ['in capitals', own.toUpperCase()],
    ['with a trace of zeros', '00-00000000000000000000000000000000-b7ad6b7169203331-01'],
    ['with a parent of zeros', '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01']
  ])('that is %s is made, the same for the same request', (_name, traceparent) => {
    const headers = { tracestate: 'vendor=1', ...(traceparent === undefined ? {} : { traceparent }) }
    const made = traceOf(headers, 'req_a')
    expect(made).toEqual({ traceparent: expect.stringMatching(form) as unknown, tracestate: '' })
    expect(traceOf(headers, 'req_a')).toEqual(made)
    expect(traceOf(headers, 'req_b').traceparent.slice(0, 35)).not.toBe(made.traceparent.slice(0, 35))
  })

  test.each([['too long', 'a=b,'.repeat(200)], ['not visible', 'a=\u00e9']])('a state that is %s is left out', (_name, tracestate) => {
    expect(traceOf({ traceparent: own, tracestate }, 'a').tracestate).toBe('')
  })
})

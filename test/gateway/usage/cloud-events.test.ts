import { describe, expect, test } from 'vitest'
import { ApiError } from '../../../gateway/errors.ts'
import { readingOf } from '../../../gateway/usage/cloud-events.ts'
import { holderId, instant } from '../../../schemas/units.ts'
import { data, event } from './events.ts'

const at = instant(Date.parse(event.time))
const consumerOf = (requestId: string) => requestId === 'req_ours' ? holderId(11) : null
const signer = { holder: holderId(21), at, consumerOf }

/** The faults of an event, by field. */
function faultsOf (sent: unknown): unknown {
  try {
    readingOf(sent, signer)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    expect(error.status).toBe(400)
    return error.fields
  }
  return null
}

const final = {
  kind: 'meter-event',
  source: 'supplier:21',
  id: '/edge/ams-2 f1c0-3',
  holder: 11,
  instrumentId: 'text-prime',
  requestId: 'req_8fK2',
  sequence: 3,
  nonce: 'n1',
  phase: 'final',
  inputTokens: 812,
  outputTokens: 2048,
  more: 0,
  supplier: 21,
  fault: '',
  reason: '',
  occurredAt: at
}

describe('an event', () => {
  test('is what whoever signed it measured', () => {
    expect(readingOf(event, signer)).toEqual(final)
  })

  test('of progress may hold more', () => {
    const progress = { ...event, type: 'market.usage.progress', data: { ...data, more: 8192 } }
    expect(readingOf(progress, signer)).toEqual({ ...final, phase: 'progress', more: 8192 })
  })

  test('of a failure says whose it is, and why', () => {
    const failed = { ...event, type: 'market.usage.failed', data: { ...data, fault: 'supplier', reason: 'stalled' } }
    expect(readingOf(failed, signer)).toEqual({ ...final, phase: 'failed', fault: 'supplier', reason: 'stalled' })
  })

  test('needs no more than it needs', () => {
    const { subject, datacontenttype, data: { nonce, ...rest }, ...bare } = event
    expect(readingOf({ ...bare, data: rest }, signer)).toEqual({ ...final, nonce: '' })
  })

  test('may have attributes of others, which say nothing here', () => {
    const extended = { ...event, traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', dataschema: 'https://example.com/s' }
    expect(readingOf(extended, signer)).toEqual(final)
  })

  test.each([
    ['2026-06-15T14:00:30.123+02:00', 0], ['2026-06-15T12:00:30Z', -123], ['2026-06-15T12:05:30.123Z', 300_000], ['2020-01-01T00:00:00Z', null]
  ])('was measured at %s', (time, since) => {
    const { occurredAt } = readingOf({ ...event, time }, signer)
    expect(occurredAt).toBe(since === null ? Date.UTC(2020, 0, 1) : at + since)
  })
})

const long = 'x'.repeat(201)

describe('what is wrong is named', () => {
  test.each<[string, object, string]>([
    ['another version of CloudEvents', { specversion: '0.3' }, 'specversion'],
    ['no version', { specversion: undefined }, 'specversion'],
    ['no id', { id: undefined }, 'id'],
    ['an empty id', { id: '' }, 'id'],
    ['an id that is a number', { id: 7 }, 'id'],
    ['a long id', { id: long }, 'id'],
    ['an id that is too long together with its source', { id: 'x'.repeat(100), source: `/${'y'.repeat(99)}` }, 'id'],
    ['an id with a control character', { id: 'a\u0000b' }, 'id'],
    ['an id with half a character', { id: 'a\ud800' }, 'id'],
    ['no source', { source: undefined }, 'source'],
    ['a source with a blank', { source: '/edge ams' }, 'source'],
    ['another type', { type: 'com.example.usage' }, 'type'],
    ['another subject', { subject: 'req_other' }, 'subject'],
    ['no time', { time: undefined }, 'time'],
    ['a time that is none', { time: '2026-02-30T12:00:00Z' }, 'time'],
    ['a time without a zone', { time: '2026-06-15T12:00:30' }, 'time'],
    ['a time in seconds', { time: 1_781_524_830 }, 'time'],
    ['a time too far ahead', { time: '2026-06-15T12:05:30.124Z' }, 'time'],
    ['data of another type', { datacontenttype: 'text/xml' }, 'datacontenttype'],
    ['no data', { data: undefined }, 'data'],
    ['data that are none', { data: 'YQ==' }, 'data']
  ])('%s', (_what, change, field) => {
    const faults = faultsOf({ ...event, ...change }) as Record<string, string[]>
    expect(Object.keys(faults)).toEqual([field])
    expect(faults[field]![0]).toMatch(/^[a-z]/)
  })

  test('a consumer may be left out where the request says whose it is, and may not say something else', () => {
    const { consumer: _, ...without } = data
    expect(readingOf({ ...event, subject: undefined, data: { ...without, request_id: 'req_ours' } }, signer).holder).toBe(11)
    expect(faultsOf({ ...event, subject: undefined, data: { ...data, request_id: 'req_ours', consumer: 12 } })).toEqual({ 'data.consumer': ['is not whose request it is'] })
    expect(faultsOf({ ...event, data: without })).toEqual({ 'data.request_id': ['is no request of this market'] })
  })

  test.each<[string, object, string, string?]>([
    ['no request', { request_id: undefined }, 'request_id'],
    ['nobody as its consumer', { consumer: 0 }, 'consumer'],
    ['a consumer that is text', { consumer: 'user_11' }, 'consumer'],
    ['an instrument that is none', { instrument_id: 'text-nothing' }, 'instrument_id'],
    ['a sequence of 0', { sequence: 0 }, 'sequence'],
    ['negative tokens', { input_tokens: -1 }, 'input_tokens'],
    ['half a token', { output_tokens: 0.5 }, 'output_tokens'],
    ['tokens as text', { output_tokens: '5' }, 'output_tokens'],
    ['too many tokens', { input_tokens: 1e12 + 1 }, 'input_tokens'],
    ['too many tokens together', { input_tokens: 1e12 }, 'output_tokens'],
    ['more to hold, of a final one', { more: 1 }, 'more'],
    ['a fault, of a final one', { fault: 'supplier' }, 'fault'],
    ['a failure without a reason', { fault: 'supplier' }, 'reason', 'market.usage.failed'],
    ['a failure without a fault', { reason: 'stalled' }, 'fault', 'market.usage.failed'],
    ['a failure of the house', { fault: 'house', reason: 'stalled' }, 'fault', 'market.usage.failed'],
    ['a field that is misspelt', { noncee: 'n1' }, '']
  ])('in its data: %s', (_what, change, field, type = event.type) => {
    const subject = undefined
    const faults = faultsOf({ ...event, subject, type, data: { ...data, ...change } }) as Record<string, string[]>
    expect(Object.keys(faults)).toEqual([field === '' ? 'data' : `data.${field}`])
  })

  test('all at once', () => {
    const faults = faultsOf({ ...event, specversion: '2', time: 'now', data: { ...data, consumer: -1, sequence: 1.5 } })
    expect(Object.keys(faults as object).sort()).toEqual(['data.consumer', 'data.sequence', 'specversion', 'time'])
  })

  test('where there is nothing at all', () => {
    expect(Object.keys(faultsOf(undefined) as object)).toEqual(['specversion', 'id', 'source', 'type', 'time', 'data'])
  })
})

import { ClickHouseError } from '@clickhouse/client'
import { describe, expect, test } from 'vitest'
import { canRetry, ClickHouseFailure, failure } from '../../analytics/failure.ts'

const ofServer = (type: string | undefined, message = 'so it is', code = '1') =>
  new ClickHouseError({ message, code, ...(type === undefined ? {} : { type }) })
const ofSystem = (code: string) => Object.assign(new Error(`connect ${code}`), { code })

describe('passes by itself', () => {
  test.each([
    ofServer('TOO_MANY_PARTS'), ofServer('MEMORY_LIMIT_EXCEEDED'), ofServer('NOT_ENOUGH_SPACE'), ofServer('TABLE_IS_READ_ONLY'),
    ofServer('TIMEOUT_EXCEEDED'), ofServer('STD_EXCEPTION', 'write failed: No space left on device'),
    ofSystem('ECONNREFUSED'), ofSystem('ECONNRESET'), ofSystem('EPIPE'), ofSystem('ENOTFOUND'),
    new Error('Timeout error.'), new Error('socket hang up'), new AggregateError([ofSystem('ECONNREFUSED')]),
    new Error('outer', { cause: ofSystem('ECONNRESET') })
  ])('%s', cause => {
    expect(failure('insert', cause).canRetry).toBe(true)
  })
})

describe('stays as it is', () => {
  test.each([
    ofServer('UNKNOWN_TABLE'), ofServer('NO_SUCH_COLUMN_IN_TABLE'), ofServer('UNKNOWN_DATABASE'), ofServer('TYPE_MISMATCH'),
    ofServer('AUTHENTICATION_FAILED'), ofServer('ACCESS_DENIED'), ofServer('CANNOT_READ_ALL_DATA'), ofServer(undefined),
    new TypeError('a bug of ours'), 'text', null, undefined
  ])('%s', cause => {
    expect(failure('insert', cause).canRetry).toBe(false)
  })
})

test('says what was done, the code and the server\'s words', () => {
  const failed = failure('insert into fills_raw', ofServer('TOO_MANY_PARTS', 'Too many parts (300)', '252'))
  expect(failed.message).toBe('ClickHouse, insert into fills_raw: TOO_MANY_PARTS: Too many parts (300)')
  expect(failed.code).toBe('TOO_MANY_PARTS')
  expect(failure('insert', ofServer(undefined, 'odd', '77')).code).toBe('code_77')
  expect(failure('insert', new AggregateError([ofSystem('ECONNREFUSED')])).code).toBe('ECONNREFUSED')
})

test('is named once', () => {
  const failed = failure('query', ofSystem('EPIPE'))
  expect(failure('insert', failed)).toBe(failed)
  expect(failed).toBeInstanceOf(ClickHouseFailure)
  expect(canRetry(failed)).toBe(true)
  expect(canRetry(ofSystem('EPIPE'))).toBe(false)
})

import { describe, expect, test } from 'vitest'
import { ApiError } from '../../../gateway/errors.ts'
import type { TaggedReading } from '../../../gateway/ports.ts'
import { signedBy, supplier, trader, trusting } from '../people.ts'
import { fakePorts, serve, type Answer } from '../support.ts'
import { batchType, data, event, eventType } from './events.ts'

type Served = {
  readonly heard: TaggedReading[][]
  readonly post: (body: unknown, type?: string, headers?: Record<string, string>) => Promise<Answer>
}

async function served (failure?: ApiError): Promise<Served> {
  const heard: TaggedReading[][] = []
  const report = async (readings: readonly TaggedReading[]): Promise<void> => {
    heard.push([...readings])
    await (failure === undefined ? Promise.resolve() : Promise.reject(failure))
  }
  const identities = trusting([supplier, trader])
  const ask = await serve(fakePorts({ identities, usage: { report } }))
  return {
    heard,
    post: (sent, type = eventType, headers = signedBy(supplier)) => {
      const body = typeof sent === 'string' ? sent : JSON.stringify(sent)
      return ask('/v1/usage-events', { method: 'POST', body, headers: { ...headers, 'content-type': type } })
    }
  }
}

const ids = (heard: readonly TaggedReading[][]): string[][] =>
  heard.map(readings => readings.map(({ reading }) => reading.id))

describe('one event', () => {
  test.each([eventType, 'application/json', `${eventType}; charset=utf-8`])('is accepted as %s, once the log has it', async type => {
    const { post, heard } = await served()
    const { status, body } = await post(event, type)
    expect([status, body.data]).toEqual([202, { accepted: true, event_id: '/edge/ams-2 f1c0-3', duplicate: false }])
    expect(heard[0]![0]!.reading).toMatchObject({ source: 'supplier:21', supplier: 21, holder: 11, id: '/edge/ams-2 f1c0-3' })
  })

  test('is the signer\'s, whatever it says', async () => {
    const { post, heard } = await served()
    await post({ ...event, source: 'supplier:99' })
    expect(heard[0]![0]!.reading).toMatchObject({ source: 'supplier:21', id: 'supplier:99 f1c0-3' })
  })

  test('has one record\'s name for one signature, and another for another', async () => {
    const { post, heard } = await served()
    const headers = signedBy(supplier)
    for (const each of [headers, headers, signedBy(supplier)]) await post(event, eventType, each)
    const [first, again, other] = heard.map(readings => readings[0]!.id)
    expect(again).toBe(first)
    expect(other).not.toBe(first)
  })

  test('that the log does not confirm is to be sent again', async () => {
    const { post } = await served(new ApiError('unavailable', 'Send it again.', { headers: { 'retry-after': '1' } }))
    const { status, headers } = await post(event)
    expect([status, headers.get('retry-after')]).toEqual([503, '1'])
  })

  test('with faults is 400 and names them, and nothing is sent', async () => {
    const { post, heard } = await served()
    const { status, body } = await post({ ...event, specversion: '0.3', data: { ...data, sequence: 0 } })
    expect([status, body.error.code]).toEqual([400, 'malformed'])
    expect(body.errors.detail).toEqual({ specversion: ['is 1.0'], 'data.sequence': ['is a whole number, 1 to 1000000000000'] })
    expect(heard).toEqual([])
  })

  test.each([[[event], 400], ['{', 400], ['', 400]])('is not %j', async (body, status) => {
    const { post, heard } = await served()
    expect((await post(body)).status).toBe(status)
    expect(heard).toEqual([])
  })

  test('has no parameters', async () => {
    const ask = await serve(fakePorts({ identities: trusting([supplier]) }))
    const headers = { ...signedBy(supplier), 'content-type': eventType }
    const answer = await ask('/v1/usage-events?dry_run=1', { method: 'POST', body: JSON.stringify(event), headers })
    expect([answer.status, answer.body.errors.detail]).toEqual([422, { dry_run: ['is not a parameter of this resource'] }])
  })
})

describe('who', () => {
  test('is no supplier, or nobody, is refused', async () => {
    const { post, heard } = await served()
    const refused = await post(event, eventType, signedBy(trader))
    expect([refused.status, refused.body.error.code]).toEqual([403, 'insufficient_role'])
    expect((await post(event, eventType, {})).status).toBe(401)
    expect(heard).toEqual([])
  })
})

describe('a type', () => {
  test.each(['text/plain', 'application/xml', 'application/cloudevents+avro', 'application/cloudevents'])('of %s is 415', async type => {
    const { post } = await served()
    expect((await post(event, type)).status).toBe(415)
  })

  test.each([eventType, batchType])('of %s is for usage only', async type => {
    const ask = await serve(fakePorts({ identities: trusting([trader]) }))
    const answer = await ask('/v1/orders', { method: 'POST', body: '{}', headers: { ...signedBy(trader), 'content-type': type } })
    expect([answer.status, answer.body.error.message]).toEqual([415, 'A body must be application/json in UTF-8, and not compressed.'])
  })
})

const numbered = (count: number) => Array.from({ length: count }, (_, index) =>
  ({ ...event, id: `m${index + 1}`, data: { ...data, sequence: index + 1 } }))

describe('a batch', () => {
  test('is sent in one, with a result for each', async () => {
    const { post, heard } = await served()
    const { status, body } = await post(numbered(100), batchType)
    expect(status).toBe(200)
    expect(body.data).toHaveLength(100)
    const data = { accepted: true, event_id: '/edge/ams-2 m100', duplicate: false }
    expect(body.data[99]).toEqual({ index: 99, status: 202, data })
    expect(ids(heard)).toEqual([numbered(100).map(({ id }) => `/edge/ams-2 ${id}`)])
    expect(new Set(heard[0]!.map(({ id }) => id)).size).toBe(100)
  })

  test('is not kept back by what is wrong in it', async () => {
    const { post, heard } = await served()
    const [first, second, third] = numbered(3)
    const { status, body } = await post([first, { ...second, time: 'now' }, 7, third], batchType)
    expect([status, body.data.map(each => each['status'])]).toEqual([200, [202, 400, 400, 202]])
    expect(body.data[1]!['errors']).toMatchObject({ detail: { time: ['is a time as RFC 3339 has it'] } })
    expect(ids(heard)).toEqual([['/edge/ams-2 m1', '/edge/ams-2 m3']])
  })

  test('says what repeats in it, and sends that once; what only has the same id is sent', async () => {
    const { post, heard } = await served()
    const [first] = numbered(1)
    const other = { ...first, data: { ...data, sequence: 1, output_tokens: 1 } }
    const { body } = await post([first, first, other], batchType)
    expect(body.data.map(each => (each['data'] as { duplicate: boolean }).duplicate)).toEqual([false, true, false])
    expect(heard[0]!.map(({ reading }) => reading.outputTokens)).toEqual([2048, 1])
  })

  test('may be empty', async () => {
    const { post, heard } = await served()
    const { status, body } = await post([], batchType)
    expect([status, body.data, heard]).toEqual([200, [], []])
  })

  test('of a hundred and one is too large, and so is one of more than 256 kB', async () => {
    const { post, heard } = await served()
    const answer = await post(numbered(101), batchType)
    expect([answer.status, answer.body.error.code]).toEqual([413, 'too_large'])
    expect((await post(`[${' '.repeat(256 * 1024)}]`, batchType)).status).toBe(413)
    expect((await post(`[${' '.repeat(100 * 1024)}]`, batchType)).status).toBe(200)
    expect((await post(`${' '.repeat(64 * 1024)}{}`)).status).toBe(413)
    expect(heard).toEqual([])
  })

  test('is a list', async () => {
    const { post } = await served()
    expect((await post(event, batchType)).status).toBe(400)
  })

  test('that the log does not confirm is to be sent again, whole', async () => {
    const { post } = await served(new ApiError('unavailable', 'Send it again.', { headers: { 'retry-after': '1' } }))
    expect((await post(numbered(2), batchType)).status).toBe(503)
  })
})

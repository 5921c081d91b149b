import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tagOf } from '../../../gateway/auth/calls.ts'
import { signedBy, type SignedRequest } from '../../../gateway/auth/signature.ts'
import { ApiError } from '../../../gateway/errors.ts'
import { instant } from '../../../schemas/units.ts'
import { identitiesOf, signedRequest, testKey, userOf } from './keys.ts'

const at = 1_706_500_000_000
const now = instant(at)
/** The first key of RFC 8032, 7.1; the signatures below are of another implementation. */
const ada = testKey('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60')
const ben = testKey(2)
const eve = testKey(3)
const identities = identitiesOf([ada, userOf(1)], [ben, userOf(2)])

type Vector = readonly [method: string, target: string, body: string, signature: string]

const vectors: readonly [Vector, Vector, Vector] = [
  ['GET', '/v1/orders', '', 'XOMJi6mIYnByYHgMIYtnpGSRVZk14hWnly10U848mZrlI9l0FeELZXjuit6A1mJefZUKnd2cAcW43UeVdA1BDQ=='],
  [
    'POST', '/v1/orders', '{"market_id":"text-prime","side":"buy","price":"0.1009","quantity":5,"note":"né"}',
    'nBf6YENIXwrDIUudtONhT3WcRpKW1sP2m8/RRtod9LNK0/66EtodcgMKtrP2cFvNImqpw3JGXbb1IuC9CGvQAw=='
  ],
  [
    'DELETE', '/api/v1/trading/orders/order_A%2FB', '',
    'jDhrwic6Vniv6P/2t/mcEE7/aBdfg69V3cdFLMJTpwDTJHIemaS79QAMxJb3/VKMw4HEubesB680wQGyGsBGCA=='
  ]
]

function vector ([method, target, body, signature]: Vector): SignedRequest {
  const fingerprint = 'If4x36FUomFia/hUBG/SJxt77UtqvkWqWId+9H+XIbk'
  return { method, target, body: Buffer.from(body), headers: { signature, timestamp: '1706500000', fingerprint } }
}

const withHeaders = (request: SignedRequest, headers: Partial<SignedRequest['headers']>): SignedRequest =>
  ({ ...request, headers: { ...request.headers, ...headers } })

async function codeOf (request: SignedRequest, when = now): Promise<string> {
  const refused: unknown = await signedBy(request, identities, when).then(() => 'signed', (error: unknown) => error)
  if (refused === 'signed') return refused
  expect(refused).toBeInstanceOf(ApiError)
  expect((refused as ApiError).status).toBe(401)
  return (refused as ApiError).code
}

describe('a signature', () => {
  test.each(vectors)('of %s %s %s is taken as others make it', async (...parts) => {
    const request = vector(parts)
    const { caller } = await signedBy(request, identities, now)
    expect(caller).toEqual({ user: userOf(1), holder: 1, fingerprint: ada.fingerprint })
    expect(signedRequest(ada, { method: parts[0], target: parts[1], body: parts[2], at })).toEqual(request)
  })

  test('covers the path without the query', async () => {
    const request = signedRequest(ada, { target: '/v1/orders?status=active', at })
    expect(await codeOf(request)).toBe('signed')
    expect(await codeOf({ ...request, target: '/v1/orders?status=cancelled&x=/y' })).toBe('signed')
    expect(await codeOf({ ...request, target: '/v1/trading/orders?status=active' })).toBe('invalid_signature')
    expect(await codeOf({ ...request, target: '/v1/orders/?status=active' })).toBe('invalid_signature')
  })

  test('covers the path in the percent-encoding in which it was sent', async () => {
    const request = signedRequest(ada, { target: '/v1/orders/a%2fb', at })
    expect(await codeOf(request)).toBe('signed')
    for (const target of ['/v1/orders/a%2Fb', '/v1/orders/a/b']) expect(await codeOf({ ...request, target })).toBe('invalid_signature')
  })

  test('covers the path of a whole address, as a proxy asks', async () => {
    const request = signedRequest(ada, { target: '/v1/orders', at })
    expect(await codeOf({ ...request, target: 'http://market.example:4040/v1/orders?x=1' })).toBe('signed')
  })

  test.each([['POST', 'PUT'], ['GET', 'DELETE'], ['POST', 'post']])('of a %s is none of a %s', async (method, other) => {
    const request = signedRequest(ada, { method, at })
    expect([await codeOf(request), await codeOf({ ...request, method: other })]).toEqual(['signed', 'invalid_signature'])
  })

  test('covers each byte of the body, whatever it is', async () => {
    await fc.assert(fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 80 }), fc.nat(), fc.integer({ min: 1, max: 255 }),
      async (sent, place, flip) => {
        const body = Buffer.from(sent)
        const request = signedRequest(ada, { method: 'POST', body, at })
        expect(await codeOf(request)).toBe('signed')
        const changed = Buffer.from(body)
        changed[place % changed.length]! ^= flip
        expect(await codeOf({ ...request, body: changed })).toBe('invalid_signature')
      }
    ), { seed: 3, numRuns: 15 })
  })

  test('of a body that was not sent, or of none where one was, is refused', async () => {
    const request = signedRequest(ada, { method: 'DELETE', body: '{}', at })
    expect(await codeOf(request)).toBe('signed')
    expect(await codeOf({ ...request, body: Buffer.alloc(0) })).toBe('invalid_signature')
  })
})

describe('whose it is', () => {
  test('is told by the fingerprint, with its padding or without', async () => {
    for (const fingerprint of [ada.fingerprint, `${ada.fingerprint}=`]) {
      expect(await codeOf(withHeaders(vector(vectors[0]), { fingerprint }))).toBe('signed')
    }
  })

  test('another\'s signature, an unknown key and garbage are all answered alike', async () => {
    const request = signedRequest(eve, { at })
    const asked = [
      request, withHeaders(request, { fingerprint: ada.fingerprint }), withHeaders(request, { fingerprint: 'x' }),
      withHeaders(signedRequest(ada, { at }), { fingerprint: ben.fingerprint }), withHeaders(request, { signature: 'x' })
    ]
    const told = async (each: SignedRequest): Promise<string> =>
      await signedBy(each, identities, now).then(() => 'signed', (error: unknown) => JSON.stringify([error, String(error)]))
    expect(new Set(await Promise.all(asked.map(told)))).toEqual(new Set([await told(request)]))
    expect(await told(request)).toContain('invalid_signature')
  })

  test('what is signed under an unknown key is nobody\'s, though it fit the key that stands in', async () => {
    expect(await codeOf(withHeaders(vector(vectors[0]), { fingerprint: 'A'.repeat(43) }))).toBe('invalid_signature')
  })
})

describe('a header', () => {
  test.each(['signature', 'timestamp', 'fingerprint'] as const)('that is missing (%s) is told so', async name => {
    expect(await codeOf(withHeaders(vector(vectors[0]), { [name]: '' }))).toBe('unauthorized')
  })

  test.each([
    ['twice', (text: string) => `${text}, ${text}`], ['without padding', (text: string) => text.replaceAll('=', '')],
    ['in the URL alphabet', (text: string) => text.replaceAll('+', '-').replaceAll('/', '_')],
    ['with a space', (text: string) => `${text.slice(0, 40)} ${text.slice(40)}`],
    ['with bits that mean nothing', (text: string) => `${text.slice(0, 85)}x${text.slice(86)}`],
    ['too short', (text: string) => text.slice(4)], ['too long', (text: string) => `AAAA${text}`],
    ['in hex', (text: string) => Buffer.from(text, 'base64').toString('hex')]
  ])('of a signature %s is no other way to write it, but for its padding', async (how, write) => {
    const request = vector(vectors[1])
    const signature = write(request.headers.signature)
    expect(signature).not.toBe(request.headers.signature)
    expect(await codeOf(withHeaders(request, { signature }))).toBe(how === 'without padding' ? 'signed' : 'invalid_signature')
  })

  test.each([
    '1706500000.0', '-1', '1e9', 'now', '1706500000, 1706500000', '0x65b', '17065000001706500000'
  ])('of a timestamp of %s is refused', async timestamp => {
    expect(await codeOf(withHeaders(vector(vectors[0]), { timestamp }))).toBe('invalid_signature')
  })
})

test.each([
  [-30_001, 'expired_timestamp'], [-30_000, 'signed'], [0, 'signed'], [30_000, 'signed'], [30_001, 'expired_timestamp']
])('a clock that is %d ms off: %s', async (offMs, code) => {
  expect(await codeOf(vector(vectors[0]), instant(at + offMs))).toBe(code)
})

describe('the command that a request becomes', () => {
  const tag = async (request: SignedRequest, when = now) =>
    tagOf(request, await signedBy(request, identities, when), when)
  const order = signedRequest(ada, { method: 'POST', body: '{"side":"buy"}', at })

  test('is the same for the same signature and query, however they are written', async () => {
    const { id } = await tag(order)
    expect(id).toMatch(/^[\w-]{43}$/)
    const { signature, fingerprint } = order.headers
    const written = [
      order, withHeaders(order, { signature: signature.replaceAll('=', '') }),
      withHeaders(order, { fingerprint: `${fingerprint}=` }), { ...order, target: '/v1/orders?' }, { ...order, target: '/v1/orders?&' }, { ...order, target: 'http://market/v1/orders' }
    ]
    for (const each of written) expect((await tag(each, instant(at + 20_000))).id).toBe(id)
    const queries = ['a=1&b=2', 'b=2&a=1'].map(query => ({ ...order, target: `/v1/orders?${query}` }))
    expect(new Set(await Promise.all(queries.map(async each => (await tag(each)).id))).size).toBe(1)
  })

  test('is another for another key, second, body, path or query', async () => {
    const body = '{"side":"buy"}'
    const others = [
      order,
      { ...order, target: '/v1/orders?x=1' },
      { ...order, target: '/v1/orders?x=2' },
      signedRequest(ben, { method: 'POST', body, at }),
      signedRequest(ada, { method: 'POST', body, at: at - 1000 }),
      signedRequest(ada, { method: 'POST', body: '{"side": "buy"}', at }),
      signedRequest(ada, { method: 'PUT', body, at }),
      signedRequest(ada, { method: 'POST', target: '/v1/trading/orders', body, at })
    ]
    const ids = await Promise.all(others.map(async each => (await tag(each)).id))
    expect(new Set(ids).size).toBe(others.length)
  })

  test('is drawn anew for a DELETE, and valid for a moment', async () => {
    const request = signedRequest(ada, { method: 'DELETE', at })
    const [first, second] = [await tag(request), await tag(request)]
    expect(first.id).not.toBe(second.id)
    expect(first.validUntil).toBe(at + 5000)
  })

  test.each([[-30_000, 60_000], [-10_000, 40_000], [0, 30_000], [10_000, 20_000], [29_000, 5000]])(
    'is valid for as long as its signature is taken: %d ms after it, %d ms more', async (afterMs, moreMs) => {
      const when = instant(at + afterMs)
      expect((await tag(order, when)).validUntil - when).toBe(moreMs)
    })
})

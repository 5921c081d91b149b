// Tickets for edges: an ordinary JWS, and nothing that only looks like one.

import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { compactVerify, createLocalJWKSet, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { Fault } from '../../../gateway/surfaces/fault.ts'
import { issuer, keyIdOf, readEdgeTicket, writeEdgeTicket, type EdgeClaims } from '../../../gateway/tickets/edge-ticket.ts'
import { jwkSet, makeTicketKey, readJwk } from '../../../gateway/tickets/ticket-keys.ts'
import { instant } from '../../../schemas/units.ts'

const pair = makeTicketKey(instant(0))
const key = createPublicKey(pair.privateKey)
const claims: EdgeClaims = {
  iss: issuer,
  aud: 'endpoint',
  jti: 'nonce',
  iat: 1000,
  exp: 1060,
  sub: 'req_a',
  supplier: 101,
  instrument: 'text-prime',
  method: 'POST',
  path: '/v1/chat/completions',
  account: 'hash',
  held: 300,
  input_held: 100,
  output_max: 200,
  body: 'sha',
  recorder: 'gateway'
}
const presented = { method: 'POST', path: '/v1/chat/completions', now: 1001 }
const ticket = writeEdgeTicket(pair, claims)
const [head, payload, signature] = ticket.split('.')
const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

function codeOf (text: string, over: Partial<typeof presented> = {}): string {
  try {
    readEdgeTicket(key, text, { ...presented, ...over })
  } catch (thrown) {
    return thrown instanceof Fault ? `${thrown.status} ${thrown.code}` : String(thrown)
  }
  return 'good'
}

/** Signed as it should be, whatever it says. */
function signed (header: object, said: object): string {
  const text = `${base64url(header)}.${base64url(said)}`
  return `${text}.${sign(null, Buffer.from(text), pair.privateKey).toString('base64url')}`
}

describe('a ticket', () => {
  test('is read as it was written', () => {
    expect(readEdgeTicket(key, ticket, presented)).toEqual(claims)
    expect(keyIdOf(ticket)).toBe(pair.keyId)
  })

  test('is verified by any library with the published keys', async () => {
    const keys = createLocalJWKSet(jwkSet([pair.published], instant(1)) as never)
    const verified = await jwtVerify(ticket, keys, { issuer, audience: 'endpoint', currentDate: new Date(1001_000) })
    expect(verified.payload).toEqual(claims)
  })

  test('of a library is read', async () => {
    const { CompactSign } = await import('jose')
    const made = await new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader({ alg: 'EdDSA', kid: pair.keyId }).sign(pair.privateKey)
    expect((await compactVerify(made, key)).protectedHeader.alg).toBe('EdDSA')
    expect(codeOf(made)).toBe('good')
  })

  test('has claims beyond these, one day', () => {
    expect(codeOf(signed({ alg: 'EdDSA', kid: 'k' }, { ...claims, tier: 'gold' }))).toBe('good')
  })
})

describe('a forged one', () => {
  test.each(Object.keys(claims))('with another %s', name => {
    const was = claims[name]
    const changed = { ...claims, [name]: typeof was === 'number' ? was + 1 : `${String(was)}x` }
    expect(codeOf([head, base64url(changed), signature].join('.'))).toBe('401 ticket_invalid')
  })

  test('signed with another key of the same name', () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    expect(codeOf(writeEdgeTicket({ keyId: pair.keyId, privateKey }, claims))).toBe('401 ticket_invalid')
  })

  test.each([
    ['that says it needs no signature', `${base64url({ alg: 'none', kid: pair.keyId })}.${payload}.`],
    ['that says so in capitals', `${base64url({ alg: 'NONE', kid: pair.keyId })}.${payload}.`],
    ['without a signature', `${head}.${payload}.`],
    ['of two parts', `${head}.${payload}`],
    ['of four parts', `${ticket}.x`],
    ['that is empty', ''],
    ['whose head is no JSON', `${Buffer.from('{').toString('base64url')}.${payload}.${signature}`]
  ])('%s', (_name, text) => {
    expect(codeOf(text)).toBe('401 ticket_invalid')
  })

  test('by HMAC, with the published key as its secret', () => {
    const { x = '' } = key.export({ format: 'jwk' })
    const text = `${base64url({ alg: 'HS256', kid: pair.keyId })}.${payload}`
    for (const secret of [x, Buffer.from(x, 'base64url'), key.export({ format: 'pem', type: 'spki' })]) {
      expect(codeOf(`${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`)).toBe('401 ticket_invalid')
    }
  })

  test('that was signed, but asks for what we don\'t know', () => {
    expect(codeOf(signed({ alg: 'EdDSA', kid: 'k', crit: ['b64'], b64: false }, claims))).toBe('401 ticket_invalid')
    expect(codeOf(signed({ alg: 'EdDSA' }, claims))).toBe('401 ticket_invalid')
    expect(codeOf(signed({ alg: 'HS256', kid: 'k' }, claims))).toBe('401 ticket_invalid')
  })

  test.each(['sub', 'jti', 'exp', 'body', 'aud', 'recorder'])('that was signed, but has no %s', name => {
    const { [name]: _gone, ...others } = claims as Readonly<Record<string, unknown>>
    expect(codeOf(signed({ alg: 'EdDSA', kid: 'k' }, others))).toBe('401 ticket_invalid')
  })

  test('of another issuer', () => {
    expect(codeOf(signed({ alg: 'EdDSA', kid: 'k' }, { ...claims, iss: 'somebody' }))).toBe('401 ticket_invalid')
  })
})

describe('one for something else', () => {
  test.each([['another path', { path: '/v1/messages' }], ['another method', { method: 'GET' }]])('%s', (_name, over) => {
    expect(codeOf(ticket, over)).toBe('401 ticket_invalid')
  })

  test('another minute', () => {
    expect(codeOf(ticket, { now: 1059.9 })).toBe('good')
    expect(codeOf(ticket, { now: 1060 })).toBe('408 ticket_expired')
  })
})

describe('published keys', () => {
  test('go when they have expired', () => {
    const later = makeTicketKey(instant(10))
    const { keys } = jwkSet([pair.published, later.published], pair.published.expiresAt)
    expect(keys.map(({ kid }) => kid)).toEqual([later.keyId])
  })

  test('never say the private half', () => {
    expect(JSON.stringify(jwkSet([pair.published], instant(1)))).not.toContain(pair.privateKey.export({ format: 'jwk' }).d!)
  })

  test('that are none of ours are passed over', () => {
    const { x = '' } = key.export({ format: 'jwk' })
    expect(readJwk({ kty: 'OKP', crv: 'Ed25519', x, kid: 'k' })?.keyId).toBe('k')
    expect(readJwk({ kty: 'OKP', crv: 'Ed25519', x: 'AAAA', kid: 'k' })).toBeNull()
    expect(readJwk({ kty: 'OKP', crv: 'Ed448' as never, x, kid: 'k' })).toBeNull()
    expect(readJwk({ kty: 'OKP', crv: 'Ed25519', x })).toBeNull()
  })
})

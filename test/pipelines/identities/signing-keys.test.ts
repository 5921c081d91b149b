import fc from 'fast-check'
import nacl from 'tweetnacl'
import { describe, expect, test } from 'vitest'
import { fingerprintOf, keyFault, makeSigningKey, readPublicKey } from '../../../pipelines/identities/signing-keys.ts'

const hex = (text: string): Buffer => Buffer.from(text, 'hex')

/** The encodings of the eight points whose order divides 8, canonical and not, as they are published in many places. */
const smallOrder = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '0000000000000000000000000000000000000000000000000000000000000000',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  '0100000000000000000000000000000000000000000000000000000000000080',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff'
].map(hex)

/** Public keys of RFC 8032, 7.1. */
const published = [
  'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
  'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
  '278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e'
].map(hex)

describe('a public key', () => {
  test('is taken when it is a point of the curve', () => {
    expect(published.map(keyFault)).toEqual([null, null, null, null])
  })

  test('is taken of any seed', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), seed => {
      expect(keyFault(Buffer.from(nacl.sign.keyPair.fromSeed(seed).publicKey))).toBeNull()
    }), { seed: 1, numRuns: 25 })
  })

  test('is refused when its order is small, in every form', () => {
    expect(smallOrder.map(keyFault)).toEqual(smallOrder.map(() => 'small_order'))
  })

  test('of small order would let anybody sign, where a verifier takes it', () => {
    // S zero, and R of small order too: under the point of order 2 that fits one message in two.
    const [identity, ofOrder2] = smallOrder as [Buffer, Buffer]
    const forged = [identity, ofOrder2].map(point => Buffer.concat([point, Buffer.alloc(32)]))
    const messages = Array.from({ length: 10 }, (_, index) => Buffer.from(`pay me ${index}`))
    const verifies = (message: Buffer, signature: Buffer) => nacl.sign.detached.verify(message, signature, ofOrder2)
    const taken = messages.filter(message => forged.some(signature => verifies(message, signature)))
    expect(taken.length).toBeGreaterThan(0)
  })

  test('is refused when it is no point, or a second form of one', () => {
    // y = 2 has no x; y = p + 3 is y = 3 in another form.
    expect(keyFault(hex('02'.padEnd(64, '0')))).toBe('no_point_of_the_curve')
    expect(keyFault(hex(`f0${'ff'.repeat(30)}7f`))).toBe('no_point_of_the_curve')
    const some = Array.from({ length: 64 }, (_, index) => Buffer.concat([Buffer.from([index + 2]), Buffer.alloc(31)]))
    const refused = some.filter(bytes => keyFault(bytes) !== null).length
    expect([refused > 16, refused < 48]).toEqual([true, true])
  })

  test.each([0, 31, 33, 64])('of %d bytes is none', length => {
    expect(keyFault(Buffer.alloc(length, 7))).toBe('not_32_bytes')
  })

  test('is read as base64 with its padding or without', () => {
    const text = published[0]!.toString('base64')
    expect(text).toHaveLength(44)
    expect(readPublicKey(text)).toEqual(published[0])
    expect(readPublicKey(text.slice(0, 43))).toEqual(published[0])
    for (const odd of ['', text.slice(0, 42), `${text}=`, ` ${text}`, text.replace(/^./, '-'), published[0]!.toString('hex')]) {
      expect(readPublicKey(odd)).toBeNull()
    }
  })
})

test('a fingerprint is the hash of the raw key, 43 characters', () => {
  // SHA-256 of the first key of RFC 8032, 7.1.
  expect(fingerprintOf(published[0]!)).toBe('If4x36FUomFia/hUBG/SJxt77UtqvkWqWId+9H+XIbk')
})

test('a made key is one key in all its forms', () => {
  const made = makeSigningKey()
  const [seed, secret, publicKey] = [made.seed, made.secret, made.publicKey].map(text => Buffer.from(text, 'base64')) as [Buffer, Buffer, Buffer]
  expect([seed.length, secret.length, publicKey.length]).toEqual([32, 64, 32])
  const pair = nacl.sign.keyPair.fromSeed(seed)
  expect(Buffer.from(pair.publicKey)).toEqual(publicKey)
  expect(Buffer.from(pair.secretKey)).toEqual(secret)
  expect(made.fingerprint).toBe(fingerprintOf(publicKey))
  expect(keyFault(publicKey)).toBeNull()
  expect(makeSigningKey().seed).not.toBe(made.seed)
})

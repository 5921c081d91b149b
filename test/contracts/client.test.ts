// The client's signatures, against vectors that were made with another library, and against that library itself.

import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { fingerprintOf, keyPairOf, signatureOf, type Signable } from './client.ts'

// RFC 8032, 7.1, TEST 1: a key that everyone has.
const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex')
const keys = keyPairOf(seed)
const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })

const order = JSON.stringify({ market_id: 'text-prime', side: 'buy', type: 'limit', quantity: 5, price: '0.1009' })
const timestamp = '1781524830'

const signed: ReadonlyArray<readonly [string, Signable, string]> = [
  [
    'a read is signed without a body', { timestamp, method: 'GET', path: '/v1/orders', body: '' },
    '6cfT/YyqtofK6AbAhtXRrz3SujEMeq6xws8CrBhD79aB5ItEVJWzwGMNIzLk7T/J8pFDCHFbSLRXHYtLoV4/Dg=='
  ],
  [
    'an order is signed as it is sent', { timestamp, method: 'POST', path: '/v1/orders', body: order },
    'HIyH7xVPwTpbzzdgoponwwZe9ZBEQDHBUs9+OBAFBSHzq3wtgkGfkZHCxQVhbIipP6iOaTe8jb1IknkmGiOyBg=='
  ],
  [
    'a cancel is signed for the path as requested',
    { timestamp, method: 'DELETE', path: '/api/v1/trading/orders/order_0000003V5M2', body: '' },
    'jjaBSQthRz+iigPFXYikpCIIMDmfaYv0PpP0SFwNwkm1DutEy/+V4VWVXRuiXwwV4oJxlQYLkcwnhPyIODdGDA=='
  ]
]

test('the key pair of the RFC is known by this fingerprint', () => {
  expect(Buffer.from(keys.publicKey).toString('hex')).toBe('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a')
  expect(fingerprintOf(keys)).toBe('If4x36FUomFia/hUBG/SJxt77UtqvkWqWId+9H+XIbk')
})

test.each(signed)('%s', (_what, request, signature) => {
  expect(signatureOf(request, keys)).toBe(signature)
  const message = Buffer.from(`${request.timestamp}${request.method}${request.path}${request.body}`)
  expect(sign(null, message, privateKey).toString('base64')).toBe(signature)
  expect(verify(null, message, createPublicKey(privateKey), Buffer.from(signature, 'base64'))).toBe(true)
})

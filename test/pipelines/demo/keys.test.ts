import { createHash, randomBytes } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import nacl from 'tweetnacl'
import { expect, test } from 'vitest'
import { demoSecret, readDemoSecret, Signer, signerOf } from '../../../pipelines/demo/keys.ts'
import { holderId } from '../../../schemas/units.ts'
import { temporaryDir } from '../../support/stack.ts'

test('what is signed verifies under the public key, by another’s implementation', () => {
  const seed = randomBytes(32)
  const signer = new Signer(seed)
  const signature = Buffer.from(signer.sign('1706500000GET/v1/orders'), 'base64')
  const { publicKey } = nacl.sign.keyPair.fromSeed(seed)
  expect(signer.publicKey).toBe(Buffer.from(publicKey).toString('base64'))
  expect(nacl.sign.detached.verify(Buffer.from('1706500000GET/v1/orders'), signature, publicKey)).toBe(true)
  expect(signer.fingerprint).toBe(createHash('sha256').update(publicKey).digest('base64').replace('=', ''))
})

test('a key of one’s own is a seed or a secret key, and nothing else', () => {
  const { secretKey } = nacl.sign.keyPair()
  const seed = Buffer.from(secretKey.subarray(0, 32)).toString('base64')
  expect(Signer.of(seed).fingerprint).toBe(Signer.of(Buffer.from(secretKey).toString('base64')).fingerprint)
  expect(() => Signer.of('c2hvcnQ=')).toThrow('not of 5')
})

test('the secret is made once, is its owner’s alone, and gives everybody a key of their own', async () => {
  const file = join(await temporaryDir(), 'market', 'demo-keys.json')
  const secret = await demoSecret(file)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await demoSecret(file)).toEqual(secret)
  expect(await readFile(file, 'utf8')).not.toContain(Signer.of(secret.toString('base64')).publicKey)
  const [one, other] = [signerOf(secret, holderId(1)), signerOf(secret, holderId(2))]
  expect(one.fingerprint).not.toBe(other.fingerprint)
  expect(signerOf(secret, holderId(1)).fingerprint).toBe(one.fingerprint)
})

test('a file that holds something else is named', async () => {
  const file = join(await temporaryDir(), 'demo-keys.json')
  await writeFile(file, '{}')
  await expect(readDemoSecret(file)).rejects.toThrow(`${file} holds no secret`)
})

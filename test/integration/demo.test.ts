// How the demo's people come to have accounts and keys, in a real log.

import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readDirectory, stateOf, withAccounts } from '../../pipelines/admin/market.ts'
import { signerOf, type Signer } from '../../pipelines/demo/keys.ts'
import { people } from '../../pipelines/demo/people.ts'
import { register, topUp } from '../../pipelines/demo/registration.ts'
import { holderView, type HolderView } from '../../pipelines/ledger/views.ts'
import { openContext, type Context } from '../../pipelines/process/context.ts'
import { provide } from '../../pipelines/provide.ts'
import { readConfig } from '../../pipelines/runtime/config.ts'
import type { HolderId } from '../../schemas/units.ts'
import { stackEnv, topicPrefix } from '../support/stack.ts'

let context: Context
beforeAll(async () => {
  const variables = { ...stackEnv(), TOPIC_PREFIX: topicPrefix(), LOG_LEVEL: 'warn' }
  context = await openContext(readConfig(variables), 'test', error => { throw error as Error })
  await provide(context)
})
afterAll(async () => { await context.log.close() })

const signers = (): ((user: HolderId) => Signer) => {
  const secret = randomBytes(32)
  return user => signerOf(secret, user)
}

const [supplier] = people
const buyer = people.find(({ habit }) => habit === 'impatient')!

const viewOf = async ({ userId }: { userId: HolderId }): Promise<HolderView> =>
  await withAccounts(context, [userId], accounts => Promise.resolve(holderView(stateOf(accounts, userId), userId)!))

test('everybody gets accounts, money to begin with and a key, once', async () => {
  const signer = signers()
  expect(await register(context, people, signer)).toHaveLength(people.length)
  expect(await register(context, people, signer)).toEqual([])
  const directory = await readDirectory(context)
  for (const { userId, owner, parent, roles } of people) {
    expect(directory.user(userId)).toMatchObject({ owner, parent, roles, isActive: true })
    expect(directory.signingKeysOf(userId).map(({ fingerprint }) => fingerprint)).toEqual([signer(userId).fingerprint])
  }
  expect(await viewOf(buyer)).toMatchObject({ cash: { posted: 10_000_000_000 }, grant: { posted: 25_000_000 }, mode: 'advanced' })
  expect(await viewOf(supplier!)).toMatchObject({ cash: { posted: 0 }, isIssuer: true })
})

test('a secret that was lost is followed by new keys, and the old ones are revoked', async () => {
  const signer = signers()
  expect(await register(context, people, signer)).toEqual([])
  const directory = await readDirectory(context)
  for (const { userId } of people) {
    expect(directory.signingKeysOf(userId).map(({ fingerprint }) => fingerprint)).toEqual([signer(userId).fingerprint])
  }
})

test('who runs low is given more, however often it is asked for in a minute', async () => {
  const before = (await viewOf(buyer)).cash.posted
  for (let asked = 0; asked < 5; asked++) await topUp(context, buyer)
  const given = (await viewOf(buyer)).cash.posted - before
  // The five may stand on both sides of a minute's end.
  expect([10_000_000_000, 20_000_000_000]).toContain(given)
})

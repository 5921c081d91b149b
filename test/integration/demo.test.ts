// How the demo's people come to have accounts and keys, in a real log.

import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readDirectory, stateOf, withAccounts } from '../../pipelines/admin/market.ts'
import { consumptionKeyOf, signerOf } from '../../pipelines/demo/keys.ts'
import { consumers, people, visitor, type Member } from '../../pipelines/demo/people.ts'
import { register, topUp, type Keys } from '../../pipelines/demo/registration.ts'
import { consumptionKeyHash } from '../../pipelines/identities/consumption-keys.ts'
import { holderView, type HolderView } from '../../pipelines/ledger/views.ts'
import { openContext, type Context } from '../../pipelines/process/context.ts'
import { provide } from '../../pipelines/provide.ts'
import { readConfig } from '../../pipelines/runtime/config.ts'
import { instant, type HolderId } from '../../schemas/units.ts'
import { stackEnv, topicPrefix } from '../support/stack.ts'

let context: Context
beforeAll(async () => {
  const variables = { ...stackEnv(), TOPIC_PREFIX: topicPrefix(), LOG_LEVEL: 'warn' }
  context = await openContext(readConfig(variables), 'test', error => { throw error as Error })
  await provide(context)
})
afterAll(async () => { await context.log.close() })

const someKeys = (): Keys => {
  const secret = randomBytes(32)
  return { signer: user => signerOf(secret, user), consumption: user => consumptionKeyOf(secret, user) }
}

const members: readonly Member[] = [...people, ...consumers]

const [supplier] = people
const buyer = people.find(({ habit }) => habit === 'impatient')!

const viewOf = async ({ userId }: { userId: HolderId }): Promise<HolderView> =>
  await withAccounts(context, [userId], accounts => Promise.resolve(holderView(stateOf(accounts, userId), userId)!))

/** Each has the keys that these are, and no other. */
async function expectKeys ({ signer, consumption }: Keys): Promise<void> {
  const directory = await readDirectory(context)
  for (const { userId, owner, parent, roles } of members) {
    expect(directory.user(userId)).toMatchObject({ owner, parent, roles, isActive: true })
    expect(directory.signingKeysOf(userId).map(({ fingerprint }) => fingerprint)).toEqual([signer(userId).fingerprint])
  }
  for (const { userId } of consumers) {
    const hash = consumptionKeyHash(consumption(userId))
    expect(directory.consumptionKeysOf(userId).map(({ keyHash }) => keyHash)).toEqual([hash])
    expect(directory.consumptionKey(hash, instant(Date.now()))?.user.userId).toBe(userId)
  }
}

test('everybody gets accounts, money to begin with and keys, once', async () => {
  const keys = someKeys()
  expect(await register(context, members, keys)).toHaveLength(members.length)
  expect(await register(context, members, keys)).toEqual([])
  await expectKeys(keys)
  expect(await viewOf(buyer)).toMatchObject({ cash: { posted: 10_000_000_000 }, grant: { posted: 25_000_000 }, mode: 'advanced' })
  expect(await viewOf(supplier!)).toMatchObject({ cash: { posted: 0 }, isIssuer: true })
  expect(await viewOf(visitor)).toMatchObject({ cash: { posted: 100_000_000 }, grant: { posted: 25_000_000 }, mode: 'easy' })
  const settings = (await readDirectory(context)).settings(visitor.userId)
  expect(settings).toMatchObject({ reloadEnabled: true, reloadAmount: 100_000_000 })
})

test('a secret that was lost is followed by new keys, and the old ones are revoked', async () => {
  const keys = someKeys()
  expect(await register(context, members, keys)).toEqual([])
  await expectKeys(keys)
})

test('who runs low is given more, however often it is asked for in a minute', async () => {
  const before = (await viewOf(buyer)).cash.posted
  for (let asked = 0; asked < 5; asked++) await topUp(context, buyer)
  const given = (await viewOf(buyer)).cash.posted - before
  // The five may stand on both sides of a minute's end.
  expect([10_000_000_000, 20_000_000_000]).toContain(given)
})

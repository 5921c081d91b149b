// What operators ask of a market, without servers: the real stages over a log in memory.

import { describe, expect, test } from 'vitest'
import { addInstrument, changeParameters, instrumentNamed, setTradingStatus } from '../../../pipelines/admin/instruments.ts'
import {
  createConsumptionKey, createKey, registerKey, revokeConsumptionKey, revokeKey
} from '../../../pipelines/admin/keys.ts'
import { readDirectory, userNamed, withLedger } from '../../../pipelines/admin/market.ts'
import { moveMoney } from '../../../pipelines/admin/money.ts'
import { setLedgerParameters } from '../../../pipelines/admin/parameters.ts'
import { skipRecord } from '../../../pipelines/admin/skip-record.ts'
import { NotDone } from '../../../pipelines/admin/stage-client.ts'
import {
  accountsOf, createSubAccount, createUser, resumeUser, signUpGrant, signUpGrantReference, suspendUser, type NewUser
} from '../../../pipelines/admin/users.ts'
import { exampleFile, readInstrument } from '../../../pipelines/admin/instrument-file.ts'
import { consumptionKeyHash } from '../../../pipelines/identities/consumption-keys.ts'
import { fingerprintOf } from '../../../pipelines/identities/signing-keys.ts'
import { conservation } from '../../../pipelines/ledger/conservation.ts'
import { readSkips } from '../../../pipelines/runtime/skips.ts'
import { unbounded } from '../../../schemas/identity/records.ts'
import { instrumentBySymbol } from '../../../schemas/instruments.ts'
import { basisPoints, instant, microdollars, ownerId, tokens, type Microdollars } from '../../../schemas/units.ts'
import { MemoryMarket } from '../memory-market.ts'

const dollar = 1_000_000
const dollars = (amount: number): Microdollars => microdollars(amount * dollar)

const newUser = (changes: Partial<NewUser> = {}): NewUser => ({
  email: 'ada@example.com', name: 'Ada', roles: ['trader'], owner: null, parent: null, mode: 'advanced', grant: null, ...changes
})

async function openMarket (): Promise<MemoryMarket> {
  const market = new MemoryMarket()
  await market.open()
  return market
}

async function refusalOf (asked: Promise<unknown>): Promise<string> {
  const refused: unknown = await asked.then(() => 'done', (error: unknown) => error)
  if (!(refused instanceof NotDone)) throw new Error('it was done', { cause: refused })
  return refused.message
}

describe('a user', () => {
  test('has accounts of its own when it is in the directory', async () => {
    const { context } = await openMarket()
    const user = await createUser(context, newUser({ mode: 'easy', grant: dollars(25), roles: ['trader', 'supplier'] }))
    expect(user.owner).toBe(user.userId)
    expect((await readDirectory(context)).user(user.userId)).toEqual(user)
    const { holder } = await accountsOf(context, user)
    expect(holder).toMatchObject({ owner: user.userId, mode: 'easy', isIssuer: true, isSuspended: false, grant: { posted: dollars(25) } })
  })

  test.each([
    [['trader'], 'easy'], [['supplier', 'trader'], 'advanced'], [['admin'], 'easy']
  ] as const)('that is %j is %s, unless something else is asked for; so are its sub-accounts', async (roles, mode) => {
    const { context } = await openMarket()
    const user = await createUser(context, newUser({ roles, mode: null }))
    const desk = await createSubAccount(context, user, { name: 'desk', mode: null })
    const other = await createUser(context, newUser({ roles, mode: mode === 'easy' ? 'advanced' : 'easy' }))
    const views = await Promise.all([user, desk, other].map(each => accountsOf(context, each)))
    const modes = views.map(({ holder }) => holder?.mode)
    expect(modes).toEqual([mode, mode, mode === 'easy' ? 'advanced' : 'easy'])
  })

  test('may have the owner of another, and sub-accounts have that of their parent', async () => {
    const { context } = await openMarket()
    const ada = await createUser(context, newUser({ roles: ['trader', 'supplier', 'admin'] }))
    const ben = await createUser(context, newUser({ email: 'ben@example.com', owner: ada.owner }))
    const desk = await createSubAccount(context, ada, { name: 'desk', mode: 'advanced' })
    expect([ben.owner, desk.owner]).toEqual([ada.owner, ada.owner])
    expect([desk.parent, desk.roles]).toEqual([ada.userId, ['trader', 'supplier']])
    const directory = await readDirectory(context)
    expect(directory.subAccounts(ada.userId)).toEqual([desk])
    expect(userNamed(directory, 'ADA@example.com')).toEqual(ada)
    expect(userNamed(directory, String(desk.userId))).toEqual(desk)
    expect(() => userNamed(directory, 'eve@example.com')).toThrow(NotDone)
  })

  test('that is suspended has keys that do not count and may only cancel, until it is resumed', async () => {
    const { context } = await openMarket()
    const user = await createUser(context, newUser())
    const { fingerprint } = await createKey(context, user, 'laptop')
    const suspended = await suspendUser(context, userNamed(await readDirectory(context), user.email))
    expect((await readDirectory(context)).signingKey(fingerprint)).toBeUndefined()
    expect((await accountsOf(context, user)).holder?.isSuspended).toBe(true)
    await resumeUser(context, suspended)
    expect((await readDirectory(context)).signingKey(fingerprint)?.user.isActive).toBe(true)
    expect((await accountsOf(context, user)).holder?.isSuspended).toBe(false)
  })

  test('is given its grant once, under a reference of its own', async () => {
    const { context } = await openMarket()
    const { userId: holder } = await createUser(context, newUser({ grant: signUpGrant }))
    const again = { kind: 'deposit', holder, amount: signUpGrant, isGrant: true, reference: signUpGrantReference(holder) } as const
    expect((await moveMoney(context, again)).grant.posted).toBe(dollars(25))
    expect((await moveMoney(context, { ...again, reference: 'another' })).grant.posted).toBe(dollars(50))
  })

  test('is not made on a market whose ledger is shut', async () => {
    const { context } = new MemoryMarket()
    expect(await refusalOf(createUser(context, newUser()))).toContain('activate-version')
    expect((await readDirectory(context)).users()).toEqual([])
  })
})

describe('keys', () => {
  test('are registered once, and revoked by fingerprint or id', async () => {
    const { context } = await openMarket()
    const user = await createUser(context, newUser())
    const made = await createKey(context, user, 'laptop')
    expect(made.fingerprint).toBe(fingerprintOf(Buffer.from(made.publicKey, 'base64')))
    expect(await refusalOf(registerKey(context, user, { publicKey: made.publicKey, label: 'again' }))).toContain('registered already')
    const other = await createKey(context, user, 'desk')
    await revokeKey(context, `${made.fingerprint}=`)
    await revokeKey(context, other.keyId)
    expect((await readDirectory(context)).signingKeysOf(user.userId)).toEqual([])
    expect(await refusalOf(revokeKey(context, made.fingerprint))).toContain('No key')
    await registerKey(context, user, { publicKey: made.publicKey, label: 'back' })
    expect((await readDirectory(context)).signingKey(made.fingerprint)?.user).toEqual(user)
  })

  test.each([
    ['', '32 bytes'], ['nonsense', '32 bytes'], [Buffer.alloc(32).toString('base64'), 'anybody could sign'],
    [Buffer.alloc(32, 2).toString('base64'), 'no Ed25519 public key']
  ])('are not taken when they are "%s": %s', async (publicKey, why) => {
    const { context } = await openMarket()
    const user = await createUser(context, newUser())
    expect(await refusalOf(registerKey(context, user, { publicKey, label: '' }))).toContain(why)
  })

  test('leave nothing secret in the log', async () => {
    const market = await openMarket()
    const { context } = market
    const user = await createUser(context, newUser())
    const signing = await createKey(context, user, 'laptop')
    const drawing = await createConsumptionKey(context, user, { name: 'app', expiresAt: instant(Date.now() + 1000) })
    expect(drawing.key).toMatch(/^[A-Za-z0-9+/]{43}$/)
    const kept = market.log.records({ topic: 'identities-1', partition: 0 }).map(({ value }) => String(value)).join()
    expect(kept).toContain(signing.publicKey)
    expect(kept).toContain(drawing.keyPrefix)
    for (const secret of [signing.seed, signing.secret, drawing.key]) expect(kept).not.toContain(secret)
    const directory = await readDirectory(context)
    expect(directory.consumptionKey(consumptionKeyHash(drawing.key), instant(Date.now()))?.user).toEqual(user)
    await revokeConsumptionKey(context, drawing.keyId)
    expect((await readDirectory(context)).consumptionKeysOf(user.userId)).toEqual([])
  })
})

test('a consumption key is bounded by what it was made with', async () => {
  const { context } = await openMarket()
  const user = await createUser(context, newUser())
  const limits = { addresses: ['192.0.2.0/24'], requestsPerMinute: 5, budgetTokens: tokens(1000), budgetPeriod: 'day', tags: ['a'] }
  const { keyId } = await createConsumptionKey(context, user, { name: 'app', expiresAt: null, limits })
  expect((await readDirectory(context)).consumptionKeyById(keyId)).toMatchObject({ ...unbounded, ...limits })
})

describe('money', () => {
  test('comes and goes, and the same reference again changes nothing', async () => {
    const { context } = await openMarket()
    const { userId: holder } = await createUser(context, newUser())
    const deposit = { kind: 'deposit', holder, amount: dollars(100), isGrant: false, reference: 'r1' } as const
    expect((await moveMoney(context, deposit)).cash.posted).toBe(dollars(100))
    expect((await moveMoney(context, deposit)).cash.posted).toBe(dollars(100))
    expect(await refusalOf(moveMoney(context, { ...deposit, amount: dollars(99) }))).toBe('deposit: reference_conflict')
    expect(await refusalOf(moveMoney(context, { kind: 'withdraw', holder, amount: dollars(101), reference: 'r2' }))).toBe('withdraw: insufficient_balance')
    expect((await moveMoney(context, { kind: 'withdraw', holder, amount: dollars(40), reference: 'r3' })).cash.posted).toBe(dollars(60))
  })

  test('that is transferred stays within an owner', async () => {
    const { context } = await openMarket()
    const ada = await createUser(context, newUser())
    const { userId: holder } = ada
    await moveMoney(context, { kind: 'deposit', holder, amount: dollars(10), isGrant: false, reference: 'r1' })
    const to = (await createSubAccount(context, ada, { name: 'desk', mode: 'advanced' })).userId
    const transfer = { kind: 'transfer-funds', holder, to, amount: dollars(4), reference: 't1', owner: ada.owner } as const
    expect((await moveMoney(context, transfer)).cash.posted).toBe(dollars(6))
    expect(await refusalOf(moveMoney(context, { ...transfer, reference: 't2', owner: ownerId(7) }))).toBe('transfer-funds: other_owner')
  })
})

describe('an instrument', () => {
  test('is halted and opened', async () => {
    const { context } = await openMarket()
    const prime = await instrumentNamed(context, 'text-prime')
    expect((await setTradingStatus(context, prime, 'halted')).status).toBe('halted')
    expect((await setTradingStatus(context, prime, 'open')).status).toBe('open')
    expect(await refusalOf(setTradingStatus(context, instrumentBySymbol('vision-standard')!, 'halted'))).toContain('unknown_instrument')
    expect(await refusalOf(instrumentNamed(context, 'no-such'))).toContain('no instrument no-such')
  })

  test('trades by other parameters once matching takes them, and is shown so', async () => {
    const { context } = await openMarket()
    const prime = await instrumentNamed(context, 'text-prime')
    const tickSize = microdollars(50)
    expect(await refusalOf(changeParameters(context, prime, { tickSize }))).toContain('not_halted')
    expect((await instrumentNamed(context, 'text-prime')).trading).toEqual(prime.trading)
    await setTradingStatus(context, prime, 'halted')
    await changeParameters(context, prime, { tickSize })
    const changed = await instrumentNamed(context, 'text-prime')
    expect(changed.trading).toEqual({ ...prime.trading, tickSize })
    await changeParameters(context, changed, { bandBp: basisPoints(500) })
    expect((await instrumentNamed(context, 'text-prime')).trading).toEqual({ ...prime.trading, tickSize, bandBp: 500 })
  })

  test('is added at the next index, in every part of the market', async () => {
    const market = await openMarket()
    const { context } = market
    const added = await addInstrument(context, readInstrument(JSON.stringify(exampleFile)))
    expect(added.index).toBe(18)
    expect(market.said('orders', 18).at(-1)).toBe('set-parameters audio-standard')
    for (const partition of [0, 7]) expect(market.said('ledger', partition).at(-1)).toBe('list-instrument audio-standard')
    expect(market.said('instruments', 0).at(-1)).toBe('listed-instrument audio-standard')
    expect(await refusalOf(addInstrument(context, readInstrument(JSON.stringify(exampleFile))))).toContain('taken')
    const another = readInstrument(JSON.stringify({ ...exampleFile, symbol: 'audio-prime', name: 'Audio Prime' }))
    expect((await addInstrument(context, another)).index).toBe(19)
  })

  test('that was a preview is opened where it is', async () => {
    const { context } = await openMarket()
    const preview = instrumentBySymbol('vision-standard')!
    const file = { ...exampleFile, symbol: 'vision-standard', name: 'Vision Standard' }
    const { index, publicId, marketId, listing } = await addInstrument(context, readInstrument(JSON.stringify(file)))
    expect([index, publicId, marketId, listing]).toEqual([preview.index, preview.publicId, preview.marketId, 'listed'])
  })
})

test('fees are the whole set each time, with what was not said as it was', async () => {
  const { context } = await openMarket()
  const before = await setLedgerParameters(context, {})
  const feeTiers = [{ volumeFrom: microdollars(0), makerBp: basisPoints(1), takerBp: basisPoints(8) }]
  expect(await setLedgerParameters(context, { feeTiers })).toEqual({ ...before, feeTiers })
  expect(await setLedgerParameters(context, { openOrdersMax: 7 })).toEqual({ ...before, feeTiers, openOrdersMax: 7 })
  const inAll = await withLedger(context, accounts =>
    Promise.resolve([0, 3, 7].map(each => accounts.state(each).parameters)))
  for (const parameters of inAll) expect(parameters).toEqual({ ...before, feeTiers, openOrdersMax: 7 })
  expect(await refusalOf(setLedgerParameters(context, { feeTiers: [] }))).toBe('set-ledger-parameters: unsupported')
})

test('whatever was moved, all accounts together come to nothing', async () => {
  const { context } = await openMarket()
  const { userId: holder } = await createUser(context, newUser({ grant: dollars(25) }))
  await moveMoney(context, { kind: 'deposit', holder, amount: dollars(10), isGrant: false, reference: 'r1' })
  const rows = await withLedger(context, accounts =>
    Promise.resolve([0, 1, 2, 3, 4, 5, 6, 7].flatMap(each => conservation(accounts.state(each)))))
  expect(rows.filter(({ sum }) => sum !== 0n)).toEqual([])
})

test('a record is marked to be passed over only where there is one', async () => {
  const { context, log } = await openMarket()
  const skip = { topic: 'orders-1', partition: 4, offset: 1, why: 'it stops everything' }
  await skipRecord(context, skip)
  expect(await readSkips(log, { topic: 'snapshots-1', partition: 4 }, skip)).toEqual(new Set([1]))
  expect(await refusalOf(skipRecord(context, { ...skip, offset: 99 }))).toContain('holds offsets 0 to 2')
  expect(await refusalOf(skipRecord(context, { ...skip, topic: 'orders' }))).toContain('not a topic')
})

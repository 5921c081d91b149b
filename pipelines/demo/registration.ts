// How people come to have accounts and keys: as an operator gives them (../admin). What is there is left as it is.

import { randomUUID } from 'node:crypto'
import {
  accountSettings, unbounded, type AccountSettings, type ConsumptionKey, type SigningKey, type User
} from '../../schemas/identity/records.ts'
import type { LedgerCommand } from '../../schemas/ledger/commands.ts'
import { topics } from '../../schemas/topics.ts'
import { instant, microdollars, partitionOfHolder, type HolderId, type Instant } from '../../schemas/units.ts'
import { readDirectory, tellLedger, withAccounts, writeIdentities } from '../admin/market.ts'
import { consumptionKeyHash } from '../identities/consumption-keys.ts'
import type { Directory } from '../identities/directory.ts'
import type { Context } from '../process/context.ts'
import { writeCommandTag } from '../runtime/command.ts'
import type { Signer } from './keys.ts'
import type { Consumer, Member } from './people.ts'

const dollar = 1_000_000
/** What somebody begins with, and what is added when it has run out. */
const fundsEach = microdollars(10_000 * dollar)
/** The same, of who buys a unit now and then. */
const creditsEach = microdollars(100 * dollar)
/** What everybody is given once for signing up. */
const grantEach = microdollars(25 * dollar)
const validMs = 10_000
const minuteMs = 60_000

/** Everybody's keys, of which only what may be known of them is written down. */
export type Keys = {
  readonly signer: (user: HolderId) => Signer
  readonly consumption: (user: HolderId) => string
}

const isConsumer = (member: Member): member is Consumer => !('habit' in member)

/** Everybody has accounts and one key of each kind of his own afterwards. Returns who was not there before. */
export async function register (
  context: Context, members: readonly Member[], { signer, consumption }: Keys
): Promise<readonly Member[]> {
  const directory = await readDirectory(context)
  const missing = members.filter(({ userId }) => directory.user(userId) === undefined)
  // Accounts first: whoever is in the directory can trade.
  if (missing.length > 0) {
    await withAccounts(context, missing.map(({ userId }) => userId), accounts =>
      tellLedger(accounts, missing.flatMap(openingCommands)))
  }
  const now = instant(Date.now())
  const keys = members.filter(({ userId }) => directory.registered(signer(userId).fingerprint) === undefined)
    .map(({ userId }) => keyOf(userId, signer(userId), now))
  const lost = members.flatMap(({ userId }) => directory.signingKeysOf(userId)
    .filter(({ fingerprint }) => fingerprint !== signer(userId).fingerprint))
  const drawing = members.filter(isConsumer).map(({ userId }) => consumptionKey(userId, consumption(userId), now))
    .filter(key => !isKept(directory, key))
  const users = missing.map(member => userOf(member, now))
  const settings = missing.filter(isConsumer).map(({ userId }) => reloadingOf(userId, now))
  await writeIdentities(context, [...users, ...settings, ...keys, ...drawing], lost)
  return missing
}

/** One that was made of a secret that is lost has the same id, and goes as this one is written. */
const isKept = (directory: Directory, { keyId, keyHash }: ConsumptionKey): boolean =>
  directory.consumptionKeyById(keyId)?.keyHash === keyHash

type OfHolder = Extract<LedgerCommand, { readonly holder: HolderId }>

export function openingCommands (member: Member): OfHolder[] {
  const { userId: holder, owner, roles } = member
  const open: OfHolder[] = [
    { kind: 'set-holder', holder, owner, isIssuer: roles.includes('supplier'), isSuspended: false },
    { kind: 'set-account-mode', holder, mode: isConsumer(member) ? 'easy' : 'advanced' }
  ]
  // Suppliers pay for nothing: they only ever rest sells.
  if (roles.includes('supplier')) return open
  const amount = isConsumer(member) ? creditsEach : fundsEach
  return [
    ...open,
    { kind: 'deposit', holder, amount: grantEach, isGrant: true, reference: `demo-grant:${holder}` },
    { kind: 'deposit', holder, amount, isGrant: false, reference: `demo-opening:${holder}` }
  ]
}

const userOf = ({ userId, owner, parent, email, name, roles }: Member, now: Instant): User =>
  ({ kind: 'user', userId, owner, parent, email, name, roles, isActive: true, createdAt: now, updatedAt: now })

const keyOf = (userId: HolderId, { publicKey, fingerprint }: Signer, now: Instant): SigningKey => (
  { kind: 'signing-key', keyId: `signing_key_${randomUUID()}`, userId, label: 'demo', publicKey, fingerprint, createdAt: now }
)

const consumptionKey = (userId: HolderId, key: string, now: Instant): ConsumptionKey => ({
  kind: 'consumption-key',
  keyId: `api_key_demo_${userId}`,
  userId,
  name: 'demo',
  keyPrefix: key.slice(0, 8),
  keyHash: consumptionKeyHash(key),
  isActive: true,
  expiresAt: null,
  createdAt: now,
  ...unbounded
})

/** What is spent comes back from a card, which is as made up as the processor that it is charged by. */
const reloadingOf = (userId: HolderId, updatedAt: Instant): AccountSettings => ({
  kind: 'account-settings',
  userId,
  ...accountSettings,
  reloadEnabled: true,
  reloadThreshold: grantEach,
  reloadAmount: creditsEach,
  paymentMethod: `cus_${userId}/pm_demo`,
  updatedAt
})

/** D6. Nobody waits for it: whoever ran out asks again in a turn or two. */
export async function topUp (
  { log, topic, binder }: Pick<Context, 'log' | 'topic' | 'binder'>, { userId: holder }: Member
): Promise<void> {
  const now = instant(Date.now())
  const reference = `demo-top-up:${holder}:${Math.floor(now / minuteMs)}`
  const deposit = { kind: 'deposit', holder, amount: fundsEach, isGrant: false, reference } as const
  await log.send([{
    topic: topic(topics.ledger.name),
    partition: partitionOfHolder(holder, topics.ledger.partitions),
    key: String(holder),
    value: binder.current.encode(deposit),
    headers: { command: writeCommandTag({ id: `demo-${randomUUID()}`, validUntil: instant(now + validMs) }) },
    timestamp: now
  }])
}

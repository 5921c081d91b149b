// How people come to have accounts and keys: as an operator gives them (../admin). What is there is left as it is.

import { randomUUID } from 'node:crypto'
import type { SigningKey, User } from '../../schemas/identity/records.ts'
import type { LedgerCommand } from '../../schemas/ledger/commands.ts'
import { topics } from '../../schemas/topics.ts'
import { instant, microdollars, partitionOfHolder, type HolderId, type Instant } from '../../schemas/units.ts'
import { readDirectory, tellLedger, withAccounts, writeIdentities } from '../admin/market.ts'
import type { Context } from '../process/context.ts'
import { writeCommandTag } from '../runtime/command.ts'
import type { Signer } from './keys.ts'
import type { Person } from './people.ts'

const dollar = 1_000_000
/** What somebody begins with, and what is added when it has run out. */
const fundsEach = microdollars(10_000 * dollar)
/** What everybody is given once for signing up. */
const grantEach = microdollars(25 * dollar)
const validMs = 10_000
const minuteMs = 60_000

/** Everybody has accounts and one key afterwards, the signer's. Returns who was not there before. */
export async function register (
  context: Context, people: readonly Person[], signerOf: (user: HolderId) => Signer
): Promise<readonly Person[]> {
  const directory = await readDirectory(context)
  const missing = people.filter(({ userId }) => directory.user(userId) === undefined)
  // Accounts first: whoever is in the directory can trade.
  if (missing.length > 0) {
    await withAccounts(context, missing.map(({ userId }) => userId), accounts =>
      tellLedger(accounts, missing.flatMap(openingCommands)))
  }
  const now = instant(Date.now())
  const keys = people.filter(({ userId }) => directory.registered(signerOf(userId).fingerprint) === undefined)
    .map(({ userId }) => keyOf(userId, signerOf(userId), now))
  const lost = people.flatMap(({ userId }) => directory.signingKeysOf(userId)
    .filter(({ fingerprint }) => fingerprint !== signerOf(userId).fingerprint))
  await writeIdentities(context, [...missing.map(person => userOf(person, now)), ...keys], lost)
  return missing
}

type OfHolder = Extract<LedgerCommand, { readonly holder: HolderId }>

export function openingCommands ({ userId: holder, owner, roles, habit }: Person): OfHolder[] {
  const open: OfHolder[] = [
    { kind: 'set-holder', holder, owner, isIssuer: roles.includes('supplier'), isSuspended: false },
    { kind: 'set-account-mode', holder, mode: 'advanced' }
  ]
  // Suppliers pay for nothing: they only ever rest sells.
  if (habit === 'supplier') return open
  return [
    ...open,
    { kind: 'deposit', holder, amount: grantEach, isGrant: true, reference: `demo-grant:${holder}` },
    { kind: 'deposit', holder, amount: fundsEach, isGrant: false, reference: `demo-opening:${holder}` }
  ]
}

const userOf = ({ userId, owner, parent, email, name, roles }: Person, now: Instant): User =>
  ({ kind: 'user', userId, owner, parent, email, name, roles, isActive: true, createdAt: now, updatedAt: now })

const keyOf = (userId: HolderId, { publicKey, fingerprint }: Signer, now: Instant): SigningKey => (
  { kind: 'signing-key', keyId: `signing_key_${randomUUID()}`, userId, label: 'demo', publicKey, fingerprint, createdAt: now }
)

/** D6. Nobody waits for it: whoever ran out asks again in a turn or two. */
export async function topUp (
  { log, topic, binder }: Pick<Context, 'log' | 'topic' | 'binder'>, { userId: holder }: Person
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

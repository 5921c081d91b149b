// The market as an operator's command sees it: the directory, the instruments, and clients of its stages for as long as
// the command runs.

import { identityKey, type Identity, type User } from '../../schemas/identity/records.ts'
import type { LedgerCommand } from '../../schemas/ledger/commands.ts'
import type { LedgerOutput } from '../../schemas/ledger/records.ts'
import { topics } from '../../schemas/topics.ts'
import { holderId, instant, partitionOfHolder, type HolderId } from '../../schemas/units.ts'
import { Directory } from '../identities/directory.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { ledger } from '../ledger/stage.ts'
import type { Context } from '../process/context.ts'
import { readMirror } from '../process/mirror.ts'
import { assertDone, NotDone, StageClient, type Told } from './stage-client.ts'

export type Accounts = StageClient<Ledger, LedgerCommand, LedgerOutput>

/** Who is who, as of now. */
export async function readDirectory (context: Context): Promise<Directory> {
  const directory = new Directory()
  await readMirror(context, topics.identities, (key, value) => directory.apply(key, value as Identity | null))
  return directory
}

/** Writes to the directory; what is revoked goes by its last record. */
export async function writeIdentities (
  { log, binder, topic }: Context, identities: readonly Identity[], revoked: readonly Identity[] = []
): Promise<void> {
  const timestamp = instant(Date.now())
  const place = { topic: topic(topics.identities.name), partition: 0, headers: {}, timestamp }
  await log.send([
    ...identities.map(identity => ({ ...place, key: identityKey(identity), value: binder.current.encode(identity) })),
    ...revoked.map(identity => ({ ...place, key: identityKey(identity), value: null }))
  ])
}

/** By id or by email; sub-accounts, which have their parent's, by id only. */
export function userNamed (directory: Directory, name: string): User {
  if (/^\d{1,15}$/.test(name)) {
    const user = directory.user(holderId(Number(name)))
    if (user !== undefined) return user
  }
  const [user, another] = directory.users()
    .filter(({ email, parent }) => parent === null && email.toLowerCase() === name.toLowerCase())
  if (user === undefined) throw new NotDone(`There is no user ${name}; \`user list\` shows them.`)
  if (another !== undefined) throw new NotDone(`Several users have the email ${name}: say which by its id.`)
  return user
}

const partitionOf = (holder: HolderId): number => partitionOfHolder(holder, topics.ledger.partitions)

type Work<Result> = (accounts: Accounts) => Promise<Result>

async function following<Result> (
  context: Context, partitions: readonly number[], work: Work<Result>
): Promise<Result> {
  const accounts = await StageClient.open(context, ledger(), partitions)
  try {
    return await work(accounts)
  } finally {
    await accounts.close()
  }
}

/** The accounts of some holders, followed while `work` lasts. */
export const withAccounts = async <Result>(
  context: Context, holders: readonly HolderId[], work: Work<Result>
): Promise<Result> => await following(context, [...new Set(holders.map(partitionOf))], work)

export const ledgerPartitions: readonly number[] = Array.from({ length: topics.ledger.partitions }, (_, each) => each)

/** All accounts, followed while `work` lasts. */
export const withLedger = async <Result>(context: Context, work: Work<Result>): Promise<Result> =>
  await following(context, ledgerPartitions, work)

export const stateOf = (accounts: Accounts, holder: HolderId): Ledger => accounts.state(partitionOf(holder))

type OfHolder = Extract<LedgerCommand, { readonly holder: HolderId }>

/** Tells the ledger, and throws `NotDone` where it refuses. */
export async function tellLedger (accounts: Accounts, commands: readonly OfHolder[]): Promise<void> {
  const told = commands.map((command): Told<LedgerCommand> =>
    ({ partition: partitionOf(command.holder), key: String(command.holder), command }))
  assertDone(told, await accounts.tell(told))
}

/** Tells every partition the same. */
export async function tellAll (accounts: Accounts, command: LedgerCommand, key: string | null = null): Promise<void> {
  const told = ledgerPartitions.map((partition): Told<LedgerCommand> => ({ partition, key, command }))
  assertDone(told, await accounts.tell(told))
}

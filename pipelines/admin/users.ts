// Users and sub-accounts: made, suspended, resumed, shown.

import { randomInt } from 'node:crypto'
import type { User, UserRole } from '../../schemas/identity/records.ts'
import type { AccountMode, LedgerCommand, SetHolder } from '../../schemas/ledger/commands.ts'
import {
  holderId, instant, microdollars, ownerId, type HolderId, type Microdollars, type OwnerId
} from '../../schemas/units.ts'
import type { Directory } from '../identities/directory.ts'
import { holderView, positionViews } from '../ledger/views.ts'
import type { Context } from '../process/context.ts'
import { readDirectory, stateOf, tellLedger, withAccounts, writeIdentities } from './market.ts'

export type NewUser = {
  readonly email: string
  readonly name: string
  readonly roles: readonly UserRole[]
  /** Null: its own. */
  readonly owner: OwnerId | null
  readonly parent: HolderId | null
  /** Null: as its roles have it. */
  readonly mode: AccountMode | null
  /** Money that can be spent here and not withdrawn; null: none. */
  readonly grant: Microdollars | null
}

/** What who signs up is given to spend. */
export const signUpGrant = microdollars(25_000_000)

/** One a holder, whoever gives it and however often. */
export const signUpGrantReference = (holder: HolderId): string => `sign-up-grant:${holder}`

/** Ten digits: few enough to be read out, and enough that none is guessed or drawn twice. */
function drawId (directory: Directory): HolderId {
  for (;;) {
    const id = holderId(randomInt(10 ** 9, 10 ** 10))
    if (directory.user(id) === undefined) return id
  }
}

const holderOf = ({ userId, owner, roles, isActive }: User): SetHolder =>
  ({ kind: 'set-holder', holder: userId, owner, isIssuer: roles.includes('supplier'), isSuspended: !isActive })

/** Who sells what he serves has to trade; for anybody else the market buys, until he asks to trade himself. */
const modeOf = (roles: readonly UserRole[]): AccountMode => roles.includes('supplier') ? 'advanced' : 'easy'

/** Opens the accounts, then writes the user down. */
export async function createUser (context: Context, { mode, grant, owner, ...asked }: NewUser): Promise<User> {
  const userId = drawId(await readDirectory(context))
  const now = instant(Date.now())
  const user: User = {
    kind: 'user', userId, owner: owner ?? ownerId(userId), ...asked, isActive: true, createdAt: now, updatedAt: now
  }
  const given: LedgerCommand & { holder: HolderId } | null = grant === null
    ? null
    : { kind: 'deposit', holder: userId, amount: grant, isGrant: true, reference: signUpGrantReference(userId) }
  await withAccounts(context, [userId], accounts => tellLedger(accounts, [
    holderOf(user),
    { kind: 'set-account-mode', holder: userId, mode: mode ?? modeOf(user.roles) },
    ...given === null ? [] : [given]
  ]))
  await writeIdentities(context, [user])
  return user
}

export type NewSubAccount = Pick<NewUser, 'name' | 'mode'>

/** Of the same owner, with those roles of its parent that trade; keys of its own are registered for it. */
export async function createSubAccount (context: Context, parent: User, { name, mode }: NewSubAccount): Promise<User> {
  const roles = parent.roles.filter(role => role === 'trader' || role === 'supplier')
  const { email, owner, userId } = parent
  return await createUser(context, { email, name, roles, owner, parent: userId, mode, grant: null })
}

/** Keys stop working first; then all open orders are cancelled. */
export async function suspendUser (context: Context, user: User): Promise<User> {
  const suspended = { ...user, isActive: false, updatedAt: instant(Date.now()) }
  await writeIdentities(context, [suspended])
  await withAccounts(context, [user.userId], accounts => tellLedger(accounts, [holderOf(suspended)]))
  return suspended
}

export async function resumeUser (context: Context, user: User): Promise<User> {
  const resumed = { ...user, isActive: true, updatedAt: instant(Date.now()) }
  await withAccounts(context, [user.userId], accounts => tellLedger(accounts, [holderOf(resumed)]))
  await writeIdentities(context, [resumed])
  return resumed
}

/** A user's accounts, as the ledger has them now. */
export async function accountsOf (context: Context, { userId }: User) {
  return await withAccounts(context, [userId], accounts => {
    const state = stateOf(accounts, userId)
    return Promise.resolve({ holder: holderView(state, userId), positions: positionViews(state, userId) })
  })
}

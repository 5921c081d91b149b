import { Option, type Command } from 'commander'
import { userRole, type User, type UserRole } from '../../schemas/identity/records.ts'
import { accountMode, type AccountMode } from '../../schemas/ledger/commands.ts'
import type { Microdollars } from '../../schemas/units.ts'
import type { Directory } from '../identities/directory.ts'
import type { HolderView, PositionView } from '../ledger/views.ts'
import { amount, inDollars } from './arguments.ts'
import { readDirectory, userNamed } from './market.ts'
import type { Run, Said } from './run.ts'
import { accountsOf, createSubAccount, createUser, resumeUser, signUpGrant, suspendUser } from './users.ts'

type CreateOptions = {
  readonly email: string
  readonly name: string
  readonly role: readonly UserRole[]
  readonly owner?: string
  readonly mode?: AccountMode
  /** False: none. */
  readonly grant: Microdollars | false
}

const mode = () => new Option(
  '--mode <mode>', 'easy: the market buys for it; advanced: it trades (default: easy, of a supplier advanced)'
).choices(accountMode)

export const aUser = '--user <user>'
export const userHelp = 'whose: an id or an email'

function line ({ userId, email, name, roles, parent, isActive }: User): string {
  const of = parent === null ? '' : `  sub-account of ${parent}`
  return `${userId}  ${email}  ${name}  ${roles.join(' ')}${of}${isActive ? '' : '  SUSPENDED'}`
}

const told = (user: User, what: string): Said => ({ text: `${what}: ${line(user)}`, json: user })

export function userCommands (program: Command, run: Run): void {
  const user = program.command('user').description('Users, their roles and their accounts.')
  user.command('create').description('Makes a user, with accounts.')
    .requiredOption('--email <email>', 'for people to know it by')
    .requiredOption('--name <name>', 'shown to itself')
    .addOption(new Option('--role <role...>', 'what it may do').choices(userRole).default(['trader']))
    .option('--owner <user>', 'a user of the same person or firm: the two never trade with each other')
    .addOption(mode())
    .addOption(new Option('--grant <dollars>', 'money to spend here, never withdrawn')
      .argParser(amount).default(signUpGrant, `${inDollars(signUpGrant)}, once`))
    .option('--no-grant', 'nothing to spend at first')
    .action((options: CreateOptions) => run.with(async context => {
      const { email, name, role, mode } = options
      const grant = options.grant === false ? null : options.grant
      const owner = options.owner === undefined ? null : userNamed(await readDirectory(context), options.owner).owner
      return told(await createUser(context, { email, name, roles: role, owner, parent: null, mode: mode ?? null, grant }), 'made')
    }))
  user.command('list').description('All users.')
    .action(() => run.with(async context => {
      const users = (await readDirectory(context)).users()
      return { text: users.map(line).join('\n') || 'nobody', json: users }
    }))
  user.command('show').description('A user, its keys, sub-accounts and balances.').argument('<user>', userHelp)
    .action((name: string) => run.with(async context => {
      const directory = await readDirectory(context)
      const found = userNamed(directory, name)
      return shown(found, directory, await accountsOf(context, found))
    }))
  user.command('suspend').description('None of its keys works any more; its open orders are cancelled.')
    .argument('<user>', userHelp)
    .action((name: string) => run.with(async context =>
      told(await suspendUser(context, userNamed(await readDirectory(context), name)), 'suspended')))
  user.command('resume').description('Ends a suspension.').argument('<user>', userHelp)
    .action((name: string) => run.with(async context =>
      told(await resumeUser(context, userNamed(await readDirectory(context), name)), 'resumed')))
}

export function subAccountCommands (program: Command, run: Run): void {
  program.command('sub-account').description('Accounts of the same owner, apart from its others.')
    .command('create').description('Makes one, with keys and balances of its own to be.')
    .requiredOption('--of <user>', 'an id or an email')
    .requiredOption('--name <name>', 'shown to itself')
    .addOption(mode())
    .action(({ of, name, mode }: { of: string, name: string, mode?: AccountMode }) => run.with(async context => {
      const parent = userNamed(await readDirectory(context), of)
      return told(await createSubAccount(context, parent, { name, mode: mode ?? null }), 'made')
    }))
}

type AccountsShown = { readonly holder: HolderView | undefined, readonly positions: readonly PositionView[] }

export function balances ({ cash, grant, pending }: HolderView): string {
  const parts = [['cash', cash.posted, cash.held], ['grant', grant.posted, grant.held]] as const
  return [
    ...parts.map(([name, posted, held]) => `${name} $${inDollars(posted)} (held $${inDollars(held)})`),
    `pending $${inDollars(pending)}`
  ].join(', ')
}

function shown (user: User, directory: Directory, { holder, positions }: AccountsShown): Said {
  const { userId } = user
  const signingKeys = directory.signingKeysOf(userId)
  const consumptionKeys = directory.consumptionKeysOf(userId).map(({ keyHash, ...key }) => key)
  const subAccounts = directory.subAccounts(userId)
  const text = [
    line(user),
    ...holder === undefined ? ['no accounts'] : [`${balances(holder)}, ${holder.mode}`],
    ...positions.map(({ instrumentId, trading, issuance, consumption }) =>
      `${instrumentId}: ${trading.posted} in trading (${trading.held} held), ${issuance} issued, ` +
      `${consumption.posted} tokens (${consumption.held} held)`),
    ...signingKeys.map(({ fingerprint, label }) => `signing key ${fingerprint}  ${label}`),
    ...consumptionKeys.map(({ keyId, keyPrefix, name }) => `consumption key ${keyId}  ${keyPrefix}…  ${name}`),
    ...subAccounts.map(each => `sub-account ${line(each)}`)
  ]
  return { text: text.join('\n'), json: { user, accounts: holder ?? null, positions, signingKeys, consumptionKeys, subAccounts } }
}

import { Option, type Command } from 'commander'
import type { SigningKey } from '../../schemas/identity/records.ts'
import { budgetPeriod, type BudgetPeriod } from '../../schemas/ledger/usage-commands.ts'
import { tokens, type InstrumentId, type Instant } from '../../schemas/units.ts'
import type { KeyLimits } from '../identities/consumption-keys.ts'
import { network, time, whole } from './arguments.ts'
import { instrumentNamed } from './instruments.ts'
import { createConsumptionKey, createKey, registerKey, revokeConsumptionKey, revokeKey } from './keys.ts'
import { readDirectory, userNamed } from './market.ts'
import type { Run } from './run.ts'
import { aUser, userHelp } from './user-commands.ts'

type KeyOptions = { readonly user: string, readonly label: string }

const line = ({ fingerprint, userId, label }: SigningKey): string => `${fingerprint}  of ${userId}  ${label}`

export function keyCommands (program: Command, run: Run): void {
  const key = program.command('key').description('Ed25519 keys that sign requests to the Trading API.')
  key.command('create').description('Makes a pair and registers it. The private key is shown now and never again.')
    .requiredOption(aUser, userHelp)
    .option('--label <text>', 'to be told from others', 'made by admin')
    .action(({ user, label }: KeyOptions) => run.with(async context => {
      const made = await createKey(context, userNamed(await readDirectory(context), user), label)
      const { fingerprint, publicKey, seed, secret } = made
      const parts = { fingerprint, 'public key': publicKey, 'private key, as a seed': seed, 'private key, whole': secret }
      const lines = Object.entries(parts).map(([name, value]) => `${`${name}:`.padEnd(24)} ${value}`)
      return { text: [`registered: ${line(made)}`, ...lines, 'The private key is kept nowhere: write it down now.'].join('\n'), json: made }
    }))
  key.command('register').description('Registers a public key that its owner made.')
    .requiredOption(aUser, userHelp)
    .requiredOption('--public-key <base64>', '32 bytes')
    .option('--label <text>', 'to be told from others', 'registered by admin')
    .action(({ user, publicKey, label }: KeyOptions & { publicKey: string }) => run.with(async context => {
      const registered = await registerKey(context, userNamed(await readDirectory(context), user), { publicKey, label })
      return { text: `registered: ${line(registered)}`, json: registered }
    }))
  key.command('list').description('The keys of a user.').requiredOption(aUser, userHelp)
    .action(({ user }: KeyOptions) => run.with(async context => {
      const directory = await readDirectory(context)
      const keys = directory.signingKeysOf(userNamed(directory, user).userId)
      return { text: keys.map(line).join('\n') || 'none', json: keys }
    }))
  key.command('revoke').description('Ends a key, for good.').argument('<key>', 'its fingerprint or its id')
    .action((name: string) => run.with(async context => {
      const revoked = await revokeKey(context, name)
      return { text: `revoked: ${line(revoked)}`, json: revoked }
    }))
}

type ConsumptionKeyOptions = {
  readonly user: string
  readonly name: string
  readonly expires?: Instant
  readonly instruments?: readonly string[]
  readonly addresses?: readonly string[]
  readonly requestsAMinute?: number
  readonly tokensAMinute?: number
  readonly openMax?: number
  readonly budgetTokens?: number
  readonly budgetPeriod: BudgetPeriod
  readonly tags?: readonly string[]
}

const bounds = [
  new Option('--instruments <symbol...>', 'what it may draw on (default: everything)'),
  new Option('--addresses <cidr...>', 'from where (default: from anywhere)').argParser(network),
  new Option('--requests-a-minute <count>', 'at most').argParser(whole),
  new Option('--tokens-a-minute <count>', 'at most').argParser(whole),
  new Option('--open-max <count>', 'requests at once').argParser(whole),
  new Option('--budget-tokens <count>', 'what it may draw in a period; the ledger holds it to that').argParser(whole),
  new Option('--budget-period <period>', 'of the budget; days and months are UTC\'s').choices(budgetPeriod).default('total'),
  new Option('--tags <word...>', 'that go with its requests into receipts')
]

const limitsOf = (options: ConsumptionKeyOptions, instruments: readonly InstrumentId[]): KeyLimits => ({
  instruments,
  addresses: options.addresses ?? [],
  requestsPerMinute: options.requestsAMinute ?? null,
  tokensPerMinute: options.tokensAMinute ?? null,
  openMax: options.openMax ?? null,
  budgetTokens: options.budgetTokens === undefined ? null : tokens(options.budgetTokens),
  budgetPeriod: options.budgetPeriod,
  tags: options.tags ?? []
})

export function consumptionKeyCommands (program: Command, run: Run): void {
  const key = program.command('consumption-key').description('Keys that draw inference.')
  const create = key.command('create').description('Makes one. It is shown now and never again.')
    .requiredOption(aUser, userHelp)
    .option('--name <text>', 'to be told from others', 'made by admin')
    .option('--expires <time>', 'ISO 8601', time)
  for (const bound of bounds) create.addOption(bound)
  create.action((options: ConsumptionKeyOptions) => run.with(async context => {
    const { user, name, expires = null } = options
    const found = userNamed(await readDirectory(context), user)
    const named = await Promise.all((options.instruments ?? []).map(symbol => instrumentNamed(context, symbol)))
    const limits = limitsOf(options, named.map(({ instrumentId }) => instrumentId))
    const { keyHash, ...made } = await createConsumptionKey(context, found, { name, expiresAt: expires, limits })
    return { text: `${made.keyId} of ${made.userId}\nkey: ${made.key}\nIt is kept nowhere: write it down now.`, json: made }
  }))
  key.command('revoke').description('Ends a key, for good.').argument('<id>', 'api_key_…')
    .action((id: string) => run.with(async context => {
      const { keyHash, ...revoked } = await revokeConsumptionKey(context, id)
      return { text: `revoked: ${revoked.keyId} of ${revoked.userId}`, json: revoked }
    }))
}

import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import type { User } from '../../schemas/identity/records.ts'
import type { Microdollars } from '../../schemas/units.ts'
import { amount, inDollars } from './arguments.ts'
import { readDirectory, userNamed } from './market.ts'
import { moveMoney, type MoneyCommand } from './money.ts'
import type { Run } from './run.ts'
import { aUser, balances, userHelp } from './user-commands.ts'

type Options = {
  readonly user: string
  readonly amount: Microdollars
  readonly reference?: string
  readonly grant?: true
  readonly to?: string
}

type Asked = { readonly options: Options, readonly user: User, readonly to: User | null, readonly reference: string }

/** A command that moves money, with what all of them take. */
function moving (program: Command, run: Run, { name, what, make }: {
  readonly name: string
  readonly what: string
  readonly make: (asked: Asked) => MoneyCommand
}): Command {
  return program.command(name).description(what)
    .requiredOption(aUser, userHelp)
    .requiredOption('--amount <dollars>', 'such as 100 or 0.05', amount)
    .option('--reference <text>', 'of its own: the same again changes nothing (default: drawn)')
    .action((options: Options) => run.with(async context => {
      const directory = await readDirectory(context)
      const user = userNamed(directory, options.user)
      const to = options.to === undefined ? null : userNamed(directory, options.to)
      const command = make({ options, user, to, reference: options.reference ?? `admin-${randomUUID()}` })
      const after = await moveMoney(context, command)
      const text = `${command.kind} of $${inDollars(command.amount)}, reference ${command.reference}: done\n${balances(after)}`
      return { text, json: { command, accounts: after } }
    }))
}

export function moneyCommands (program: Command, run: Run): void {
  moving(program, run, {
    name: 'deposit',
    what: 'Money into an account.',
    make: ({ options, user, reference }) =>
      ({ kind: 'deposit', holder: user.userId, amount: options.amount, isGrant: options.grant === true, reference })
  }).option('--grant', 'money that can be spent here and is never withdrawn')
  moving(program, run, {
    name: 'withdraw',
    what: 'Money out of an account; never what was granted, what is held, or what is pending.',
    make: ({ options, user, reference }) => ({ kind: 'withdraw', holder: user.userId, amount: options.amount, reference })
  })
  moving(program, run, {
    name: 'finalize-proceeds',
    what: "A supplier's pending proceeds become cash.",
    make: ({ options, user, reference }) =>
      ({ kind: 'finalize-proceeds', holder: user.userId, amount: options.amount, reference })
  })
  moving(program, run, {
    name: 'transfer',
    what: 'Money between two users of one owner. It comes back by itself where the other can not take it.',
    make: ({ options, user, to, reference }) => ({
      kind: 'transfer-funds', holder: user.userId, owner: user.owner, to: to!.userId, amount: options.amount, reference
    })
  }).requiredOption('--to <user>', 'an id or an email')
}

// The operator's commands: npm run admin -- COMMAND. Each is a record in the log, and answered with what came of it.

import { Command } from 'commander'
import { backupCommands } from './backup-commands.ts'
import { instrumentCommands } from './instrument-commands.ts'
import { consumptionKeyCommands, keyCommands } from './key-commands.ts'
import { moneyCommands } from './money-commands.ts'
import { runner } from './run.ts'
import { supplierCommands } from './supplier-commands.ts'
import { feeCommands, systemCommands } from './system-commands.ts'
import { subAccountCommands, userCommands } from './user-commands.ts'

const program = new Command('admin')
  .description(`Commands of the operator, to the market that \`npm start\` runs on this machine, or to the one that the
environment names (KAFKA_BROKERS and so on: docker/README.md). Refused is an exit status of 1.`)
  .option('--data <dir>', 'where the market on this machine keeps its data', '.data/market')
  .option('--json', 'says what it did as one JSON value', false)
  .showHelpAfterError()
const run = runner(program)
userCommands(program, run)
subAccountCommands(program, run)
keyCommands(program, run)
consumptionKeyCommands(program, run)
moneyCommands(program, run)
instrumentCommands(program, run)
supplierCommands(program, run)
feeCommands(program, run)
systemCommands(program, run)
backupCommands(program, run)

try {
  await program.parseAsync()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

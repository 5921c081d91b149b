// The operator's commands: npm run admin -- COMMAND. Each is a record in the log that the stage obeys.

import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { instrumentBySymbol, type Instrument } from '../schemas/instruments.ts'
import type { TradingStatus } from '../schemas/matching/records.ts'
import { brokerName, topicTable, topics } from '../schemas/topics.ts'
import { instant } from '../schemas/units.ts'
import { openContext, type Context } from './process/context.ts'
import { environmentFile } from './market.ts'
import { writeCommandTag } from './runtime/command.ts'
import { readConfig } from './runtime/config.ts'
import { markSkip } from './runtime/skips.ts'

const validMs = 10_000

function instrument (symbol: string): Instrument {
  const found = instrumentBySymbol(symbol)
  if (found === undefined) throw new InvalidArgumentError('There is no such instrument; GET /v1/instruments lists them.')
  return found
}

function whole (text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('A whole number.')
  return Number(text)
}

// Without addresses in the environment, those of the market that runs on this machine.
function findMarket (): void {
  const file = join(program.opts<{ data: string }>().data, environmentFile)
  if (process.env['KAFKA_BROKERS'] === undefined && existsSync(file)) process.loadEnvFile(file)
}

async function withContext (work: (context: Context) => Promise<void>): Promise<void> {
  findMarket()
  const context = await openContext({ ...readConfig(process.env), logLevel: 'warn' }, 'admin', error => { throw error as Error })
  try {
    await work(context)
  } finally {
    await context.log.close()
  }
}

async function setStatus ({ instrumentId, index }: Instrument, status: TradingStatus): Promise<void> {
  await withContext(async ({ log, binder, topic }) => {
    const at = instant(Date.now())
    const command = writeCommandTag({ id: `admin-${randomUUID()}`, validUntil: instant(at + validMs) })
    const value = binder.current.encode({ kind: 'set-trading-status', instrumentId, status } as { kind: string })
    const place = { topic: topic(topics.orders.name), partition: index, key: instrumentId }
    await log.send([{ ...place, value, headers: { command }, timestamp: at }])
  })
  console.log(`${instrumentId} is to be ${status}: the command is in the log and counts for ${validMs / 1000} s.`)
}

type SkipOptions = { readonly why: string }

async function skipRecord (topic: string, partition: number, offset: number, { why }: SkipOptions): Promise<void> {
  await withContext(async ({ log, config, topic: onBroker }) => {
    const table = topicTable.find(candidate => brokerName(candidate, config.topicPrefix) === topic)
    if (table === undefined) throw new Error(`${topic} is not a topic of the market; use its name on the broker, such as ${onBroker('orders')}.`)
    const { start, end } = await log.extent(topic, partition)
    if (offset < start || offset >= end) throw new Error(`${topic}/${partition} holds offsets ${start} to ${end - 1}.`)
    const snapshots = { topic: onBroker(topics.snapshots.name), partition: partition % topics.snapshots.partitions }
    await markSkip(log, snapshots, { topic, partition, offset, why })
  })
  console.log(`Marked. The stage passes over ${topic}/${partition} offset ${offset} from its next start on, and writes it to the dead letters.`)
}

const program = new Command('admin')
  .description(`Commands of the operator, to the market that \`npm start\` runs on this machine, or to the one that the
environment names (KAFKA_BROKERS and so on: docker/README.md).`)
  .option('--data <dir>', 'where the market on this machine keeps its data', '.data/market')
program.command('halt').description('Halts an instrument: only cancels are taken.')
  .argument('<instrument>', 'its symbol, such as text-prime', instrument)
  .action((chosen: Instrument) => setStatus(chosen, 'halted'))
program.command('open').description('Opens a halted instrument.')
  .argument('<instrument>', 'its symbol, such as text-prime', instrument)
  .action((chosen: Instrument) => setStatus(chosen, 'open'))
program.command('skip-record').description('Marks a record that a stage can not get past, so that it is passed over; for ever.')
  .argument('<topic>', 'its name on the broker, such as orders-1')
  .argument('<partition>', 'a number', whole)
  .argument('<offset>', 'a number', whole)
  .requiredOption('--why <text>', 'kept with the mark')
  .action(skipRecord)

try {
  await program.parseAsync()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

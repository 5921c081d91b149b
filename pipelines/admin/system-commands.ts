import { Option, type Command } from 'commander'
import { connectClickHouse } from '../../analytics/client.ts'
import { ledgerAudit } from '../../analytics/conservation.ts'
import type { FeeTier } from '../../schemas/ledger/commands.ts'
import type { BasisPoints } from '../../schemas/units.ts'
import { conservation } from '../ledger/conservation.ts'
import type { Context } from '../process/context.ts'
import { provide } from '../provide.ts'
import { stages } from '../topology.ts'
import { inDollars, points, tier, whole } from './arguments.ts'
import { ledgerPartitions, withLedger } from './market.ts'
import { setLedgerParameters, type Parameters } from './parameters.ts'
import type { Run, Said } from './run.ts'
import { skipRecord } from './skip-record.ts'

type FeeOptions = {
  readonly tier?: FeeTier[]
  readonly openOrders?: number
  readonly stopSlippage?: BasisPoints
  readonly freeRequests?: number
  readonly freeOpen?: number
}

const tierLine = ({ volumeFrom, makerBp, takerBp }: FeeTier): string =>
  `from $${inDollars(volumeFrom)} in 30 days: maker ${makerBp} bp, taker ${takerBp} bp`

function feesSaid ({ feeTiers, openOrdersMax, stopSlippageBp, freeRequestsPerDay, freeOpenMax }: Parameters): Said {
  const lines = [
    ...feeTiers.map(tierLine), `at most ${openOrdersMax} open orders a holder and instrument`,
    `a stop pays at most ${stopSlippageBp} bp beyond its price`,
    `before its first deposit an account may make ${freeRequestsPerDay} requests a day, ${freeOpenMax} at once`
  ]
  const json = { feeTiers, openOrdersMax, stopSlippageBp, freeRequestsPerDay, freeOpenMax }
  return { text: lines.join('\n'), json }
}

export function feeCommands (program: Command, run: Run): void {
  program.command('fees').description('Fee tiers and limits of the ledger; what is not said stays as it is.')
    .option('--tier <volume:maker:taker>', 'again for each: dollars in 30 days, basis points; the first from 0; all of them', tier)
    .option('--open-orders <n>', 'a holder may have in an instrument', whole)
    .option('--stop-slippage <bp>', 'how far beyond its price a triggered stop may pay', points)
    .option('--free-requests <n>', 'that an account may make a day before its first deposit', whole)
    .option('--free-open <n>', 'as many at once', whole)
    .action((options: FeeOptions) => run.with(async context => {
      const { tier: feeTiers, openOrders, stopSlippage, freeRequests, freeOpen } = options
      const asked = {
        ...feeTiers === undefined ? {} : { feeTiers },
        ...openOrders === undefined ? {} : { openOrdersMax: openOrders },
        ...stopSlippage === undefined ? {} : { stopSlippageBp: stopSlippage },
        ...freeRequests === undefined ? {} : { freeRequestsPerDay: freeRequests },
        ...freeOpen === undefined ? {} : { freeOpenMax: freeOpen }
      }
      return feesSaid(await setLedgerParameters(context, asked))
    }))
}

type Summed = { readonly asset: string, readonly accounts: Readonly<Record<string, bigint>>, readonly sum: bigint }

const hasAnything = ({ accounts }: Summed): boolean => Object.values(accounts).some(amount => amount !== 0n)

/** Of all partitions together. */
async function ofReplicas (context: Context): Promise<Said> {
  const rows = await withLedger(context, accounts =>
    Promise.resolve(ledgerPartitions.flatMap(partition => conservation(accounts.state(partition)))))
  const sums = new Map<string, Summed>()
  for (const { asset, accounts, sum } of rows) {
    const before = sums.get(asset)
    const together = Object.entries(accounts).map(([name, amount]): [string, bigint] =>
      [name, amount + (before?.accounts[name] ?? 0n)])
    sums.set(asset, { asset, accounts: Object.fromEntries(together), sum: sum + (before?.sum ?? 0n) })
  }
  const all = [...sums.values()]
  const isKept = all.every(({ sum }) => sum === 0n)
  const lines = all.filter(hasAnything).map(({ asset, accounts, sum }) =>
    `${asset}: ${Object.entries(accounts).map(([name, amount]) => `${name} ${amount}`).join(', ')}; sum ${sum}`)
  return { text: [...lines, isKept ? 'Every sum is zero.' : 'NOT CONSERVED.'].join('\n'), json: { isKept, assets: all }, failed: !isKept }
}

async function ofClickHouse ({ config }: Context): Promise<Said> {
  const clickhouse = connectClickHouse(config.clickhouse)
  try {
    const found = await ledgerAudit(clickhouse).conservation()
    const lines = found.assets.map(({ asset, total, inTransit, unbalanced }) =>
      `${asset}: sum ${total}, in transit ${inTransit}, ${unbalanced} entries out of balance`)
    const verdict = found.isKept ? 'Every sum is zero.' : `NOT CONSERVED. ${found.unconverted.join(', ')}`
    return { text: [...lines, verdict].join('\n'), json: found, failed: !found.isKept }
  } finally {
    await clickhouse.close()
  }
}

export function systemCommands (program: Command, run: Run): void {
  program.command('conservation').description('What all accounts come to, asset by asset: nothing, or something was made or lost.')
    .addOption(new Option('--from <source>', 'where it is summed up').choices(['replica', 'clickhouse']).default('replica'))
    .action(({ from }: { from: string }) => run.with(context => from === 'replica' ? ofReplicas(context) : ofClickHouse(context)))
  program.command('activate-version')
    .description('Switches a market of an earlier release to this one\'s behaviour. First see that all its processes are of this release.')
    .action(() => run.with(async context => {
      await provide(context, { activates: true })
      const versions = Object.fromEntries(stages.map(({ name, version }) => [name, version]))
      return { text: Object.entries(versions).map(([name, version]) => `${name}: version ${version}`).join('\n'), json: versions }
    }))
  program.command('skip-record').description('Marks a record that a stage can not get past, so that it is passed over; for ever.')
    .argument('<topic>', 'its name on the broker, such as orders-1')
    .argument('<partition>', 'a number', whole)
    .argument('<offset>', 'a number', whole)
    .requiredOption('--why <text>', 'kept with the mark')
    .action((topic: string, partition: number, offset: number, { why }: { why: string }) => run.with(async context => {
      await skipRecord(context, { topic, partition, offset, why })
      const text = `Marked. The stage passes over ${topic}/${partition} offset ${offset} from its next start on, and writes it to the dead letters.`
      return { text, json: { topic, partition, offset, why } }
    }))
}

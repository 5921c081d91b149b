// Everything that must hold of a market once it stands still: of its log, of its gateways and of ClickHouse.

import { audit } from '../../../analytics/audit.ts'
import { connectClickHouse } from '../../../analytics/client.ts'
import { ledger } from '../../../pipelines/ledger/stage.ts'
import { matching } from '../../../pipelines/matching/stage.ts'
import type { Context } from '../../../pipelines/process/context.ts'
import type { Fill, MatchingOutput } from '../../../schemas/matching/records.ts'
import type { GatewayClient, Trader } from '../../support/trader.ts'
import { conservationFaults, gatewayFaults, storedFaults } from './balances.ts'
import type { Told } from './desk.ts'
import { LogReplay } from './log-replay.ts'
import { toldFaults, trailFaults } from './order-judge.ts'
import { OrderTrails } from './order-trail.ts'
import { allStored, standstill } from './standstill.ts'

export type Judged = {
  readonly context: Context
  readonly gateways: readonly GatewayClient[]
  readonly traders: readonly Trader[]
  /** All that clients were told. */
  readonly told: readonly Told[]
  readonly say: (line: string) => void
}

export type Verdict = {
  /** In the log: orders that were handed to matching, and fills. */
  readonly orders: number
  readonly fills: number
  readonly records: number
  readonly judgedSeconds: number
  readonly faults: readonly string[]
}

/** Call it once nobody waits for an answer any more. */
export async function judge ({ context, gateways, traders, told, say }: Judged): Promise<Verdict> {
  const began = performance.now()
  const replay = new LogReplay(context)
  const until = await standstill(context)
  const trails = new OrderTrails()
  const fills: Fill[] = []
  const ofLedger = await replay.stage(ledger(), until.ledger, output => { trails.hear(output) })
  const ofMatching = await replay.stage(matching(), until.matching, (output: MatchingOutput) => {
    if (output.kind === 'fill') fills.push(output)
  })
  const records = ofLedger.records + ofMatching.records
  say(`${records} records replayed`)
  const ledgers = ofLedger.states
  const orders = { trails, ledgers, books: ofMatching.states }
  const asked = { ledgers, traders }
  const clickHouse = connectClickHouse(context.config.clickhouse)
  try {
    const faults = [
      ...trailFaults(orders),
      ...toldFaults(orders, told),
      ...conservationFaults(ledgers),
      ...await gatewayFaults(asked, gateways),
      ...await replay.differences(),
      ...await allStored(context).then(() => storedFaults(asked, clickHouse)),
      ...await fillFaults(fills, audit(clickHouse))
    ]
    const taken = [...trails.byId.values()].filter(({ placed }) => placed > 0).length
    return { orders: taken, fills: fills.length, records, judgedSeconds: (performance.now() - began) / 1000, faults }
  } finally {
    await clickHouse.close()
  }
}

/** Fills in ClickHouse are those that the log says, by count, numbers and sums. */
async function fillFaults (fills: readonly Fill[], stored: ReturnType<typeof audit>): Promise<string[]> {
  const faults: string[] = []
  for (const [instrumentId, own] of Map.groupBy(fills, fill => fill.instrumentId)) {
    const notional = own.reduce((sum, { price, quantity }) => sum + BigInt(price) * BigInt(quantity), 0n)
    const quantity = own.reduce((sum, each) => sum + BigInt(each.quantity), 0n)
    const sequenceSum = own.reduce((sum, { sequence }) => sum + BigInt(sequence), 0n)
    const due = { rows: own.length, sequenceSum, quantity, notional }
    const found = await stored.fills(instrumentId, { first: 1, last: own.length })
    const names = ['rows', 'sequenceSum', 'quantity', 'notional'] as const
    if (names.some(name => found[name] !== due[name])) faults.push(`ClickHouse has ${inWords(found)} of ${instrumentId}, and the log ${inWords(due)}`)
  }
  return faults
}

const inWords = ({ rows, quantity, notional }: { rows: number, quantity: bigint, notional: bigint }): string =>
  `${rows} fills, ${quantity} units, ${notional} microdollars`

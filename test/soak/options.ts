// What `npm run soak` is told.

import { parseArgs } from 'node:util'

export const partNames = ['simulation', 'properties', 'benches', 'pipeline', 'orders', 'usage', 'lot-expiry', 'inference'] as const
export type PartName = typeof partNames[number]

export type Options = {
  readonly parts: readonly PartName[]
  readonly seeds: number
  readonly limit: number | undefined
  readonly orders: number
  readonly accounts: number
  readonly kills: number
  readonly lots: number
  readonly requests: number
  readonly seed: number
}

export const usage = `Long runs of what the tests show in short.

  npm run soak -- [OPTIONS]

  --only NAME   only one of: ${partNames.join(', ')}
  --seeds N     so many histories and sequences of commands, and N / 50 of each harm (default 10000)
  --limit N     only the first N messages of the recorded flow, or requests of the recorded trace
  --orders N    so many commands of accounts: places, cancels, changes (default 200000)
  --accounts N  from so many accounts (default 1000)
  --kills N     so many kills of matching, and as many of the sinks; among orders, so many of the ledger, of matching and
                of the gateways together; with usage, so many each of metering, the ledger and the sinks (default 20)
  --lots N      so many lots that are due at once (default 10000)
  --requests N  so many requests for inference at once (default 10000)
  --seed N      decides what happens when, what is asked for, and what the garbage is (default 1)
  --help

All but simulation, properties and benches have stacks of their own in temporary directories, which are kept, and named,
where something went wrong. The last line of the output is the outcome as one JSON object; the exit status is 0 when all is as it must be.`

/** Of one buyer. */
export const lotsEach = 10
/** There are tokens for so many of the requests for inference. */
export const affordable = 100

/** Something that whoever started it has to put right. */
export class UsageError extends Error {}

/** 'help' where that was asked for. Throws `UsageError`. */
export function readOptions (args: readonly string[]): Options | 'help' {
  const values = parse(args)
  if (values.help) return 'help'
  const only = partNames.find(name => name === values.only)
  if (values.only !== undefined && only === undefined) {
    throw new UsageError(`--only takes one of ${partNames.join(', ')}, not ${values.only}`)
  }
  return {
    parts: only === undefined ? partNames : [only],
    seeds: whole('--seeds', values.seeds, 1),
    limit: values.limit === undefined ? undefined : whole('--limit', values.limit, 1),
    orders: whole('--orders', values.orders, 1),
    accounts: whole('--accounts', values.accounts, 2),
    kills: whole('--kills', values.kills, 0),
    lots: whole('--lots', values.lots, lotsEach),
    requests: whole('--requests', values.requests, affordable),
    seed: whole('--seed', values.seed, 0)
  }
}

function parse (args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string' },
        seeds: { type: 'string', default: '10000' },
        limit: { type: 'string' },
        orders: { type: 'string', default: '200000' },
        accounts: { type: 'string', default: '1000' },
        kills: { type: 'string', default: '20' },
        lots: { type: 'string', default: '10000' },
        requests: { type: 'string', default: '10000' },
        seed: { type: 'string', default: '1' },
        help: { type: 'boolean', short: 'h', default: false }
      }
    }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function whole (name: string, text: string, least: number): number {
  const value = Number(text.replaceAll('_', ''))
  if (!Number.isSafeInteger(value) || value < least) {
    throw new UsageError(`${name} is a whole number from ${least} on, not ${text}`)
  }
  return value
}

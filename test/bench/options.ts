// What `npm run bench` is told.

import { parseArgs } from 'node:util'
import { benches } from './benches.ts'

export type Options = {
  readonly only: readonly string[]
  readonly isSmall: boolean
  readonly isJson: boolean
}

export const usage = `Measures the market beside something known, in the same run.

  npm run bench -- [OPTIONS]

  --only NAME   only this bench; may be given several times:
                ${benches.map(({ name }) => name).join(', ')}
  --small       little input: shows that everything works, and no figure worth keeping
  --json        a line a bench, as JSON, in place of the table
  --help

It runs on servers of your own where KAFKA_BROKERS, SCHEMA_REGISTRY_URL and CLICKHOUSE_URL are set, else on a stack of
its own in a directory that goes with it. What is measured, and what is not: test/bench/BENCHMARKS.md. The exit status is
0 when every bench could be run, whether or not it reached its goal; 1 when one failed, 2 for wrong options. BENCH_PROFILE
names a directory for CPU profiles of the matching processes.`

export class UsageError extends Error {}

/** 'help' where that was asked for. Throws `UsageError`. */
export function readOptions (args: readonly string[]): Options | 'help' {
  const values = parse(args)
  if (values.help) return 'help'
  const { only, json: isJson } = values
  const unknown = only.find(name => !benches.some(bench => bench.name === name))
  if (unknown !== undefined) {
    throw new UsageError(`no bench is called ${unknown}; there are ${benches.map(({ name }) => name).join(', ')}`)
  }
  return { only, isSmall: values.small, isJson }
}

type Values = { only: string[], small: boolean, json: boolean, help: boolean }

function parse (args: readonly string[]): Values {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', multiple: true, default: [] },
        small: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false }
      }
    }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

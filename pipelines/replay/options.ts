// What `npm run replay` is told.

import { parseArgs } from 'node:util'
import { instrumentBySymbol, instruments, type Instrument } from '../../schemas/instruments.ts'
import { consumersDefault, consumersMax } from './usage-accounts.ts'
import { timeScaleDefault, timeScaleMax } from './usage-schedule.ts'
import { traceName, type TraceName } from './usage-trace.ts'

export type UsageChoice = { readonly trace: TraceName, readonly consumers: number, readonly timeScale: number }

export type Options = {
  readonly instrument: Instrument
  readonly limit: number | undefined
  readonly rate: number | undefined
  readonly file: string | undefined
  /** The prefix of a replay that was kept or killed, to go on with. */
  readonly resume: string | undefined
  /** By way of the ledger, as orders of accounts made for it. */
  readonly throughAccounts: boolean
  /** Requests instead of orders. */
  readonly usage: UsageChoice | undefined
  readonly keeps: boolean
  readonly isJson: boolean
}

export const usage = `Sends a recorded order flow, or recorded requests, through the pipeline and checks everything it comes to.

  npm run replay -- [OPTIONS]

  --limit N            only the first N messages, or requests
  --rate N             N messages a second (default: as fast as it goes)
  --instrument SYMBOL  on which instrument (default text-prime)
  --file FILE.csv      a flow of your own instead of the recorded one, plain or gzipped;
                       its form is described in pipelines/replay/README.md
  --accounts           through accounts: each order is held for by the ledger, and every balance checked;
                       the recorded flow only
  --usage TRACE        instead of orders the recorded requests of a trace, ${traceName.join(', ')}: through lots
                       bought on the live book, authorised, metered and captured, with every token checked
  --consumers N        whose requests these are (with --usage; default ${consumersDefault})
  --time-scale N       so many times as long as recorded from one request to the next, in simulated time
                       (with --usage; default ${timeScaleDefault}: an hour becomes eight, lots expire, sweeps pass)
  --json               the last line of the output is the outcome as one JSON object
  --keep               keeps the topics and the database, and says how they are called
  --resume PREFIX      goes on with a replay that was kept or killed, with the same flow
  --help

It runs on servers of your own where KAFKA_BROKERS, SCHEMA_REGISTRY_URL and CLICKHOUSE_URL are set, else on a local
stack of its own in .data/replay. Topics and database are its own as well, and deleted afterwards. The exit status is 0
when everything is as it must be, 1 when something differs or failed, 2 for options or a file that can't be read.`

/** Something that whoever started it has to put right: said without a stack trace, with exit status 2. */
export class UsageError extends Error {}

/** 'help' where that was asked for. Throws `UsageError`. */
export function readOptions (args: readonly string[]): Options | 'help' {
  const values = parse(args)
  if (values.help) return 'help'
  const instrument = instrumentBySymbol(values.instrument)
  if (instrument === undefined) {
    throw new UsageError(`no instrument is called ${values.instrument}; there are ${instruments.map(({ instrumentId }) => instrumentId).join(', ')}`)
  }
  if (values.resume !== undefined && !/^replay-[a-z0-9]+\.?$/.test(values.resume)) {
    throw new UsageError(`--resume takes a prefix such as replay-k3x9q2., not ${values.resume}`)
  }
  if (values.accounts && (values.file !== undefined || values.rate !== undefined)) {
    throw new UsageError('--accounts plays the recorded flow as fast as it goes: without --file and --rate')
  }
  return {
    instrument,
    limit: atLeastOne('--limit', values.limit),
    rate: atLeastOne('--rate', values.rate),
    file: values.file,
    resume: values.resume?.replace(/\.?$/, '.'),
    throughAccounts: values.accounts,
    usage: usageOf(values),
    keeps: values.keep,
    isJson: values.json
  }
}

type Values = ReturnType<typeof parse>

function usageOf (values: Values): Options['usage'] {
  const consumers = atLeastOne('--consumers', values.consumers, consumersMax)
  const timeScale = atLeastOne('--time-scale', values['time-scale'], timeScaleMax)
  if (values.usage === undefined) {
    if (consumers === undefined && timeScale === undefined) return undefined
    throw new UsageError('--consumers and --time-scale are of --usage')
  }
  const trace = traceName.find(name => name === values.usage)
  if (trace === undefined) throw new UsageError(`--usage takes one of ${traceName.join(', ')}, not ${values.usage}`)
  if (values.accounts || [values.file, values.rate, values.resume].some(value => value !== undefined)) {
    throw new UsageError('--usage plays a trace from its beginning: without --accounts, --file, --rate and --resume')
  }
  return { trace, consumers: consumers ?? consumersDefault, timeScale: timeScale ?? timeScaleDefault }
}

function parse (args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        limit: { type: 'string' },
        rate: { type: 'string' },
        instrument: { type: 'string', default: 'text-prime' },
        file: { type: 'string' },
        resume: { type: 'string' },
        accounts: { type: 'boolean', default: false },
        usage: { type: 'string' },
        consumers: { type: 'string' },
        'time-scale': { type: 'string' },
        json: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false }
      }
    }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function atLeastOne (name: string, text: string | undefined, most = Number.MAX_SAFE_INTEGER): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text.replaceAll('_', ''))
  if (!Number.isSafeInteger(value) || value < 1 || value > most) {
    throw new UsageError(`${name} is a whole number from 1 ${most < Number.MAX_SAFE_INTEGER ? `to ${most}` : 'on'}, not ${text}`)
  }
  return value
}

import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { knownInstruments, type Instrument, type TradingParameters } from '../../schemas/instruments.ts'
import type { TradingStatus } from '../../schemas/matching/records.ts'
import type { BasisPoints, Microdollars, Units } from '../../schemas/units.ts'
import { learnInstruments } from '../instrument-mirror.ts'
import { amount, inDollars, points, quantity, whole } from './arguments.ts'
import { exampleFile, readInstrument } from './instrument-file.ts'
import { addInstrument, changeParameters, instrumentNamed, setTradingStatus } from './instruments.ts'
import type { Run, Said } from './run.ts'

const symbolHelp = 'its symbol, such as text-prime'

const line = ({ index, instrumentId, listing, trading }: Instrument): string =>
  `${String(index).padStart(2)}  ${instrumentId.padEnd(22)} ${listing.padEnd(8)} tick $${inDollars(trading.tickSize)}, ` +
  `${trading.quantityMin} to ${trading.quantityMax} units, band ${trading.bandBp} bp, pause ${trading.pauseMs / 1000} s, ` +
  `listed at $${inDollars(trading.referencePrice)}`

const told = (instrument: Instrument): Said => ({ text: line(instrument), json: instrument })

function statusCommand (program: Command, run: Run, { name, what, status }: {
  readonly name: string
  readonly what: string
  readonly status: TradingStatus
}): void {
  program.command(name).description(what).argument('<instrument>', symbolHelp)
    .action((symbol: string) => run.with(async context => {
      const instrument = await instrumentNamed(context, symbol)
      const { status: now, at } = await setTradingStatus(context, instrument, status)
      const { instrumentId } = instrument
      return { text: `${instrumentId} is ${now} as of ${new Date(at).toISOString()}`, json: { instrumentId, status: now, at } }
    }))
}

type ParameterOptions = {
  readonly tick?: Microdollars
  readonly band?: BasisPoints
  readonly pause?: number
  readonly min?: Units
  readonly max?: Units
  readonly reference?: Microdollars
}

function asParameters ({ tick, band, pause, min, max, reference }: ParameterOptions): Partial<TradingParameters> {
  return {
    ...tick === undefined ? {} : { tickSize: tick },
    ...band === undefined ? {} : { bandBp: band },
    ...pause === undefined ? {} : { pauseMs: pause },
    ...min === undefined ? {} : { quantityMin: min },
    ...max === undefined ? {} : { quantityMax: max },
    ...reference === undefined ? {} : { referencePrice: reference }
  }
}

export function instrumentCommands (program: Command, run: Run): void {
  statusCommand(program, run, { name: 'halt', what: 'Halts an instrument: only cancels are taken.', status: 'halted' })
  statusCommand(program, run, { name: 'open', what: 'Opens a halted instrument.', status: 'open' })
  program.command('parameters').description('How an instrument trades; what is not said stays as it is.')
    .argument('<instrument>', symbolHelp)
    .option('--tick <dollars>', 'all prices are multiples of it; in a halt only, and orders off it are cancelled', amount)
    .option('--band <bp>', 'how far from the reference a price may lie; 0: no bands', points)
    .option('--pause <ms>', 'how long a trade at the band pauses it', whole)
    .option('--min <units>', 'of an order', quantity)
    .option('--max <units>', 'of an order', quantity)
    .option('--reference <dollars>', 'what bands are measured from until it has traded', amount)
    .action((symbol: string, options: ParameterOptions) => run.with(async context => {
      const instrument = await instrumentNamed(context, symbol)
      const asked = asParameters(options)
      return told(Object.keys(asked).length === 0 ? instrument : await changeParameters(context, instrument, asked))
    }))
  const instrument = program.command('instrument').description('What is traded here.')
  instrument.command('list').description('All instruments, by their index.')
    .action(() => run.with(async context => {
      await learnInstruments(context)
      const all = knownInstruments()
      return { text: all.map(line).join('\n'), json: all }
    }))
  instrument.command('example').description('Shows a file that `instrument add` takes.')
    .action(() => { console.log(JSON.stringify(exampleFile, null, 2)) })
  instrument.command('add').description('Adds an instrument to the running market.')
    .argument('<file>', 'JSON; `instrument example` shows one')
    .action((file: string) => run.with(async context =>
      told(await addInstrument(context, readInstrument(await readFile(file, 'utf8'))))))
}

import { InvalidArgumentError, Option, type Command } from 'commander'
import {
  standing as standings, weightDefault, weightMax, type Standing, type SupplierEndpoint
} from '../../schemas/suppliers/records.ts'
import type { Microdollars } from '../../schemas/units.ts'
import type { SupplierDirectory } from '../suppliers/directory.ts'
import { amount, inDollars, whole } from './arguments.ts'
import { instrumentNamed } from './instruments.ts'
import { readDirectory, userNamed } from './market.ts'
import type { Run } from './run.ts'
import { manageEndpoint, readSuppliers, removeEndpoint, standSupplier } from './suppliers.ts'
import { userHelp } from './user-commands.ts'

function weight (text: string): number {
  const read = whole(text)
  if (read > weightMax) throw new InvalidArgumentError(`A whole number from 0 to ${weightMax}.`)
  return read
}

const place = ({ endpointId, supplier, instrumentId, url }: SupplierEndpoint): string =>
  `${endpointId}  of ${supplier}  ${instrumentId}  ${url}`

function line (directory: SupplierDirectory, endpoint: SupplierEndpoint): string {
  const { supplier, instrumentId, isActive, managedPrice } = endpoint
  const judged = directory.standing(supplier, instrumentId)
  const managed = managedPrice === null ? '' : `  managed at $${inDollars(managedPrice)} a unit`
  const active = isActive ? '' : '  INACTIVE'
  return `${place(endpoint)}  ${judged?.standing ?? 'unrated'} ${judged?.weight ?? weightDefault}${managed}${active}`
}

type StandOptions = { readonly standing: Standing, readonly weight?: number }
type ManagedOptions = { readonly price?: Microdollars, readonly off: boolean }

export function supplierCommands (program: Command, run: Run): void {
  const suppliers = program.command('suppliers').description('Who serves requests, where, and how much of them.')
  suppliers.command('list').description('All endpoints, with the standing and the weight of their suppliers.')
    .action(() => run.with(async context => {
      const directory = await readSuppliers(context)
      const endpoints = directory.endpoints()
      const text = endpoints.map(endpoint => line(directory, endpoint)).join('\n') || 'nobody serves anything'
      return { text, json: { endpoints, standings: directory.standings() } }
    }))
  suppliers.command('stand').description('What is thought of a supplier in an instrument, and its share of the requests.')
    .argument('<holder>', userHelp)
    .argument('<instrument>', 'its symbol, such as text-prime')
    .addOption(new Option('--standing <standing>', 'on probation it has a tenth of its weight, suspended nothing')
      .choices(standings).makeOptionMandatory())
    .option('--weight <number>', `its share beside the others', 0 to ${weightMax} (default: as it is, or ${weightDefault})`, weight)
    .action((name: string, symbol: string, { standing, weight }: StandOptions) => run.with(async context => {
      const { instrumentId } = await instrumentNamed(context, symbol)
      const user = userNamed(await readDirectory(context), name)
      const judged = await standSupplier(context, user, { instrumentId, standing, weight: weight ?? null })
      return { text: `${judged.supplier} in ${instrumentId}: ${judged.standing}, weight ${judged.weight}`, json: judged }
    }))
  suppliers.command('managed').description('Makes an endpoint the fallback where nothing can be bought, or ends that.')
    .argument('<endpoint>', 'endpoint_…')
    .addOption(new Option('--price <dollars>', 'what a unit of it costs, token by token').argParser(amount).conflicts('off'))
    .option('--off', 'it serves like any other', false)
    .action((id: string, { price, off }: ManagedOptions) => run.with(async context => {
      if (price === undefined && !off) throw new InvalidArgumentError('Say --price or --off.')
      const endpoint = await manageEndpoint(context, id, price ?? null)
      return { text: line(await readSuppliers(context), endpoint), json: endpoint }
    }))
  suppliers.command('remove').description('Takes an endpoint away; its supplier can register it again.')
    .argument('<endpoint>', 'endpoint_…')
    .action((id: string) => run.with(async context => {
      const removed = await removeEndpoint(context, id)
      return { text: `removed: ${place(removed)}`, json: removed }
    }))
}

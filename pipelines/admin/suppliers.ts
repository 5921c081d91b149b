// What an operator says of suppliers: their standing in an instrument, which endpoint is the house's fallback.

import { isDeepStrictEqual } from 'node:util'
import {
  supplyKey, weightDefault, type Standing, type Supply, type SupplierEndpoint, type SupplierStanding
} from '../../schemas/suppliers/records.ts'
import type { User } from '../../schemas/identity/records.ts'
import { topics } from '../../schemas/topics.ts'
import { instant, type InstrumentId, type Microdollars } from '../../schemas/units.ts'
import type { Context } from '../process/context.ts'
import { readMirror } from '../process/mirror.ts'
import { SupplierDirectory } from '../suppliers/directory.ts'
import { NotDone } from './stage-client.ts'

/** Who serves what, as of now. */
export async function readSuppliers (context: Context): Promise<SupplierDirectory> {
  const directory = new SupplierDirectory()
  await readMirror(context, topics.suppliers, (key, value) => directory.apply(key, value as Supply | null))
  return directory
}

async function writeSupply ({ log, binder, topic }: Context, key: string, supply: Supply | null): Promise<void> {
  const value = supply === null ? null : binder.current.encode(supply)
  const place = { topic: topic(topics.suppliers.name), partition: 0, headers: {}, timestamp: instant(Date.now()) }
  await log.send([{ ...place, key, value }])
}

export type Judgement = {
  readonly instrumentId: InstrumentId
  readonly standing: Standing
  /** Null: as it is. */
  readonly weight: number | null
}

export async function standSupplier (
  context: Context, { userId, roles, name }: User, { instrumentId, standing, weight }: Judgement
): Promise<SupplierStanding> {
  if (!roles.includes('supplier')) throw new NotDone(`${name} is no supplier.`)
  const before = (await readSuppliers(context)).standing(userId, instrumentId)
  const judged: SupplierStanding = {
    kind: 'supplier-standing',
    supplier: userId,
    instrumentId,
    standing,
    weight: weight ?? before?.weight ?? weightDefault,
    updatedAt: instant(Date.now())
  }
  await writeSupply(context, supplyKey(judged), judged)
  return judged
}

async function endpointNamed (context: Context, id: string): Promise<SupplierEndpoint> {
  const endpoint = (await readSuppliers(context)).endpoint(id)
  if (endpoint === undefined) throw new NotDone(`There is no endpoint ${id}; \`suppliers list\` shows them.`)
  return endpoint
}

/** What tokens of its cost where nothing could be bought; null: it serves like any other. */
export async function manageEndpoint (
  context: Context, id: string, managedPrice: Microdollars | null
): Promise<SupplierEndpoint> {
  const before = await endpointNamed(context, id)
  const managed: SupplierEndpoint = { ...before, managedPrice, updatedAt: instant(Date.now()) }
  if (isDeepStrictEqual(managed, { ...before, updatedAt: managed.updatedAt })) return before
  await writeSupply(context, supplyKey(managed), managed)
  return managed
}

export async function removeEndpoint (context: Context, id: string): Promise<SupplierEndpoint> {
  const endpoint = await endpointNamed(context, id)
  await writeSupply(context, supplyKey(endpoint), null)
  return endpoint
}

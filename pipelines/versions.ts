// Which behaviour is switched on in a stage's log, and switching on this release's.
//
// Partition 0 of a topic is always written last, so that what holds of it holds of all.

import { Registry } from 'prom-client'
import type { AcceptedSchema } from '../schemas/codec.ts'
import { topicOf } from '../schemas/topics.ts'
import type { Instant } from '../schemas/units.ts'
import type { Context } from './process/context.ts'
import { runStage } from './process/run-stage.ts'
import { activateVersionHeader, writeActivateVersion } from './runtime/control.ts'
import type { Outgoing } from './runtime/log.ts'
import type { AnyStage } from './topology.ts'

/** Version 0: nothing was ever switched on. */
export type Listing = { readonly version: number, readonly schemas: readonly AcceptedSchema[] }

/** What is on in a partition at its end, as a replica of the stage finds it. */
export async function listingOf (context: Context, stage: AnyStage, partition: number): Promise<Listing> {
  // Measured apart: a process may run the stage itself.
  const host = runStage({ ...context, metrics: new Registry() }, stage, { leads: false, partitions: [partition] })
  try {
    await host.warm()
    return host.machine(partition)?.frame().listing ?? { version: 0, schemas: [] }
  } finally {
    await host.close()
  }
}

/** Whether all that this release writes is taken, and its behaviour is on. */
export const isCurrent = (
  { version, schemas }: Listing, stage: AnyStage, ours: readonly AcceptedSchema[]
): boolean =>
  version === stage.version && ours.every(({ id }) => schemas.some(schema => schema.id === id))

export type Place = { readonly topic: string, readonly partition: number, readonly at: Instant }

/** The record that switches on this release's behaviour. What was taken before still is: some of it is on its way. */
export function activation ({ binder }: Context, stage: AnyStage, { at, ...place }: Place, before: Listing): Outgoing {
  const ours = binder.listing
  const schemas = [...before.schemas.filter(({ id }) => ours.every(schema => schema.id !== id)), ...ours]
  const id = ours.find(({ name }) => name.endsWith('.ActivateVersion'))?.id ?? 0
  const value = writeActivateVersion({ kind: 'activate-version', version: stage.version, schemas }, id)
  return { ...place, key: null, value, headers: { control: activateVersionHeader }, timestamp: at }
}

/** Sends all that is not for partition 0, and then what is. */
export async function sendZeroLast ({ log }: Context, records: readonly Outgoing[]): Promise<void> {
  await log.send(records.filter(({ partition }) => partition !== 0))
  await log.send(records.filter(({ partition }) => partition === 0))
}

/** Switches this release's behaviour on in every partition of the topic that the stage reads. */
export async function activate (context: Context, stage: AnyStage, before: Listing): Promise<void> {
  const topic = context.topic(stage.reads)
  const at = Date.now() as Instant
  const { partitions } = topicOf(stage.reads)
  await sendZeroLast(context, Array.from({ length: partitions }, (_, partition) =>
    activation(context, stage, { topic, partition, at }, before)))
}

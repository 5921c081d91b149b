// Makes a market where there is none: topics, schemas, the first version, the instruments. Running it again, or twice
// at once, changes nothing: topics are compared, schemas have one id a text, and stages take a repeated listing for
// what it is.

import { randomUUID } from 'node:crypto'
import { instruments, setParameters } from '../schemas/instruments.ts'
import type { SetParameters } from '../schemas/matching/records.ts'
import { topics } from '../schemas/topics.ts'
import type { Instant } from '../schemas/units.ts'
import type { Context } from './process/context.ts'
import { validityMsMax, writeCommandTag } from './runtime/command.ts'
import { activateVersionHeader, writeActivateVersion } from './runtime/control.ts'
import { provideTopics } from './runtime/kafka/topics.ts'
import type { Outgoing } from './runtime/log.ts'

export type ProvideOptions = {
  /** Topics with the sender's time and no retention, for replays and tests. */
  readonly isSimulated?: boolean
  /** By partition; the whole table of instruments where nothing is said. */
  readonly listings?: ReadonlyMap<number, SetParameters>
  /** Stage time of the first records, on topics of simulated time. */
  readonly at?: Instant
}

export async function provide (context: Context, options: ProvideOptions = {}): Promise<void> {
  const { kafka, config, log } = context
  await provideTopics(kafka, {
    prefix: config.topicPrefix,
    replicationFactor: config.kafka.replicationFactor,
    isSimulated: options.isSimulated ?? false
  })
  const topic = context.topic(topics.orders.name)
  const at = options.at ?? Date.now() as Instant
  const listings = options.listings ?? published()
  const first: Outgoing[] = []
  for (let partition = 0; partition < topics.orders.partitions; partition++) {
    if ((await log.extent(topic, partition)).end > 0) continue
    first.push(...opening(context, { topic, partition, at }, listings.get(partition)))
  }
  await log.send(first)
}

/** Instruments that are open to orders; a preview is only shown. */
function published (): ReadonlyMap<number, SetParameters> {
  const open = instruments.filter(({ listing }) => listing !== 'preview')
  return new Map(open.map(instrument => [instrument.index, setParameters(instrument)]))
}

type Opening = { readonly topic: string, readonly partition: number, readonly at: Instant }

function opening ({ binder }: Context, { topic, partition, at }: Opening, listing?: SetParameters): Outgoing[] {
  const id = binder.listing.find(({ name }) => name.endsWith('.ActivateVersion'))?.id ?? 0
  const activation = writeActivateVersion({ kind: 'activate-version', version: 1, schemas: binder.listing }, id)
  const clock = binder.current.encode({ kind: 'clock', sentAt: at, sender: 'provide' } as never)
  const place = { topic, partition, key: null, timestamp: at }
  const records: Outgoing[] = [
    { ...place, value: activation, headers: { control: activateVersionHeader } },
    { ...place, value: clock, headers: {} }
  ]
  if (listing !== undefined) {
    const tag = `list-${listing.instrumentId}-${randomUUID()}`
    const command = writeCommandTag({ id: tag, validUntil: at + validityMsMax / 2 as Instant })
    records.push({ ...place, key: listing.instrumentId, value: binder.current.encode(listing), headers: { command } })
  }
  return records
}

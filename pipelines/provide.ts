// Makes a market where there is none: topics, schemas, the behaviour of this release, the instruments. Running it
// again, or twice at once, changes nothing: topics are compared, schemas have one id a text, and stages take a repeated
// listing for what it is.
//
// A market of an earlier release goes on as it is until it is switched: processes that know less would stop. Matching
// is switched, and only then the ledger opened: an order that it held for must find a partition that takes it. So is
// metering opened last, which tells the ledger what to bill.

import { randomUUID } from 'node:crypto'
import { instruments, listedInstrument, setParameters } from '../schemas/instruments.ts'
import { ledgerParameters, type ListInstrument, type SetLedgerParameters } from '../schemas/ledger/commands.ts'
import type { SetParameters } from '../schemas/matching/records.ts'
import { topicOf, topics } from '../schemas/topics.ts'
import type { Instant } from '../schemas/units.ts'
import { ledger } from './ledger/stage.ts'
import { matching } from './matching/stage.ts'
import { metering } from './metering/stage.ts'
import type { Context } from './process/context.ts'
import { readMirror } from './process/mirror.ts'
import { validityMsMax, writeCommandTag } from './runtime/command.ts'
import { provideTopics } from './runtime/kafka/topics.ts'
import type { Outgoing } from './runtime/log.ts'
import { readStretch } from './runtime/read.ts'
import type { Named } from './runtime/stage.ts'
import type { AnyStage } from './topology.ts'
import { activate, activation, isCurrent, listingOf, sendZeroLast, type Listing, type Place } from './versions.ts'

export type ProvideOptions = {
  /** Topics with the sender's time and no retention, for replays and tests. */
  readonly isSimulated?: boolean
  /** By partition; the whole table of instruments where nothing is said. */
  readonly listings?: ReadonlyMap<number, SetParameters>
  /** Stage time of the first records, on topics of simulated time. */
  readonly at?: Instant
  /** Switches a market of an earlier release. All its processes have to be of this one. */
  readonly activates?: boolean
}

/** Stages in whose logs the behaviour of an earlier release is on. */
export type Provided = { readonly outdated: readonly string[] }

const nothing: Listing = { version: 0, schemas: [] }

export async function provide (context: Context, options: ProvideOptions = {}): Promise<Provided> {
  const { kafka, config } = context
  await provideTopics(kafka, {
    prefix: config.topicPrefix,
    replicationFactor: config.kafka.replicationFactor,
    isSimulated: options.isSimulated ?? false
  })
  return await openMarket(context, options)
}

/** The same, but for the topics. */
export async function openMarket (context: Context, options: Omit<ProvideOptions, 'isSimulated'> = {}): Promise<Provided> {
  const { at = Date.now() as Instant, listings = published(), activates = false } = options
  await provideInstruments(context, at)
  const accounts = [...listings].map(listInstrument).map(keyed)
  const openings: ReadonlyArray<readonly [AnyStage, Opening['first']]> = [
    [matching(), partition => [listings.get(partition) ?? []].flat().map(keyed)],
    [ledger(), () => [...accounts, { key: null, command: parameters }]],
    [metering(), () => []]
  ]
  for (const [stage, first] of openings) {
    const provided = await provideStage(context, stage, { at, activates, first })
    if (provided === 'outdated') return { outdated: [stage.name] }
  }
  return { outdated: [] }
}

/** Instruments that are open to orders; a preview is only shown. */
function published (): ReadonlyMap<number, SetParameters> {
  const open = instruments.filter(({ listing }) => listing !== 'preview')
  return new Map(open.map(instrument => [instrument.index, setParameters(instrument)]))
}

const listInstrument = ([index, { instrumentId, referencePrice }]: [number, SetParameters]): ListInstrument =>
  ({ kind: 'list-instrument', instrumentId, index, referencePrice })

const parameters: SetLedgerParameters = { kind: 'set-ledger-parameters', ...ledgerParameters }

/** A command that a partition begins with. */
type Keyed = { readonly key: string | null, readonly command: Named }

const keyed = (command: SetParameters | ListInstrument): Keyed => ({ key: command.instrumentId, command })

type Opening = {
  readonly at: Instant
  readonly activates: boolean
  readonly first: (partition: number) => readonly Keyed[]
}

async function provideStage (
  context: Context, stage: AnyStage, { at, activates, first }: Opening
): Promise<'current' | 'outdated'> {
  const topic = context.topic(stage.reads)
  const { missing, listing } = await unopened(context, stage)
  await sendZeroLast(context, missing.flatMap(partition =>
    open(context, stage, { topic, partition, at }, first(partition))))
  if (listing === nothing || isCurrent(listing, stage, context.binder.listing)) return 'current'
  if (!activates) return 'outdated'
  await activate(context, stage, listing)
  return 'current'
}

/** Partitions that have nothing switched on, and what is on in the others; `nothing` where there are no others. */
async function unopened (context: Context, stage: AnyStage): Promise<{ missing: number[], listing: Listing }> {
  const { log } = context
  const topic = context.topic(stage.reads)
  const all = Array.from({ length: topicOf(stage.reads).partitions }, (_, partition) => partition)
  const ends = await Promise.all(all.map(async partition => (await log.extent(topic, partition)).end))
  const empty = all.filter(partition => ends[partition] === 0)
  if (empty.length === all.length) return { missing: all, listing: nothing }
  // Opened last, so that once it is open all are.
  const listing = ends[0] === 0 ? nothing : await listingOf(context, stage, 0)
  if (listing.version > 0) return { missing: empty, listing }
  const areOpen = await Promise.all(all.map(partition => isOpen(context, topic, partition)))
  return { missing: all.filter(partition => !areOpen[partition]), listing: nothing }
}

/** Whether anything was ever switched on in a partition. Where time passed before that, there are clock records. */
async function isOpen ({ log }: Context, topic: string, partition: number): Promise<boolean> {
  const { start, end } = await log.extent(topic, partition)
  let isFound = start > 0 // What was trimmed had been opened.
  await readStretch(log, { topic, partition, from: start, until: end }, batch => {
    isFound ||= batch.some(({ headers }) => headers.control !== undefined)
  })
  return isFound
}

function open (context: Context, stage: AnyStage, place: Place, first: readonly Keyed[]): Outgoing[] {
  const { binder } = context
  const { topic, partition, at } = place
  const encode = (value: Named): Buffer => binder.current.encode(value)
  const clock = { kind: 'clock', sentAt: at, sender: 'provide' }
  const records = first.map(({ key, command }): Outgoing => {
    const tag = { id: `provide-${randomUUID()}`, validUntil: at + validityMsMax / 2 as Instant }
    return { topic, partition, key, value: encode(command), headers: { command: writeCommandTag(tag) }, timestamp: at }
  })
  return [
    activation(context, stage, place, nothing),
    { topic, partition, key: null, value: encode(clock), headers: {}, timestamp: at },
    ...records
  ]
}

/** What is published with the release and not in the mirror yet. */
async function provideInstruments (context: Context, at: Instant): Promise<void> {
  const { log, binder } = context
  const there = new Set<string>()
  await readMirror(context, topics.instruments, key => {
    there.add(key)
    return true
  })
  const missing = instruments.filter(({ instrumentId }) => !there.has(instrumentId))
  await log.send(missing.map(instrument => ({
    topic: context.topic(topics.instruments.name),
    partition: 0,
    key: instrument.instrumentId,
    value: binder.current.encode(listedInstrument(instrument)),
    headers: {},
    timestamp: at
  })))
}

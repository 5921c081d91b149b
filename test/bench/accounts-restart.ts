// How soon the ledger is there again with a million accounts: from kill -9 until it has restored them, has read all
// that there is and has joined its group. The accounts are made by the core and published as snapshots, as a leader
// would have. Beside it what any process has to do that restores them: read the snapshots, here with kafkajs alone.

import { join } from 'node:path'
import { ledger } from '../../pipelines/ledger/stage.ts'
import { runStage } from '../../pipelines/process/run-stage.ts'
import { sourceOf } from '../../pipelines/runtime/origin.ts'
import { SnapshotStore } from '../../pipelines/runtime/snapshot.ts'
import type { LedgerCommand } from '../../schemas/ledger/commands.ts'
import { topics } from '../../schemas/topics.ts'
import { holderId, microdollars, ownerId } from '../../schemas/units.ts'
import type { BenchOptions } from './bench.ts'
import { RawConsumer } from './raw.ts'
import { median, type BenchRow } from './row.ts'
import { inWorld, nodeArgs, type World } from './world.ts'

const goalSeconds = 5
const main = join(import.meta.dirname, '../../pipelines/main.ts')
const { partitions } = topics.ledger

export async function accountsRestart (options: BenchOptions): Promise<BenchRow[]> {
  const accounts = options.small ? 8000 : 1_000_000
  const kills = options.small ? 1 : 3
  const { ready, read, megabytes } = await inWorld(options, {}, async world => {
    const bytes = await publish(world, accounts)
    options.progress(`${accounts} accounts are in ${Math.round(bytes / 1_000_000)} MB of snapshots`)
    const { group } = world.context
    await world.supervisor.start({
      name: 'ledger', args: [...nodeArgs(), main, 'ledger'], roles: ['ledger'], groups: [group(ledger().name)]
    })
    const ready: number[] = []
    for (let kill = 0; kill < kills; kill++) ready.push(await world.supervisor.kill('ledger') / 1000)
    options.progress(`ready after ${ready.map(seconds => seconds.toFixed(2)).join(', ')} s`)
    return { ready, read: await readAlone(world), megabytes: Math.round(bytes / 1_000_000) }
  })
  const value = median(ready)
  return [{
    name: 'restart of the ledger with a million accounts',
    unit: 's',
    value: Number(value.toFixed(2)),
    beside: 'kafkajs reads the snapshots',
    besideValue: Number(read.toFixed(2)),
    ratio: Number((goalSeconds / value).toFixed(2)),
    goal: options.small ? null : 1,
    ok: options.small || value < goalSeconds,
    conditions: `ratio: ${goalSeconds} s / ours; ${accounts} accounts with money in ${partitions} partitions of one process, ` +
      `${megabytes} MB of snapshots; median of ${kills} kills, from kill -9 to joined with nothing left to read, the start of a process ` +
      'and the supervisor\'s wait included'
  }]
}

/** Opens the accounts in states that stand at the log's end, and publishes them. Returns how many bytes that took. */
async function publish ({ context }: World, accounts: number): Promise<number> {
  const stage = ledger()
  const topic = context.topic(stage.reads)
  const host = runStage(context, stage, { leads: false })
  await host.warm()
  let bytes = 0
  for (let partition = 0; partition < partitions; partition++) {
    const machine = host.machine(partition)!
    const position = { at: machine.now, partition, offset: machine.next - 1, version: machine.version, isLate: false }
    const apply = (command: LedgerCommand): void => { stage.apply(machine.state, command, position, () => {}) }
    for (let holder = partition + partitions; holder < accounts + partitions; holder += partitions) open(holder, apply)
    const snapshot = { frame: machine.frame(), state: stage.snapshot(machine.state), hash: machine.hash() }
    bytes += snapshot.state.length
    const place = { topic: context.topic(topics.snapshots.name), partition: partition % topics.snapshots.partitions }
    const store = new SnapshotStore(context.log, { ...place, source: sourceOf(stage.name, topic, partition), writer: 'bench' })
    await store.publish(snapshot, () => true)
  }
  await host.close()
  return bytes
}

function open (number: number, apply: (command: LedgerCommand) => void): void {
  const holder = holderId(number)
  apply({ kind: 'set-holder', holder, owner: ownerId(number), isIssuer: false, isSuspended: false })
  apply({ kind: 'deposit', holder, amount: microdollars(1_000_000_000), isGrant: false, reference: 'first' })
}

/** Everything in the topic of snapshots, without making anything of it. */
async function readAlone ({ context }: World): Promise<number> {
  const topic = context.topic(topics.snapshots.name)
  const ends = await Promise.all(Array.from({ length: topics.snapshots.partitions }, async (_, partition) =>
    (await context.log.extent(topic, partition)).end))
  const began = performance.now()
  const consumer = await RawConsumer.open(context.kafka, [topic])
  await consumer.until(ends.reduce((sum, end) => sum + end, 0))
  const seconds = (performance.now() - began) / 1000
  await consumer.close()
  return seconds
}

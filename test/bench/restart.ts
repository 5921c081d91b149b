// How soon matching is there again after a kill, with the whole flow in its log: from the kill until it has restored,
// has read all there is and has joined its group, as the supervisor of `npm start` sees it. Beside it the same state
// from the log alone, without snapshots.

import { matching } from '../../pipelines/matching/stage.ts'
import type { Flow } from '../../pipelines/replay/flow.ts'
import { partitionOf } from '../../pipelines/replay/replay.ts'
import { sendFlow } from '../../pipelines/replay/send-flow.ts'
import { runStage } from '../../pipelines/process/run-stage.ts'
import { topics } from '../../schemas/topics.ts'
import type { BenchOptions } from './bench.ts'
import { provideFor, recordedFlow } from './recorded.ts'
import { median, type BenchRow } from './row.ts'
import { inWorld, matcher, type World } from './world.ts'

const goalSeconds = 5
const heldBack = 100

export async function restart (options: BenchOptions): Promise<BenchRow[]> {
  const messages = options.small ? 100_000 : 1_996_097
  const kills = options.small ? 1 : 3
  const flow = recordedFlow(messages)
  const { ready, answered, fromZero } = await inWorld(options, provideFor(flow), async world => {
    await world.supervisor.start(matcher(world, 'matching'))
    await send(world, messages - heldBack)
    const ready: number[] = []
    for (let kill = 0; kill < kills; kill++) ready.push(await world.supervisor.kill('matching') / 1000)
    options.progress(`ready after ${ready.map(seconds => seconds.toFixed(2)).join(', ')} s`)
    // It goes on with what comes: the last messages were kept back for this.
    const began = performance.now()
    await send(world, messages)
    const answered = (performance.now() - began) / 1000
    const fromZero = await replayFromZero(world, flow)
    return { ready, answered, fromZero }
  })
  const value = median(ready)
  return [{
    name: 'restart of matching',
    unit: 's',
    value: Number(value.toFixed(2)),
    beside: 'replay from zero',
    besideValue: Number(fromZero.toFixed(2)),
    ratio: Number((goalSeconds / value).toFixed(2)),
    goal: options.small ? null : 1,
    ok: options.small || value < goalSeconds,
    conditions: `ratio: ${goalSeconds} s / ours; ${messages} messages matched and committed; median of ${kills} kills, ` +
      `from kill -9 to joined with nothing left to read, the start of a process and ${backoffs(kills)} included; ` +
      `${heldBack} more messages then answered and committed in ${answered.toFixed(2)} s; ` +
      'beside: in this process, without its start, one partition, no snapshots'
  }]
}

const backoffs = (kills: number): string =>
  `the supervisor's waits of ${Array.from({ length: kills }, (_, kill) => 100 * 2 ** kill).join(', ')} ms`

/** Up to so many messages of the flow, and until matching has committed them. */
async function send ({ context }: World, messages: number): Promise<void> {
  const { log, topic, group } = context
  const flow = recordedFlow(messages)
  const partition = partitionOf(flow)
  await sendFlow(context, { flow, partition })
  const orders = topic(topics.orders.name)
  const { end } = await log.extent(orders, partition)
  while ((await log.committed(group(matching().name), orders)).get(partition) !== end) await log.sleep(20)
}

async function replayFromZero ({ context }: World, flow: Flow): Promise<number> {
  const partition = partitionOf(flow)
  // Nobody writes there, so it is as if there had never been a snapshot.
  const topic = (name: string): string => context.topic(name === topics.snapshots.name ? topics.deadLetters.name : name)
  const began = performance.now()
  const host = runStage({ ...context, topic }, matching(), { leads: false, partitions: [partition] })
  await host.warm()
  const seconds = (performance.now() - began) / 1000
  const { end } = await context.log.extent(context.topic(topics.orders.name), partition)
  const next = host.machine(partition)?.next
  await host.close()
  if (next !== end) throw new Error(`the replay stands at ${next ?? 'nothing'}, not at ${end}`)
  return seconds
}

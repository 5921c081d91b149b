// A stage in this process: a replica of each partition, and a host that leads those it is given.

import { deadLetterPartition, topicOf, topics } from '../../schemas/topics.ts'
import type { Context } from './context.ts'
import { Host } from '../runtime/host.ts'
import { sourceOf } from '../runtime/origin.ts'
import { Replica, type Applied } from '../runtime/replica.ts'
import { readSkips } from '../runtime/skips.ts'
import { SnapshotStore } from '../runtime/snapshot.ts'
import type { Emit, Named, Stage } from '../runtime/stage.ts'
import { StageMetrics } from './stage-metrics.ts'

export type RunOptions = {
  /** False in a gateway: the stage is followed, never led. */
  readonly leads: boolean
  readonly partitions?: readonly number[]
  readonly snapshotEvery?: number
  /** Sees each output as the stage makes it, whether or not this process leads: for metrics. */
  readonly measure?: (output: Named) => void
}

type Witnessed<State, In extends Named, Out extends Named> = RunOptions & {
  /** Sees each record with what came of it, as soon as it is applied here: for who waits for an outcome. */
  readonly witness?: (applied: Applied<State, In, Out>) => void
}

/** How many records lie between two snapshots: a restart replays half of it in the mean, in a fraction of a second. */
export const snapshotEveryDefault = 50_000
/** Who never leads compares hashes at so manieth a snapshot: whoever waits for its answers waits meanwhile. */
const followersCompare = 10

function measured<State, In extends Named, Out extends Named> (
  stage: Stage<State, In, Out>, measure: (output: Out) => void
): Stage<State, In, Out> {
  let to: Emit<Out> | undefined
  const emit: Emit<Out> = (topic, partition, key, value) => {
    measure(value)
    to?.(topic, partition, key, value)
  }
  return {
    ...stage,
    apply (state, command, position, given) {
      to = given
      stage.apply(state, command, position, emit)
    }
  }
}

/** Where the snapshots of a partition of any stage lie. */
const snapshotPartition = (partition: number): number => partition % topics.snapshots.partitions

export function runStage<State, In extends Named, Out extends Named> (
  context: Context, bare: Stage<State, In, Out>, options: Witnessed<State, In, Out>
): Host<State, In, Out> {
  const stage = options.measure === undefined ? bare : measured(bare, options.measure)
  const { log, failed } = context
  const { leads, snapshotEvery = snapshotEveryDefault } = options
  const topic = context.topic(stage.reads)
  const metrics = new StageMetrics(context, stage.name)
  const every = Array.from({ length: topicOf(stage.reads).partitions }, (_, partition) => partition)
  const snapshotsTopic = context.topic(topics.snapshots.name)
  const replicas = (options.partitions ?? every).map(partition => {
    const snapshots = { topic: snapshotsTopic, partition: snapshotPartition(partition) }
    const source = sourceOf(stage.name, topic, partition)
    // The name of a process may hold what the key of a snapshot may not.
    const writer = context.clientId.replaceAll(/[^\w-]/g, '_')
    return new Replica<State, In, Out>({
      log,
      stage,
      topic,
      partition,
      binder: context.binder,
      snapshots: new SnapshotStore(log, { ...snapshots, source, writer }),
      readSkips: () => readSkips(log, snapshots, { topic, partition }),
      hashEvery: leads ? snapshotEvery : snapshotEvery * followersCompare,
      keepsTail: leads,
      brokerName: context.topic,
      deadLetters: (origin, from) => ({ topic: topics.deadLetters.name, partition: deadLetterPartition(origin, from) }),
      failed,
      observe: fate => { metrics.count(fate) },
      ...(options.witness === undefined ? {} : { witness: options.witness })
    })
  })
  const host = new Host<State, In, Out>({
    log,
    topic,
    group: context.group(stage.name),
    replicas,
    snapshots: { topic: snapshotsTopic, partitionOf: snapshotPartition },
    leads,
    report: (partition, event) => { metrics.report(partition, event) },
    failed
  })
  metrics.watch(replicas, () => host.partitionsLed)
  return host
}

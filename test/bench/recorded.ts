// The recorded flow as records, ready to be sent, and the records that matching must answer it with: found by the same
// machine in this process, before any clock runs.

import type { Context } from '../../pipelines/process/context.ts'
import { matching } from '../../pipelines/matching/stage.ts'
import type { ProvideOptions } from '../../pipelines/provide.ts'
import { flash1Flow } from '../../pipelines/replay/flash1-flow.ts'
import type { Flow } from '../../pipelines/replay/flow.ts'
import { readStretch } from '../../pipelines/runtime/read.ts'
import { partitionOf } from '../../pipelines/replay/replay.ts'
import { flowSource } from '../../pipelines/replay/send-flow.ts'
import type { LogRecord, Outgoing } from '../../pipelines/runtime/log.ts'
import { Machine, type Output } from '../../pipelines/runtime/machine.ts'
import { writeOrigin } from '../../pipelines/runtime/origin.ts'
import type { Named } from '../../pipelines/runtime/stage.ts'
import { topics } from '../../schemas/topics.ts'
import { instrumentId, type Instant } from '../../schemas/units.ts'

/** Topics are named as in the table: each world has its own names for them. */
export type Recorded = { readonly inputs: readonly Outgoing[], readonly outputs: readonly Outgoing[] }

export const recordedFlow = (limit: number): Flow => flash1Flow({ instrumentId: instrumentId('text-prime'), limit })

/** Of a market with simulated time, and the flow's instrument alone. */
export const provideFor = (flow: Flow): ProvideOptions =>
  ({ isSimulated: true, at: flow.startsAt, listings: new Map([[partitionOf(flow), flow.parameters]]) })

/** `context` is that of a market just made for the flow. */
export async function record (context: Context, flow: Flow): Promise<Recorded> {
  const inputs = await inputsOf(context, flow)
  const partition = partitionOf(flow)
  const topic = context.topic(topics.orders.name)
  const opening: LogRecord[] = []
  const { end } = await context.log.extent(topic, partition)
  await readStretch(context.log, { topic, partition, from: 0, until: end }, batch => {
    opening.push(...batch)
    return Promise.resolve()
  })
  const later = inputs.map((input, index): LogRecord =>
    ({ ...input, offset: end + index, key: input.key === null ? null : Buffer.from(input.key) }))
  return { inputs, outputs: answersTo(context, [...opening, ...later], { topic, partition }) }
}

const secondMs = 1000

async function inputsOf ({ binder: { current } }: Context, flow: Flow): Promise<Outgoing[]> {
  const place = { topic: topics.orders.name, partition: partitionOf(flow) }
  const source = flowSource(flow)
  const inputs: Outgoing[] = []
  let second = -1
  for await (const batch of flow.batches(0, 1000)) {
    for (const { sequence, at, command } of batch) {
      if (Math.floor(at / secondMs) > second) {
        second = Math.floor(at / secondMs)
        const sentAt = second * secondMs as Instant
        const value = current.encode({ kind: 'clock', sentAt, sender: 'bench' } as Named)
        inputs.push({ ...place, key: null, value, headers: {}, timestamp: sentAt })
      }
      const origin = writeOrigin({ source, offset: sequence, index: 0, sequence: sequence + 1 })
      const key = command.instrumentId
      inputs.push({ ...place, key, value: current.encode(command), headers: { origin }, timestamp: at })
    }
  }
  return inputs
}

function answersTo (
  { binder }: Context, records: readonly LogRecord[], place: { topic: string, partition: number }
): Outgoing[] {
  const machine = new Machine({
    stage: matching(),
    ...place,
    binder,
    deadLetters: () => { throw new Error('a recorded message became a dead letter') }
  })
  const outputs: Output[] = []
  for (const each of records) machine.apply(each, outputs)
  // What the ledger is told (a reference price a minute) lies among records of others, and is not compared.
  const answers = outputs.filter(({ topic }) => topic !== topics.ledger.name)
  return answers.map(({ topic, partition, key, value, binding, offset, index, sequence, at }) => {
    const origin = writeOrigin({ source: machine.source, offset, index, sequence })
    return { topic, partition, key, value: binding.encode(value), headers: { origin }, timestamp: at }
  })
}

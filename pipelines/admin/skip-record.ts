// Marks a record that no release can get past.

import { brokerName, topicTable, topics } from '../../schemas/topics.ts'
import type { Context } from '../process/context.ts'
import { markSkip, type Skip } from '../runtime/skips.ts'
import { NotDone } from './stage-client.ts'

export async function skipRecord ({ log, config, topic: onBroker }: Context, skip: Skip): Promise<void> {
  const { topic, partition, offset } = skip
  const table = topicTable.find(candidate => brokerName(candidate, config.topicPrefix) === topic)
  if (table === undefined) {
    throw new NotDone(`${topic} is not a topic of the market; use its name on the broker, such as ${onBroker('orders')}.`)
  }
  const { start, end } = await log.extent(topic, partition)
  if (offset < start || offset >= end) throw new NotDone(`${topic}/${partition} holds offsets ${start} to ${end - 1}.`)
  const snapshots = { topic: onBroker(topics.snapshots.name), partition: partition % topics.snapshots.partitions }
  await markSkip(log, snapshots, skip)
}

// One raw hop: a record from kafkajs' producer to kafkajs' consumer.

import type { Outgoing } from '../../pipelines/runtime/log.ts'
import { topics } from '../../schemas/topics.ts'
import { instant } from '../../schemas/units.ts'
import { Arrivals, paced, type OpenArm } from './paced.ts'
import { openProducer, RawConsumer, topicMessages } from './raw.ts'
import type { World } from './world.ts'

const fillBytes = 60

/** One record at a time, as many bytes as a fill, to a topic that nobody else reads. */
export async function rawHop ({ context }: Pick<World, 'context'>, aSecond: number): Promise<OpenArm> {
  const arrived = new Arrivals()
  const place = { topic: topics.bookDeltas.name, partition: topics.bookDeltas.partitions - 1 }
  const producer = await openProducer(context.kafka)
  const name = context.topic(place.topic)
  const consumer = await RawConsumer.open(context.kafka, [name], (_topic, messages) => {
    for (const { key } of messages) if (key !== null) arrived.see(Number(key))
  })
  const value = Buffer.alloc(fillBytes)
  let last = 0
  return {
    run: async count => {
      const first = last + 1
      last += count
      return await paced({ count, aSecond }, arrived, {
        id: index => first + index,
        send: async due => {
          const timestamp = instant(Date.now())
          const records = due.map((id): Outgoing => ({ ...place, key: String(id), value, headers: {}, timestamp }))
          await producer.sendBatch({ acks: -1, topicMessages: topicMessages(records, () => name) })
        }
      })
    },
    close: async () => {
      await Promise.all([producer.disconnect(), consumer.close()])
    }
  }
}

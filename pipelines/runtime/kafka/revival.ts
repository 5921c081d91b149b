// What brokers look like while they restart, where the library takes it for something else.
//
// It gives a consumer up on errors that it takes for final, and says so in an event only. A coordinator that
// can't be found is one of them: that is what brokers look like while they restart. Nobody would hear of it, so a
// consumer that was given up is run again.

import type { Cluster, Consumer } from 'kafkajs'

const retryMs = 250

/** A broker that has only just started may know a topic and none of its partitions. Asked again, it knows them. */
export class PartitionsUnknown extends Error {
  readonly retriable = true
  constructor (topic: string) {
    super(`the brokers know no partition of ${topic} at the moment`)
    this.name = 'PartitionsUnknown'
  }
}

/** For assigners: who is given none of no partitions would wait for ever. Throwing, its consumer joins again. */
export function knownPartitions (cluster: Cluster, topic: string): number[] {
  const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId)
  if (partitions.length === 0) throw new PartitionsUnknown(topic)
  return partitions
}

/** `run` connects, subscribes and runs. Returns how to end it. */
export function keepRunning (consumer: Consumer, run: () => Promise<void>): () => void {
  let isOver = false
  const again = (): void => {
    setTimeout(() => {
      if (!isOver) run().catch(again)
    }, retryMs)
  }
  consumer.on(consumer.events.CRASH, ({ payload: { restart } }) => {
    if (!restart) again()
  })
  return () => { isOver = true }
}

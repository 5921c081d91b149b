// The library gives a consumer up on errors that it takes for final, and says so in an event only. A coordinator that
// can't be found is one of them: that is what brokers look like while they restart. Nobody would hear of it, so a
// consumer that was given up is run again.

import type { Consumer } from 'kafkajs'

const retryMs = 250

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

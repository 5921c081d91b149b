// The clock role: once a second, one record to every partition of every topic that a stage reads. Any number of
// processes may run it; a stage counts a record only where its sender's time and the broker's agree.

import type { Instant } from '../schemas/units.ts'
import { topicOf } from '../schemas/topics.ts'
import type { Context } from './process/context.ts'
import type { Named } from './runtime/stage.ts'

export const clockMs = 1000

/** Returns how to stop it. */
export function runClock (context: Context, topicNames: readonly string[]): () => void {
  const { binder, log, logger, clientId } = context
  let isSending = false
  const tick = (): void => {
    // A clock record that waits is a wrong clock record; the next one will do.
    if (isSending) return
    isSending = true
    const sentAt = Date.now() as Instant
    const value = binder.current.encode({ kind: 'clock', sentAt, sender: clientId } as Named)
    const records = topicNames.flatMap(name => Array.from({ length: topicOf(name).partitions }, (_, partition) =>
      ({ topic: context.topic(name), partition, key: null, value, headers: {}, timestamp: sentAt })))
    log.send(records)
      .catch((error: unknown) => { logger.warn({ error: String(error) }, 'a clock record was not acknowledged') })
      .finally(() => { isSending = false })
  }
  tick()
  const timer = setInterval(tick, clockMs)
  return () => { clearInterval(timer) }
}

// A log in memory that is always kind: what is sent is there at once, in order, and every reader sees it. The unkind
// one is in test/simulation.

import type {
  Deliver, Extent, Log, LogRecord, Outgoing, Ownership, OwnershipRequest, Place, Reading, ReadFrom
} from '../../../pipelines/runtime/log.ts'
import type { Instant } from '../../../schemas/units.ts'

export class MemoryLog implements Log {
  readonly #partitions = new Map<string, LogRecord[]>()
  readonly #starts = new Map<string, number>()
  /** Every trim that was asked for: topic/partition and the offset below which nothing stays. */
  readonly trims: [place: string, before: number][] = []

  records ({ topic, partition }: Place): LogRecord[] {
    const place = `${topic}/${partition}`
    let records = this.#partitions.get(place)
    if (records === undefined) this.#partitions.set(place, records = [])
    return records
  }

  send (outgoing: readonly Outgoing[]): Promise<void> {
    for (const { topic, partition, key, value, headers, timestamp } of outgoing) {
      const records = this.records({ topic, partition })
      records.push({ offset: records.length, timestamp, key: key === null ? null : Buffer.from(key), value, headers })
    }
    return Promise.resolve()
  }

  read ({ topic, partition, from }: ReadFrom, deliver: Deliver, failed: (error: unknown) => void): Promise<Reading> {
    const closing = new AbortController()
    const run = async (): Promise<void> => {
      for (let next = from; !closing.signal.aborted;) {
        const batch = this.records({ topic, partition }).slice(next, next + 3)
        next += batch.length
        if (batch.length > 0) await deliver(batch)
        else await new Promise(resolve => setImmediate(resolve))
      }
    }
    run().catch(failed)
    return Promise.resolve({
      close: () => {
        closing.abort()
        return Promise.resolve()
      }
    })
  }

  extent (topic: string, partition: number): Promise<Extent> {
    const start = this.#starts.get(`${topic}/${partition}`) ?? 0
    return Promise.resolve({ start, end: this.records({ topic, partition }).length })
  }

  offsetAt (topic: string, partition: number, instant: Instant): Promise<number> {
    const records = this.records({ topic, partition })
    const young = records.findIndex(({ timestamp }) => timestamp >= instant)
    return Promise.resolve(young < 0 ? records.length : young)
  }

  trim (topic: string, partition: number, before: number): Promise<void> {
    this.trims.push([`${topic}/${partition}`, before])
    this.#starts.set(`${topic}/${partition}`, before)
    return Promise.resolve()
  }

  committed (): Promise<ReadonlyMap<number, number>> {
    return Promise.resolve(new Map())
  }

  own (_request: OwnershipRequest): Promise<Ownership> {
    return Promise.reject(new Error('nothing is owned here'))
  }

  sleep (): Promise<void> {
    return Promise.resolve()
  }
}

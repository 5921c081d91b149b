// The in-memory log as one process sees it: every call travels, may be slow, may be lost on the way there or on the
// way back, and arrives even when its sender has died meanwhile.

import type { Deliver, Log, Outgoing, Ownership, OwnershipRequest, Reading, ReadFrom } from '../../pipelines/runtime/log.ts'
import { readOrigin } from '../../pipelines/runtime/origin.ts'
import type { Broker } from './broker.ts'
import type { Life, Scheduler } from './scheduler.ts'

export type Weather = {
  /** Chance that a send is rejected although it arrived, or will. */
  rejectedSend: number
  /** Chance that a rejected send never arrives. */
  lostSend: number
  latency: number
  failedCommit: number
}

export type Sabotage = {
  /** Takes records out of what is being appended, without a word: what a bad client does. */
  dropRecord?: (record: Outgoing) => boolean
  /** Moves a reader on, without a word: what OFFSET_OUT_OF_RANGE does in a bad client. */
  jumps?: (topic: string, from: number) => boolean
  /** Not sabotage: told of what must never be seen. */
  witness?: (fault: string) => void
}

export class Client implements Log {
  readonly #broker: Broker
  readonly #scheduler: Scheduler
  readonly #life: Life
  readonly #weather: Weather
  readonly #sabotage: Sabotage

  constructor (broker: Broker, life: Life, weather: Weather, sabotage: Sabotage = {}) {
    this.#broker = broker
    this.#scheduler = broker.scheduler
    this.#life = life
    this.#weather = weather
    this.#sabotage = sabotage
  }

  sleep (ms: number): Promise<void> {
    return this.#scheduler.sleep(ms, this.#life)
  }

  #travel (): Promise<void> {
    return this.sleep(this.#scheduler.random.delay(this.#weather.latency))
  }

  async extent (topic: string, partition: number): Promise<{ start: number, end: number }> {
    await this.#travel()
    const { extent } = this.#broker.partition(topic, partition)
    await this.#travel()
    return extent
  }

  async committed (group: string): Promise<ReadonlyMap<number, number>> {
    await this.#travel()
    const offsets = new Map(this.#broker.offsets(group))
    await this.#travel()
    return offsets
  }

  async offsetAt (topic: string, partition: number, instant: number): Promise<number> {
    await this.#travel()
    const { archive } = this.#broker.partition(topic, partition)
    const first = archive.find(record => record.timestamp >= instant)
    return first?.offset ?? archive.length
  }

  async trim (topic: string, partition: number, before: number): Promise<void> {
    await this.#travel()
    this.#broker.partition(topic, partition).trim(before)
  }

  // What a process has been told it owns, by topic. A leader that emits for anything else is a zombie that knows it.
  readonly #owned = new Map<string, readonly number[]>()

  #checkOwned (records: readonly Outgoing[]): void {
    for (const { headers } of records) {
      const origin = headers.origin === undefined ? null : readOrigin(headers.origin)
      if (origin === null) continue
      const [, topic, partition] = origin.source.split(' ')
      if (this.#owned.get(topic!)?.includes(Number(partition)) === true) continue
      this.#sabotage.witness?.(`emits for ${origin.source}, which it does not own`)
    }
  }

  async send (records: readonly Outgoing[]): Promise<void> {
    this.#checkOwned(records)
    const { random } = this.#scheduler
    const isRejected = random.chance(this.#weather.rejectedSend)
    const isLost = isRejected && random.chance(this.#weather.lostSend)
    const way = random.delay(this.#weather.latency)
    // What is on the wire arrives whether or not its sender lives; a rejected send may arrive much later.
    const arrival = isRejected && random.chance(0.5) ? way + random.below(5000) : way
    const arrived = Promise.withResolvers<undefined>()
    this.#scheduler.after(arrival, () => {
      if (!isLost) {
        for (const record of records) if (this.#sabotage.dropRecord?.(record) !== true) this.#broker.append(record)
      }
      arrived.resolve(undefined)
    })
    if (isRejected) {
      await this.sleep(way + 50)
      throw new Error('the send was rejected; its outcome is unknown')
    }
    await arrived.promise
    await this.#travel()
  }

  read (place: ReadFrom, deliver: Deliver, failed: (error: unknown) => void): Promise<Reading> {
    const partition = this.#broker.partition(place.topic, place.partition)
    const { random } = this.#scheduler
    let position = place.from
    const closing = new AbortController()
    const isOpen = (): boolean => !closing.signal.aborted
    const step = async (): Promise<void> => {
      while (isOpen() && this.#life.alive) {
        await this.#travel()
        let batch = partition.fetch(position, 1 + random.below(20))
        if (batch.length > 1 && this.#sabotage.jumps?.(place.topic, position) === true) batch = batch.slice(1)
        if (batch.length === 0) {
          await new Promise<void>(resolve => {
            partition.appended(() => { this.#scheduler.after(0, resolve, this.#life) })
          })
          continue
        }
        if (!isOpen()) return
        position = batch.at(-1)!.offset + 1
        await deliver(batch)
      }
    }
    step().catch(failed)
    return Promise.resolve({
      close: () => {
        closing.abort()
        return Promise.resolve()
      }
    })
  }

  async own (request: OwnershipRequest): Promise<Ownership> {
    const { group, topic, assigned } = request
    let id = 0
    let generation = 0
    let newest = 0
    const joined = Promise.withResolvers<undefined>()
    const join = (): void => {
      const mine = id = this.#broker.nextMember()
      this.#members.set(id, () => { this.#broker.evict(group, topic, mine) })
      this.#broker.join(group, topic, {
        id,
        // The word of a new assignment travels; meanwhile its process goes on with the old one.
        assign: (given, partitions) => {
          this.#scheduler.after(this.#scheduler.random.delay(this.#weather.latency * 4), () => {
            if (mine !== id || given < newest) return
            newest = given
            this.#owned.set(topic, partitions)
            assigned({ generation: ++generation, partitions })
            joined.resolve(undefined)
          }, this.#life)
        }
      })
    }
    this.#rejoin.push(() => {
      this.#broker.evict(group, topic, id)
      this.#members.delete(id)
      join()
    })
    join()
    await joined.promise
    return {
      commit: async (partition, offset) => {
        await this.#travel()
        const isAccepted = !this.#scheduler.random.chance(this.#weather.failedCommit) &&
          this.#broker.commit(group, id, partition, offset)
        await this.#travel()
        if (!isAccepted) throw new Error('the commit was refused')
      },
      leave: () => {
        this.#broker.evict(group, topic, id)
        return Promise.resolve()
      }
    }
  }

  readonly #members = new Map<number, () => void>()
  readonly #rejoin: (() => void)[] = []

  /** The coordinator takes the process for dead. */
  evict (): void {
    for (const evict of [...this.#members.values()]) evict()
  }

  /** The process hears that it has been evicted, and joins again. */
  rejoin (): void {
    for (const join of this.#rejoin) join()
  }
}

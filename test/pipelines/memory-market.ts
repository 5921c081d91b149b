// A market without servers: what a process shares, over a log in memory, with every stage and topic as it is.

import { pino } from 'pino'
import { Registry } from 'prom-client'
import type { Context } from '../../pipelines/process/context.ts'
import { openMarket, type Provided, type ProvideOptions } from '../../pipelines/provide.ts'
import { readControl } from '../../pipelines/runtime/control.ts'
import type { Named } from '../../pipelines/runtime/stage.ts'
import { brokerName, topicOf } from '../../schemas/topics.ts'
import type { Instant } from '../../schemas/units.ts'
import { MemoryLog } from './runtime/memory-log.ts'
import { accepted, binder } from './runtime/support.ts'

export class MemoryMarket {
  readonly log = new MemoryLog()
  readonly context = {
    log: this.log,
    binder: {
      ...binder,
      listing: accepted,
      fetch: () => Promise.resolve(),
      read: (value: Buffer | null) => binder.current.decode(value)
    },
    logger: pino({ level: 'silent' }),
    metrics: new Registry(),
    clientId: 'test',
    config: { topicPrefix: '' },
    topic: (name: string) => brokerName(topicOf(name)),
    group: (role: string) => role,
    failed: (error: unknown) => { throw error as Error }
  } as unknown as Context

  async open (options: Omit<ProvideOptions, 'isSimulated'> = {}): Promise<Provided> {
    return await openMarket(this.context, options)
  }

  /** A clock record, now, in every partition of a topic. */
  async tick (name: string, sentAt = Date.now()): Promise<void> {
    const value = binder.current.encode({ kind: 'clock', sentAt, sender: 'test' } as Named)
    await this.log.send(Array.from({ length: topicOf(name).partitions }, (_, partition) =>
      ({ topic: brokerName(topicOf(name)), partition, key: null, value, headers: {}, timestamp: sentAt as Instant })))
  }

  end (name: string, partition: number): number {
    return this.log.records({ topic: brokerName(topicOf(name)), partition }).length
  }

  /** All ends of all topics: what must not move when nothing is changed. */
  ends (...names: readonly string[]): number[] {
    return names.flatMap(name =>
      Array.from({ length: topicOf(name).partitions }, (_, partition) => this.end(name, partition)))
  }

  /** What is in a partition, in words. */
  said (name: string, partition: number): string[] {
    return this.log.records({ topic: brokerName(topicOf(name)), partition }).map(({ headers, key, value }) => {
      const activation = headers.control === undefined ? null : readControl(headers.control, value)
      if (activation !== null) return `version ${activation.version} of ${activation.schemas.length}`
      if (value === null) return `nothing under ${String(key)}`
      const { kind, instrumentId = '' } = binder.current.decode(value) as Named & { instrumentId?: string }
      return `${kind} ${instrumentId}`.trim()
    })
  }
}

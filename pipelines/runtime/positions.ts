// Where a sink stands: a position and the marks it had there, one record a partition in the compacted snapshots topic
// (a group's commit metadata is too small). It is written after what it speaks of is stored; the group's own offset
// follows, for those who watch lag.
//
//   key   := 'sink/' name '/' topic '/' partition
//   value := JSON { position, marks }

import type { Instant } from '../../schemas/units.ts'
import type { Log, LogRecord, Outgoing } from './log.ts'
import { readToEnd } from './read.ts'

export type Standing = { readonly position: number, readonly marks: readonly (readonly [string, number])[] }

/** Undefined: where a sink stands. Null: a key of another kind. Else why it is no good as what its key says. */
export function positionFault ({ key, value }: LogRecord): string | null | undefined {
  if (!/^sink\/[\w-]+\/[^/]+\/\d+$/.test(key?.toString() ?? '')) return null
  return value === null || readStanding(value) !== undefined ? undefined : 'a position that is not one'
}

/** Undefined for anything that no sink has written: garbage under its key does not move it. */
function readStanding (value: Buffer): Standing | undefined {
  try {
    const read = JSON.parse(value.toString('utf8')) as Partial<Standing> | null
    const isStanding = Number.isSafeInteger(read?.position) && Array.isArray(read?.marks)
    return isStanding ? read as Standing : undefined
  } catch {
    return undefined
  }
}

export class Positions {
  readonly #log: Log
  readonly #topic: string
  readonly #partitions: number
  readonly #name: string

  /** `topic` is the snapshots topic; `name` the sink's. */
  constructor (log: Log, place: { topic: string, partitions: number, name: string }) {
    this.#log = log
    this.#topic = place.topic
    this.#partitions = place.partitions
    this.#name = place.name
  }

  async read (topic: string, partition: number): Promise<Standing> {
    const key = this.#key(topic, partition)
    let found: Standing = { position: 0, marks: [] }
    await readToEnd(this.#log, { topic: this.#topic, partition: partition % this.#partitions }, record => {
      if (record.key?.toString() !== key || record.value === null) return
      found = readStanding(record.value) ?? found
    })
    return found
  }

  record (topic: string, partition: number, standing: Standing): Outgoing {
    return {
      topic: this.#topic,
      partition: partition % this.#partitions,
      key: this.#key(topic, partition),
      value: Buffer.from(JSON.stringify(standing)),
      headers: {},
      timestamp: 0 as Instant
    }
  }

  #key (topic: string, partition: number): string {
    return `sink/${this.#name}/${topic}/${partition}`
  }
}

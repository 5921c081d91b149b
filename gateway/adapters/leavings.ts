// `LeavingsPort`: readings and reports on disk before a request's last byte leaves, and from there into the log. What
// was not acknowledged is sent again, after a crash too; whatever arrives twice counts once.

import { writeCommandTag } from '../../pipelines/runtime/command.ts'
import type { Log, Outgoing } from '../../pipelines/runtime/log.ts'
import type { Named } from '../../pipelines/runtime/stage.ts'
import { instant, partitionOfHolder, type Instant } from '../../schemas/units.ts'
import type { MeterEvent, RequestReport } from '../../schemas/usage/records.ts'
import type { LeavingsPort } from '../consumption/ports.ts'
import { Sender } from '../spool/sender.ts'
import { openSpool, type SpoolEntry } from '../spool/spool.ts'

type Place = { readonly topic: string, readonly partitions: number }

export type LeavingsOptions = {
  readonly log: Pick<Log, 'send'>
  /** Topics on the broker. */
  readonly usage: Place
  readonly requests: Place
  readonly encode: (value: Named) => Buffer
  readonly folder: string
  readonly now: () => Instant
  readonly jitter: () => number
  readonly warn: (about: object, text: string) => void
}

type Leavings = Parameters<LeavingsPort['settle']>[0]

/** A reading has no time after which it must not count. */
const validUntil = instant(0)
const batchMax = 500
/** Nobody waits for them: so long, and they go together. */
const gatherMs = 25

export type LeavingsSender = LeavingsPort & { readonly pending: number, close (): Promise<void> }

export function leavings (options: LeavingsOptions): LeavingsSender {
  const { log, usage, requests, encode, folder, now, jitter, warn } = options
  const record = ({ topic, partitions }: Place, value: MeterEvent | RequestReport, id: string): Outgoing => ({
    topic,
    partition: partitionOfHolder(value.holder, partitions),
    key: String(value.holder),
    value: encode(value),
    headers: { command: writeCommandTag({ id, validUntil }) },
    timestamp: now()
  })
  const recordsOf = ({ reading, report }: Leavings): Outgoing[] => [
    ...(reading === null ? [] : [record(usage, reading, reading.id)]),
    record(requests, report, report.requestId)
  ]
  /** By the bytes that are on disk: what this process left need not be read again. */
  const known = new WeakMap<Buffer, Leavings>()
  const spool = openSpool(folder, { damaged: damage => { warn(damage, 'a line of the spool could not be read') } })
  const sender = new Sender({
    spool,
    batchMax,
    gatherMs,
    jitter,
    send: async (batch: readonly SpoolEntry[]) => {
      const left = batch.map(({ bytes }) => known.get(bytes) ?? JSON.parse(bytes.toString()) as Leavings)
      await log.send(left.flatMap(recordsOf))
      return undefined
    },
    failed: (error, attempt) => { warn({ error: String(error), attempt }, 'readings were not acknowledged') }
  })
  return {
    settle (left) {
      const bytes = Buffer.from(JSON.stringify(left))
      known.set(bytes, left)
      sender.put(bytes)
    },
    progress: reading => {
      log.send([record(usage, reading, reading.id)]).catch((error: unknown) => {
        warn({ error: String(error) }, 'a reading of progress was not acknowledged')
      })
    },
    get pending () { return sender.pending },
    async close () {
      await sender.close()
      spool.close()
    }
  }
}

// The jobs of lots on their timers: they ask ClickHouse what is due and the ledger to book it, in batches, until all
// was asked for. Any number of processes may; one that dies in between leaves the rest to the next run.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { ClickHouse } from '../../analytics/client.ts'
import { due as dueIn, type Due } from '../../analytics/due.ts'
import { topics } from '../../schemas/topics.ts'
import { instant, partitionOfHolder, type Instant } from '../../schemas/units.ts'
import { writeCommandTag } from '../runtime/command.ts'
import type { Log, Outgoing } from '../runtime/log.ts'
import type { Named } from '../runtime/stage.ts'
import { decide, type Asked, type Asking, type DueCommand } from './due-commands.ts'
import { lotExpiry, sweep, type LotJob } from './lot-jobs.ts'

export type LotJobsContext = {
  readonly log: Pick<Log, 'send'>
  readonly topic: (name: string) => string
  readonly encode: (value: Named) => Buffer
  readonly logger: Logger
  readonly metrics: Registry
  /** The wall clock where nothing is said; a market of simulated time has its own. */
  readonly now?: () => Instant
  /** How many are sent at once. */
  readonly batchCommandsMax?: number
}

const wallClock = (): Instant => instant(Date.now())
const minuteMs = 60_000
/** What lies further back was found long ago, but for what was refused or lost: that is looked for once in a while. */
const lookBackMs = 2 * 24 * 60 * minuteMs
const lookAtAllEveryMs = 60 * minuteMs
const rowsMax = 10_000
const batchCommandsMaxDefault = 1000
/** A command that is not in the log by then never counts; the next run asks again. */
const validityMs = 45_000
const retryMsMin = 1000
const retryMsMax = minuteMs

type Meters = Record<'due' | 'ranAt' | 'isWaiting', Gauge<'job'>> & { readonly commands: Counter<'job'> }

function metersOn (registry: Registry): Meters {
  const common = { labelNames: ['job'] as const, registers: [registry] }
  return {
    due: new Gauge({ name: 'lot_job_due', help: 'Lots or positions that were due at the last run, asked for or not.', ...common }),
    ranAt: new Gauge({ name: 'lot_job_run_seconds', help: 'When the last run ended, in seconds since the epoch.', ...common }),
    isWaiting: new Gauge({ name: 'lot_job_is_waiting', help: '1 while ClickHouse or the log does not answer.', ...common }),
    commands: new Counter({ name: 'lot_job_commands_total', help: 'Commands sent to the ledger.', ...common })
  }
}

/** Runs until stopped; resolves once a run that was under way has ended. */
export function runLotJobs (context: LotJobsContext & { readonly clickhouse: ClickHouse }): () => Promise<void> {
  const [due, meters, stopping] = [dueIn(context.clickhouse), metersOn(context.metrics), new AbortController()]
  const runs = [
    new LotJobRun(sweep, { ...context, due, meters }, stopping.signal),
    new LotJobRun(lotExpiry, { ...context, due, meters }, stopping.signal)
  ].map(run => run.forEver())
  return async () => {
    stopping.abort()
    await Promise.all(runs)
  }
}

type RunContext = LotJobsContext & { readonly due: Due, readonly meters: Meters }

class LotJobRun<Row> {
  readonly #job: LotJob<Row>
  readonly #context: RunContext
  readonly #stopping: AbortSignal
  readonly #now: () => Instant
  #asked: Asked = new Map()
  #lookedAtAllAt = -Infinity
  #retryMs = 0

  constructor (job: LotJob<Row>, context: RunContext, stopping: AbortSignal) {
    this.#job = job
    this.#context = context
    this.#stopping = stopping
    this.#now = context.now ?? wallClock
  }

  async forEver (): Promise<void> {
    while (!this.#stopping.aborted) {
      const waitMs = await this.#patiently(this.#now())
      await sleep(waitMs, undefined, { signal: this.#stopping }).catch(() => {})
    }
  }

  /** How long to wait for the next run. Away, busy, restarting: then it is tried again soon, and said once. */
  async #patiently (now: Instant): Promise<number> {
    const { logger, meters } = this.#context
    const { name: job } = this.#job
    try {
      const found = await this.#run(now)
      if (this.#retryMs > 0) logger.info({ job }, 'goes on')
      this.#retryMs = 0
      meters.isWaiting.set({ job }, 0)
      meters.ranAt.set({ job }, Date.now() / 1000)
      return Math.max(0, this.#job.next(now, found > 0) - this.#now())
    } catch (error) {
      if (this.#retryMs === 0) logger.warn({ job, error: String(error) }, 'waits: it goes on when it can')
      this.#retryMs = Math.min(Math.max(retryMsMin, this.#retryMs * 2), retryMsMax)
      meters.isWaiting.set({ job }, 1)
      return this.#retryMs
    }
  }

  /** How many were due. */
  async #run (now: Instant): Promise<number> {
    const { due, logger, meters } = this.#context
    const { name: job } = this.#job
    const looksAtAll = now >= this.#lookedAtAllAt + lookAtAllEveryMs
    const since = instant(looksAtAll ? 0 : now - lookBackMs)
    const asked = new Map<string, Asking>()
    let [found, sent] = [0, 0]
    let beyond: Row | null = null
    while (!this.#stopping.aborted) {
      const rows: readonly Row[] = await this.#job.page(due, { since, now, beyond, limit: rowsMax })
      const decision = decide(rows.map(row => this.#job.commandOf(row, now)), this.#asked, now)
      sent += await this.#send(decision.commands)
      for (const [id, asking] of decision.asked) asked.set(id, asking)
      found += rows.length
      if (rows.length < rowsMax) break
      beyond = rows.at(-1)!
      logger.info({ job, found, sent }, 'asks the ledger for what is due')
    }
    this.#asked = asked
    if (looksAtAll) this.#lookedAtAllAt = now
    meters.due.set({ job }, found)
    if (sent > 0) logger.info({ job, found, sent }, 'has asked the ledger for what was due')
    return found
  }

  async #send (commands: readonly DueCommand[]): Promise<number> {
    const { log, meters, batchCommandsMax = batchCommandsMaxDefault } = this.#context
    let sent = 0
    while (sent < commands.length && !this.#stopping.aborted) {
      const batch = commands.slice(sent, sent + batchCommandsMax)
      const now = this.#now()
      await log.send(batch.map(command => this.#record(command, now)))
      meters.commands.inc({ job: this.#job.name }, batch.length)
      sent += batch.length
    }
    return sent
  }

  #record ({ id, command }: DueCommand, now: Instant): Outgoing {
    const { topic, encode } = this.#context
    return {
      topic: topic(topics.ledger.name),
      partition: partitionOfHolder(command.holder, topics.ledger.partitions),
      key: String(command.holder),
      value: encode(command),
      headers: { command: writeCommandTag({ id, validUntil: instant(now + validityMs) }) },
      timestamp: now
    }
  }
}

// The reconcile job on a timer: compares, says so in gauges, and inserts again what is missing; then looks whether the
// journal adds up.

import { setTimeout as sleep } from 'node:timers/promises'
import { Counter, Gauge } from 'prom-client'
import { audit } from '../../analytics/audit.ts'
import type { ClickHouse } from '../../analytics/client.ts'
import { ledgerAudit } from '../../analytics/conservation.ts'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { instant } from '../../schemas/units.ts'
import { LedgerWatch } from './ledger-watch.ts'
import { KafkaSummaries } from './log-summaries.ts'
import type { Difference } from './differences.ts'
import { reconcile, type Reconciled } from './reconcile.ts'
import { refill, type RefillContext } from './refill.ts'

export type ReconcileContext = RefillContext & {
  readonly clickhouse: ClickHouse
  readonly logger: Logger
  readonly metrics: Registry
}

const inWords = ({ table, of, what, expected, found }: Difference): string => `${table} of ${of}: ${what} ${found}, not ${expected}`

export const reconcileEveryMs = 30_000

/** Runs until stopped; resolves once a run that was under way has ended. */
export function runReconcile (context: ReconcileContext, everyMs = reconcileEveryMs): () => Promise<void> {
  const { metrics, logger } = context
  const registers = [metrics]
  const differs = new Gauge({ name: 'reconcile_differences', help: 'Ways in which a table is not what the log says.', labelNames: ['table'], registers })
  const compared = new Gauge({ name: 'reconcile_compared', help: 'Sequences compared in the last run.', registers })
  const inserted = new Counter({ name: 'reconcile_rows_inserted_total', help: 'Rows inserted again from the log.', registers })
  const at = new Gauge({ name: 'reconcile_run_seconds', help: 'When the last run ended, in seconds since the epoch.', registers })
  const summaries = new KafkaSummaries(context)
  const checks = audit(context.clickhouse)
  const watch = new LedgerWatch(ledgerAudit(context.clickhouse), context)
  const stopping = new AbortController()
  const once = async (): Promise<void> => {
    const result: Reconciled = await reconcile(summaries, checks)
    for (const [table, count] of Object.entries(result.differencesByTable)) differs.set({ table }, count)
    compared.set(result.compared)
    if (result.differences.length > 0) {
      logger.error({ differences: result.differences.map(inWords), missing: result.missing }, 'ClickHouse is not what the log says')
      const rows = await refill(context, result.missing)
      inserted.inc(rows)
      logger.warn({ rows }, 'inserted again from the log')
    }
    await watch.run(instant(Date.now()))
    at.set(Date.now() / 1000)
  }
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      // Away, busy, restarting: the next run will say.
      await once().catch((error: unknown) => { logger.warn({ error: String(error) }, 'reconcile could not run') })
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }
  const running = run()
  return async () => {
    stopping.abort()
    await running
  }
}

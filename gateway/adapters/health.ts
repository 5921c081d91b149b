// Whether this gateway is well: the log, its replicas, their clock, ClickHouse.

import type { Instant } from '../../schemas/units.ts'
import type { Check, HealthPort } from '../ports.ts'
import { lagOf, type ReplicasView } from './replicas.ts'
import type { Watch } from './watch.ts'

export type HealthContext = {
  readonly stages: readonly ReplicasView[]
  readonly watch: Watch
  readonly now: () => Instant
}

/** How long ago the log may have answered, and how far stage time may be behind the wall's. */
export const silenceMsMax = 5000
export const behindMsMax = 5000
/** So many records behind, answers are older than a reader would think. */
export const lagMax = 10_000

const ok = (name: string, code: string, detail: string): Check => ({ name, status: 'ok', code, detail })

function logCheck ({ watch: { ends } }: HealthContext): Check {
  if (ends.ageMs <= silenceMsMax) return ok('log', 'connected', 'The brokers answer.')
  return {
    name: 'log',
    status: 'fail',
    code: 'unreachable',
    detail: `No broker has answered for ${seconds(ends.ageMs)}.`,
    nextAction: 'Look at the brokers; what is known here is as old as that.'
  }
}

function replicasCheck ({ stages }: HealthContext): Check {
  const name = 'replicas'
  const lags = stages.flatMap(replicas => replicas.partitions.map(partition => lagOf(replicas, partition)))
  const missing = lags.filter(lag => lag === undefined).length
  if (missing > 0) {
    return { name, status: 'fail', code: 'restoring', detail: `${missing} of ${lags.length} partitions are not restored yet.` }
  }
  const most = Math.max(...lags as number[])
  if (most <= lagMax) return ok(name, 'warm', `${lags.length} partitions, ${most} records behind at most.`)
  return {
    name,
    status: 'fail',
    code: 'lagging',
    detail: `A partition is ${most} records behind.`,
    nextAction: 'It catches up by itself unless this process has too little processor; see stage_lag_records.'
  }
}

/** By how much stage time is behind the wall's in the partition where it is furthest; undefined before there is any. */
export function behindMs (replicas: ReplicasView, now: Instant): number | undefined {
  const oldest = Math.min(...replicas.partitions.map(partition => replicas.replica(partition)?.now ?? 0))
  return oldest === 0 ? undefined : Math.max(0, now - oldest)
}

function clockCheck ({ stages, now }: HealthContext): Check {
  const all = stages.map(replicas => behindMs(replicas, now()))
  const behind = all.includes(undefined) ? undefined : Math.max(...all as number[])
  if (behind !== undefined && behind <= behindMsMax) return ok('clock', 'running', `Stage time is ${seconds(behind)} behind at most.`)
  return {
    name: 'clock',
    status: 'fail',
    code: behind === undefined ? 'not_started' : 'behind',
    detail: behind === undefined ? 'No clock record has been seen.' : `Stage time is ${seconds(behind)} behind.`,
    nextAction: 'See that a process in the role clock runs, and that its time and the brokers\' agree within 5 s.'
  }
}

function clickHouseCheck ({ watch: { clickHouse } }: HealthContext): Check {
  if (clickHouse.error === undefined && clickHouse.ageMs <= silenceMsMax) return ok('clickhouse', 'connected', 'It answers.')
  return {
    name: 'clickhouse',
    status: 'warn',
    code: 'unreachable',
    detail: `It has not answered for ${seconds(clickHouse.ageMs)}.`,
    nextAction: 'Look at ClickHouse. Candles, trades and figures of the day are 503 until it answers; books are not touched.'
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

export function healthPort (context: HealthContext): HealthPort {
  return {
    checks: () => [logCheck(context), replicasCheck(context), clockCheck(context), clickHouseCheck(context)]
  }
}

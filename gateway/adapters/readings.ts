// What the gateway's adapters know, as metrics.

import type { Registry } from 'prom-client'
import { reportGauge, type Reading } from '../metrics.ts'
import { behindMs, type HealthContext } from './health.ts'

export function reportReadings (registry: Registry, context: HealthContext): void {
  const { watch, stages, now } = context
  reportGauge(registry, {
    name: 'stage_time_behind_seconds',
    help: 'By how much stage time is behind the wall clock, in the partition where it is furthest.',
    labels: ['stage'],
    read: () => stages.flatMap(replicas => one({ stage: replicas.stage }, behindMs(replicas, now()), 1000))
  })
  reportGauge(registry, {
    name: 'dead_letters',
    help: 'Records in the topic of dead letters.',
    labels: [],
    read: () => one({}, watch.deadLetters.value, 1)
  })
  reportGauge(registry, {
    name: 'clickhouse_is_reachable',
    help: '1 while ClickHouse answers.',
    labels: [],
    read: () => one({}, watch.clickHouse.error === undefined ? 1 : 0, 1)
  })
}

type Labels<Label extends string> = Readonly<Record<Label, string>>

/** A reading, in the unit that is `divisor` times as large; none where nothing is known. */
function one<Label extends string> (
  labels: Labels<Label>, value: number | undefined, divisor: number
): Reading<Label>[] {
  return value === undefined ? [] : [{ labels, value: value / divisor }]
}

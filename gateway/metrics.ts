// What the gateway counts, and how other parts put their readings beside it.

import { Gauge, Histogram, collectDefaultMetrics, type Registry } from 'prom-client'

export type Served = {
  readonly method: string
  /** The pattern of the route, never the path: a path would make a series of every id. */
  readonly route: string
  readonly status: number
  readonly seconds: number
}

/** Registers what the gateway measures of itself and returns the function that counts a request. */
export function requestMetrics (registry: Registry): (served: Served) => void {
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from a request to the end of its reply.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry]
  })
  return ({ method, route, status, seconds }) => durations.observe({ method, route, status: String(status) }, seconds)
}

/** Memory, processor, garbage collection and event-loop delay of this process. Once a registry. */
export function processMetrics (registry: Registry): void {
  collectDefaultMetrics({ register: registry })
}

export type Reading<Label extends string> = {
  readonly labels: Readonly<Record<Label, string>>
  readonly value: number
}

export type Reported<Label extends string> = {
  readonly name: string
  readonly help: string
  readonly labels: readonly Label[]
  /** Asked at each scrape: cheap, synchronous. What it no longer names is no longer shown. */
  read (): Iterable<Reading<Label>>
}

/** A gauge that is read when it is looked at: lag, age of a snapshot, dead letters. */
export function reportGauge<Label extends string> (registry: Registry, reported: Reported<Label>): void {
  const gauge: Gauge<Label> = new Gauge({
    name: reported.name,
    help: reported.help,
    labelNames: [...reported.labels],
    registers: [registry],
    collect: () => {
      gauge.reset()
      for (const { labels, value } of reported.read()) gauge.set(labels, value)
    }
  })
}

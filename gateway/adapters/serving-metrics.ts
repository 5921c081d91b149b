// What operators see of inference: requests by how they ended, how soon they began, what is under way and what waits.

import { Counter, Histogram, type Registry } from 'prom-client'
import type { LeavingsPort } from '../consumption/ports.ts'
import { reportGauge } from '../metrics.ts'
import type { EndpointView } from '../routing/routing.ts'
import type { Live } from '../serving/live.ts'

/** Counts each request once, by its report. */
export function countedLeavings (leavings: LeavingsPort, registry: Registry): LeavingsPort {
  const registers = [registry]
  const ended = new Counter({
    name: 'inference_requests_total',
    help: 'Requests for inference that have ended.',
    labelNames: ['surface', 'delivery', 'outcome', 'reason'],
    registers
  })
  const tokens = new Counter({ name: 'inference_tokens_total', help: 'Tokens of readings.', labelNames: ['direction'], registers })
  const firstToken = new Histogram({
    name: 'inference_first_token_seconds',
    help: 'From the call of the supplier to its first token.',
    labelNames: ['surface'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers
  })
  return {
    progress: reading => { leavings.progress(reading) },
    settle (left) {
      leavings.settle(left)
      const { surface, delivery, outcome, reason, inputTokens, outputTokens, firstTokenMs } = left.report
      ended.inc({ surface, delivery, outcome, reason })
      tokens.inc({ direction: 'input' }, inputTokens)
      tokens.inc({ direction: 'output' }, outputTokens)
      if (firstTokenMs !== null) firstToken.observe({ surface }, firstTokenMs / 1000)
    }
  }
}

export type Serving = {
  readonly live: Live
  /** Readings that the log has not acknowledged. */
  readonly spooled: () => number
  readonly endpoints: () => readonly EndpointView[]
}

export function reportServing (registry: Registry, { live, spooled, endpoints }: Serving): void {
  reportGauge(registry, { name: 'inference_open_requests', help: 'Answers under way.', labels: [], read: () => [{ labels: {}, value: live.size }] })
  reportGauge(registry, { name: 'inference_spooled_readings', help: 'On disk, and not in the log yet.', labels: [], read: () => [{ labels: {}, value: spooled() }] })
  reportGauge(registry, {
    name: 'supplier_in_flight',
    help: 'Requests under way at an endpoint, as this gateway counts them.',
    labels: ['endpoint', 'breaker'],
    read: () => endpoints().map(({ endpointId: endpoint, breaker, inFlight: value }) =>
      ({ labels: { endpoint, breaker }, value }))
  })
}

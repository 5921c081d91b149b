// What an edge measures of its own work.

import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

export type Answered = {
  /** `direct`: to a gateway; else the surface that a client asked on. */
  readonly way: string
  /** completed, disconnected, or the code of a fault. */
  readonly outcome: string
}

export type Speed = {
  readonly firstTokenMs: number | null
  /** From the first token to the last. */
  readonly outputMs: number
  readonly outputTokens: number
}

export type EdgeMetrics = {
  answered (what: Answered): void
  /** Of an answer that was whole, as the model server gave it. */
  measured (speed: Speed): void
  rejected (): void
}

export type Gauges = {
  readonly inFlight: () => number
  readonly unsent: () => number
  readonly usedTickets: () => number
}

export function edgeMetrics (registry: Registry, { inFlight, unsent, usedTickets }: Gauges): EdgeMetrics {
  const registers = [registry]
  const gauge = (name: string, help: string, read: () => number): Gauge =>
    new Gauge({ name, help, registers, collect () { this.set(read()) } })
  gauge('edge_requests_open', 'Requests that are being answered.', inFlight)
  gauge('edge_readings_unsent', 'Readings that the market has not taken yet.', unsent)
  gauge('edge_tickets_used', 'Tickets that are remembered as used.', usedTickets)
  const requests = new Counter({
    name: 'edge_requests_total', help: 'Requests answered.', labelNames: ['way', 'outcome'], registers
  })
  const firstToken = new Histogram({
    name: 'edge_first_token_seconds',
    help: 'From the call of the model server to its first token.',
    buckets: [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30],
    registers
  })
  const pace = new Histogram({
    name: 'edge_tokens_per_second',
    help: 'Output of the model server from its first token to its last.',
    buckets: [5, 10, 20, 40, 80, 160, 320, 640],
    registers
  })
  const rejected = new Counter({
    name: 'edge_readings_rejected_total', help: 'Readings that the market refused for good.', registers
  })
  return {
    answered ({ way, outcome }) { requests.inc({ way, outcome }) },
    measured ({ firstTokenMs, outputMs, outputTokens }) {
      if (firstTokenMs !== null) firstToken.observe(firstTokenMs / 1000)
      if (outputMs > 0 && outputTokens > 1) pace.observe(outputTokens * 1000 / outputMs)
    },
    rejected () { rejected.inc() }
  }
}

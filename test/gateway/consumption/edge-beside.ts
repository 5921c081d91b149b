// A supplier's edge beside a small market: it takes the market's tickets, and what it reads goes to the real ledger,
// all by the market's clock.

import { createPublicKey, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Registry } from 'prom-client'
import { Agent } from 'undici'
import { edgeSeal } from '../../../gateway/edge/seal.ts'
import type { Edge } from '../../../gateway/edge/edge.ts'
import { edgeMetrics } from '../../../gateway/edge/metrics.ts'
import { edgeServer } from '../../../gateway/edge/server.ts'
import { Upstream } from '../../../gateway/edge/upstream.ts'
import { UsedTickets } from '../../../gateway/edge/used-tickets.ts'
import { logger } from '../../../gateway/log.ts'
import { Live } from '../../../gateway/serving/live.ts'
import { countTokens } from '../../../gateway/tokenizer/tokenizer.ts'
import { readingOf } from '../../../gateway/usage/cloud-events.ts'
import type { SmallConsumption } from './small-consumption.ts'
import { endpointOf } from './small-people.ts'

export type EdgeBeside = {
  readonly edge: Edge
  /** So much later, in steps of a second as an edge ticks, each of which the market hears of. */
  later (ms: number): Promise<void>
  close (): Promise<void>
}

type Beside = { readonly small: SmallConsumption, readonly upstream: string }

const { endpointId, supplier } = endpointOf('', 0)

function edgeOf ({ small, upstream }: Beside, { at, dispatcher }: { at: () => number, dispatcher: Agent }): Edge {
  const { market, consumption: { signing, ids, leavings } } = small
  const now = (): number => market.now
  const live = new Live()
  return {
    gate: {
      keys: { key: async () => Promise.resolve(createPublicKey(signing.pair().privateKey)) },
      used: new UsedTickets(),
      supplier,
      endpoints: new Set([endpointId]),
      startedAt: 0,
      now
    },
    supplier,
    upstream: new Upstream({
      url: new URL(upstream),
      key: null,
      model: 'simulated',
      capField: 'max_tokens',
      extra: {},
      dispatcher,
      headersTimeoutMs: 60_000,
      idleTimeoutMs: 120_000
    }),
    live,
    limits: { inFlightMax: 10, totalMs: 90 * 60_000, heartbeatMs: 15_000 },
    report: event => {
      const signer = { holder: supplier, at: market.now, consumerOf: ids.holderOf.bind(ids) }
      const { requestId, sequence, ...reading } = readingOf(JSON.parse(event.toString()), signer)
      // What a supplier calls it is no id of a command.
      leavings.progress({ ...reading, requestId, sequence, id: `${requestId}.${sequence}` })
    },
    seal: edgeSeal(Buffer.alloc(32, 7), supplier),
    metrics: edgeMetrics(new Registry(), { inFlight: () => live.size, unsent: () => 0, usedTickets: () => 0 }),
    now,
    elapsedMs: at,
    countTokens,
    random: randomBytes,
    log: logger('silent')
  }
}

/** It is the address that clients of the market's first supplier are sent to. */
export async function edgeBeside (beside: Beside): Promise<EdgeBeside> {
  const { small, upstream } = beside
  let at = 0
  const dispatcher = new Agent()
  const edge = edgeOf(beside, { at: () => at, dispatcher })
  const server = edgeServer(edge, new Registry(), null)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  small.routing.setEndpoint({ ...endpointOf(upstream, 0), publicUrl })
  return {
    edge,
    async later (ms) {
      for (const until = at + ms; at < until;) {
        at += 1000
        small.market.tick(1000)
        edge.live.tick(at)
        edge.gate.used.tick(small.market.now / 1000)
        await small.settled()
      }
    },
    async close () {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
      await dispatcher.destroy()
    }
  }
}

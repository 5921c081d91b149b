// An edge from its settings to its end: parts are started one after the other, and ended in the reverse order.

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import { Agent } from 'undici'
import { Live } from '../serving/live.ts'
import { processMetrics } from '../metrics.ts'
import { Sender } from '../spool/sender.ts'
import { openSpool } from '../spool/spool.ts'
import { countTokens, loadTokenizer } from '../tokenizer/tokenizer.ts'
import type { Edge } from './edge.ts'
import { Market, SigningKey } from './market.ts'
import { MarketKeys } from './market-keys.ts'
import { edgeMetrics } from './metrics.ts'
import { sendReadings } from './readings.ts'
import { register, withdraw } from './registration.ts'
import { edgeSeal } from './seal.ts'
import { edgeServer, type Tls } from './server.ts'
import type { Settings } from './settings.ts'
import { Upstream } from './upstream.ts'
import { UsedTickets } from './used-tickets.ts'

export type RunningEdge = {
  readonly url: string
  readonly edge: Edge
  readonly endpoints: ReadonlySet<string>
  /** Resolves once the market has every reading there is. */
  readonly sent: () => Promise<void>
  /** Drains first. */
  readonly close: () => Promise<void>
}

const tickMs = 1000
const marketMs = 10_000
/** How long readings that are left at the end may take; those that remain are sent by the next run. */
const lastReadingsMs = 5000

const now = (): number => Date.now()
const elapsedMs = (): number => performance.now()

function marketOf ({ MARKET_URL, SUPPLIER_SIGNING_KEY }: Settings): Market {
  return new Market({ url: MARKET_URL, key: new SigningKey(SUPPLIER_SIGNING_KEY), now, timeoutMs: marketMs })
}

function keysOf (market: Market, log: Logger): MarketKeys {
  return new MarketKeys({
    async fetch () {
      const { status, body } = await market.call({ method: 'GET', path: '/.well-known/jwks.json' })
      if (status !== 200) throw new Error(`the market answered ${status} to a request for its keys`)
      return body
    },
    elapsedMs,
    failed (error) { log.warn({ error: String(error) }, 'the market\'s keys could not be fetched') }
  })
}

function upstreamOf (settings: Settings, dispatcher: Agent): Upstream {
  return new Upstream({
    url: settings.UPSTREAM_URL,
    key: settings.UPSTREAM_KEY ?? null,
    model: settings.UPSTREAM_MODEL,
    capField: settings.UPSTREAM_CAP_FIELD,
    extra: settings.UPSTREAM_EXTRA,
    dispatcher,
    headersTimeoutMs: settings.UPSTREAM_HEADERS_MS,
    idleTimeoutMs: settings.UPSTREAM_IDLE_MS
  })
}

/**
 * Registered once it listens: the market may send requests from then on. Tickets of the second in which this edge
 * started are refused, so that nobody is to be sent here before it is over: it would look like an edge that fails.
 */
async function registered (settings: Settings, { market, startedAt }: Registering): Promise<string[]> {
  const { REGISTER, INSTRUMENT = '', EDGE_URL = '', UPSTREAM_MODEL } = settings
  if (!REGISTER) return []
  await sleep(Math.ceil(startedAt / 1000) * 1000 - now())
  return [await register(market, {
    instrument: INSTRUMENT,
    url: EDGE_URL,
    publicUrl: settings.PUBLIC_URL ?? null,
    models: [UPSTREAM_MODEL],
    inFlightMax: settings.IN_FLIGHT_MAX,
    requestsPerMinute: settings.REQUESTS_PER_MINUTE ?? null,
    tokensPerMinute: settings.TOKENS_PER_MINUTE ?? null,
    tlsPin: settings.TLS_PIN ?? null
  })]
}

type Registering = { readonly market: Market, readonly startedAt: number }

type Reporting = { readonly sender: Sender, readonly close: () => Promise<void> }

type Reported = { readonly market: Market, readonly log: Logger, readonly rejected: () => void }

function reporting ({ SPOOL_DIR }: Settings, { market, log, rejected }: Reported): Reporting {
  const spool = openSpool(SPOOL_DIR, {
    damaged (damage) { log.error({ damage }, 'a reading of an earlier run can\'t be read') }
  })
  const sender = new Sender({
    spool,
    send: (batch, signal) => sendReadings(market, batch, signal),
    jitter: Math.random,
    failed (error, attempt) { log.warn({ error: String(error), attempt }, 'readings were not taken; they are sent again') },
    rejected ({ bytes }, reason) {
      rejected()
      log.error({ reading: bytes.toString(), reason }, 'the market refuses a reading for good')
    }
  })
  const close = async (): Promise<void> => {
    const timer = Promise.withResolvers<undefined>()
    const late = setTimeout(() => { timer.resolve(undefined) }, lastReadingsMs)
    await Promise.race([sender.idle(), timer.promise])
    clearTimeout(late)
    await sender.close()
    spool.close()
  }
  return { sender, close }
}

function tlsOf ({ TLS_CERT, TLS_KEY }: Settings): Tls | null {
  if (TLS_CERT === undefined || TLS_KEY === undefined) return null
  return { cert: readFileSync(TLS_CERT), key: readFileSync(TLS_KEY) }
}

async function listen (server: Server, { HOST, PORT, TLS_CERT }: Settings): Promise<string> {
  server.listen(PORT, HOST)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return `${TLS_CERT === undefined ? 'http' : 'https'}://${HOST.includes(':') ? `[${HOST}]` : HOST}:${port}`
}

async function closed (server: Server): Promise<void> {
  if (!server.listening) return
  const ended = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await ended
}

type Parts = {
  readonly edge: Edge
  readonly endpoints: Set<string>
  readonly keys: MarketKeys
  readonly market: Market
  readonly registry: Registry
  readonly sender: Sender
  /** Of what neither listens nor ticks. */
  readonly close: () => Promise<void>
}

function partsOf (settings: Settings, log: Logger): Parts {
  const { SUPPLIER, SUPPLIER_SIGNING_KEY, IN_FLIGHT_MAX, TOTAL_MS, HEARTBEAT_MS, ENDPOINT_ID } = settings
  const registry = new Registry()
  processMetrics(registry)
  const market = marketOf(settings)
  const used = new UsedTickets()
  const live = new Live()
  const endpoints = new Set(ENDPOINT_ID)
  const dispatcher = new Agent({ connect: { timeout: settings.UPSTREAM_CONNECT_MS }, pipelining: 1 })
  const { sender, close } = reporting(settings, { market, log, rejected: () => { metrics.rejected() } })
  const metrics = edgeMetrics(registry, {
    inFlight: () => live.size, unsent: () => sender.pending, usedTickets: () => used.size
  })
  const keys = keysOf(market, log)
  const edge: Edge = {
    gate: { keys, used, supplier: SUPPLIER, endpoints, startedAt: now(), now },
    supplier: SUPPLIER,
    upstream: upstreamOf(settings, dispatcher),
    live,
    limits: { inFlightMax: IN_FLIGHT_MAX, totalMs: TOTAL_MS, heartbeatMs: HEARTBEAT_MS },
    report: event => { sender.put(event) },
    seal: edgeSeal(SUPPLIER_SIGNING_KEY, SUPPLIER),
    metrics,
    now,
    elapsedMs,
    countTokens,
    random: randomBytes,
    log
  }
  const end = async (): Promise<void> => {
    await close()
    await dispatcher.close()
  }
  return { edge, endpoints, keys, market, registry, sender, close: end }
}

export async function startEdge (settings: Settings, log: Logger): Promise<RunningEdge> {
  await loadTokenizer()
  const { edge, endpoints, keys, market, registry, sender, close } = partsOf(settings, log)
  const { live, gate: { used } } = edge
  const server = edgeServer(edge, registry, tlsOf(settings))
  const ticking = setInterval(() => {
    live.tick(elapsedMs())
    used.tick(now() / 1000)
  }, tickMs)
  const end = async (): Promise<void> => {
    clearInterval(ticking)
    await closed(server)
    used.end()
    await close()
  }
  let closing: Promise<void> | null = null
  try {
    const url = await listen(server, settings)
    await keys.refresh()
    const registrations = await registered(settings, { market, startedAt: edge.gate.startedAt })
    for (const id of registrations) endpoints.add(id)
    const leave = async (): Promise<void> => {
      const leaving = registrations.map(id => withdraw(market, id))
      for (const { reason } of (await Promise.allSettled(leaving)).filter(left => left.status === 'rejected')) {
        log.warn({ error: String(reason) }, 'the market was not told that this edge goes')
      }
    }
    log.info({ url, endpoints: [...endpoints] }, 'the edge listens')
    return {
      url,
      edge,
      endpoints,
      sent: () => sender.idle(),
      close () {
        closing ??= Promise.all([live.drain(settings.DRAIN_MS), leave()]).then(end)
        return closing
      }
    }
  } catch (error) {
    await end()
    throw error
  }
}

// An edge between a made-up model server and a made-up market, on the loopback for the length of one test.

import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { checks } from '../../../gateway/auth/public-key.ts'
import { signedBy } from '../../../gateway/auth/signature.ts'
import { SigningKey } from '../../../gateway/edge/market.ts'
import { startEdge, type RunningEdge } from '../../../gateway/edge/running.ts'
import { readSettings } from '../../../gateway/edge/settings.ts'
import type { BehaviourSettings } from '../../../gateway/edge/simulated/behaviour.ts'
import { simulatedUpstream, type SimulatedUpstream } from '../../../gateway/edge/simulated/upstream.ts'
import { usageEvent } from '../../../gateway/usage/cloud-events.ts'
import { issuer, writeEdgeTicket, type EdgeClaims } from '../../../gateway/tickets/edge-ticket.ts'
import { bodyHashOf } from '../../../gateway/tickets/hop-ticket.ts'
import { jwkSet, makeTicketKey, type MadePair } from '../../../gateway/tickets/ticket-keys.ts'
import type { IdentityPort } from '../../../gateway/accounts.ts'
import { holderId, instant } from '../../../schemas/units.ts'
import { newFolder } from '../spool/folder.ts'

export const supplier = holderId(31)
export const endpointId = 'endpoint_0b8f2a52-7d9e-4a55-9c2e-0e5d6d9a1c11'
const seed = Buffer.alloc(32, 7)
export const upstreamKey = 'the-suppliers-own-key'

export type UsageEvent = {
  readonly id: string
  readonly source: string
  readonly type: string
  readonly firsttokenms?: number
  readonly data: {
    readonly request_id: string
    readonly sequence: number
    readonly nonce: string
    readonly input_tokens: number
    readonly output_tokens: number
    readonly more?: number
    readonly fault?: string
    readonly reason?: string
  }
}

export type FakeMarket = {
  readonly url: string
  readonly events: UsageEvent[]
  readonly registrations: unknown[]
  keys: MadePair[]
  keyFetches: number
  /** What it answers readings and registrations with; null: as it should. */
  refusal: { readonly status: number, readonly ofEvents?: number } | null
}

type Listener = (request: IncomingMessage, response: ServerResponse, body: Buffer) => Promise<void>

async function listening (answer: Listener): Promise<string> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => { parts.push(part) })
    request.on('end', () => {
      answer(request, response, Buffer.concat(parts)).catch((error: unknown) => {
        response.writeHead(500)
        response.end(String(error))
      })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Judges readings as a gateway does: their signature, and each of them. */
export async function fakeMarket (): Promise<FakeMarket> {
  const key = new SigningKey(seed)
  const verifies = checks(key.publicKey)
  const identities = {
    signingKey: (fingerprint: string) => fingerprint === key.fingerprint
      ? { user: { userId: supplier }, fingerprint, verifies }
      : undefined
  } as unknown as IdentityPort
  const market: FakeMarket = {
    url: '', events: [], registrations: [], keys: [makeTicketKey(instant(Date.now()))], keyFetches: 0, refusal: null
  }
  const signed = async (request: IncomingMessage, body: Buffer): Promise<void> => {
    const header = (name: string): string => String(request.headers[`x-thegrid-${name}`] ?? '')
    const headers = { signature: header('signature'), timestamp: header('timestamp'), fingerprint: header('fingerprint') }
    await signedBy({ method: request.method!, target: request.url!, body, headers }, identities, instant(Date.now()))
  }
  const taken = (event: UsageEvent): object => {
    const status = market.refusal?.ofEvents ?? 202
    // The consumer is found by the request's id.
    usageEvent.parse({ ...event, data: { ...event.data, consumer: 11 } })
    if (status === 202) market.events.push(event)
    return { index: 0, status, ...(status === 202 ? {} : { errors: { detail: 'malformed' } }) }
  }
  const url = await listening(async (request, response, body) => {
    const json = (status: number, said: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(said))
    }
    if (request.url === '/.well-known/jwks.json') {
      market.keyFetches += 1
      json(200, jwkSet(market.keys.map(({ published }) => published), instant(Date.now())))
      return
    }
    await signed(request, body)
    const said = JSON.parse(body.toString()) as unknown
    if (market.refusal !== null && market.refusal.ofEvents === undefined) json(market.refusal.status, { errors: {} })
    else if (request.url === '/v1/usage-events') json(200, { data: (said as UsageEvent[]).map(taken) })
    else if (request.url === '/v1/supplier-endpoints') {
      market.registrations.push(said)
      json(201, { data: { id: endpointId } })
    } else if (request.method === 'PUT' && request.url === `/v1/supplier-endpoints/${endpointId}`) {
      market.registrations.push(said)
      json(200, {})
    } else json(404, {})
  })
  return Object.assign(market, { url })
}

export type Setting = {
  readonly behaviour?: BehaviourSettings
  readonly environment?: Readonly<Record<string, string>>
}

export type Setup = {
  readonly market: FakeMarket
  readonly upstream: SimulatedUpstream
  readonly running: RunningEdge
  readonly url: string
  /** Lines of its log, whole. */
  readonly logged: string[]
}

type Parts = { readonly market: FakeMarket, readonly upstream: SimulatedUpstream, readonly folder: string }

export function edgeEnvironment ({ market, upstream, folder }: Parts): Readonly<Record<string, string>> {
  return {
    PORT: '0',
    UPSTREAM_URL: upstream.url,
    UPSTREAM_KEY: upstreamKey,
    UPSTREAM_MODEL: 'llama-of-mine',
    MARKET_URL: market.url,
    SUPPLIER: String(supplier),
    SUPPLIER_SIGNING_KEY: seed.toString('base64'),
    ENDPOINT_ID: endpointId,
    SPOOL_DIR: folder,
    DRAIN_MS: '100'
  }
}

export async function started ({ behaviour = {}, environment = {} }: Setting = {}): Promise<Setup> {
  const market = await fakeMarket()
  const upstream = await simulatedUpstream({ behaviour, key: upstreamKey, isRecording: true, models: ['llama-of-mine'] })
  onTestFinished(() => upstream.close())
  const logged: string[] = []
  const log = pino({ level: 'trace' }, { write (line: string) { logged.push(line) } })
  const parts = edgeEnvironment({ market, upstream, folder: newFolder() })
  const settings = readSettings({ ...parts, ...environment }, [])
  const running = await startEdge(settings, log)
  onTestFinished(() => running.close())
  // Tickets are from whole seconds: one of the second in which the edge started would be from before it.
  Object.assign(running.edge.gate, { startedAt: 0 })
  return { market, upstream, running, url: running.url, logged }
}

export type TicketTerms = Partial<EdgeClaims> & { readonly pair?: MadePair }

export function ticketFor ({ keys }: FakeMarket, body: string, { pair, ...claims }: TicketTerms = {}): string {
  const at = Math.floor(Date.now() / 1000)
  return writeEdgeTicket(pair ?? keys.at(-1)!, {
    iss: issuer,
    aud: endpointId,
    jti: randomUUID(),
    iat: at,
    exp: at + 60,
    sub: `req_${randomBytes(16).toString('base64url')}`,
    supplier,
    instrument: 'text-prime',
    method: 'POST',
    path: '/v1/chat/completions',
    account: 'salted',
    held: 20_000,
    input_held: 10_000,
    output_max: 4096,
    body: bodyHashOf(Buffer.from(body)),
    recorder: `supplier:${supplier}`,
    ...claims
  })
}

export const chat = (more: object = {}): string => JSON.stringify({
  model: 'text-prime', messages: [{ role: 'user', content: 'Say something, naïve friend 東京' }], stream: true, ...more
})

type Sending = TicketTerms & {
  readonly body?: string
  readonly ticket?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

type Asked = Pick<Setup, 'url' | 'market'>

/** As a gateway asks. */
export function direct ({ url, market }: Asked, sending: Sending = {}): Promise<Response> {
  const { body = chat(), ticket, headers = {}, signal, ...claims } = sending
  const presented = ticket ?? ticketFor(market, body, { recorder: 'gateway', ...claims })
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-market-ticket': presented, ...headers },
    body,
    ...(signal === undefined ? {} : { signal })
  })
}

/** As a client asks that a gateway has sent here. */
export function hop ({ url, market }: Asked, sending: Sending = {}): Promise<Response> {
  const { body = chat(), ticket, headers = {}, signal, ...claims } = sending
  const path = claims.path ?? '/v1/chat/completions'
  return fetch(`${url}/r${path}?token=${ticket ?? ticketFor(market, body, claims)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
    ...(signal === undefined ? {} : { signal })
  })
}

export const foreignPair = (): MadePair => makeTicketKey(instant(Date.now()))

type ToldUsage = { readonly prompt_tokens: number, readonly completion_tokens: number } | null
type Delta = { readonly content?: string }
type Chunk = { readonly choices?: readonly { readonly delta: Delta }[], readonly usage?: ToldUsage }
type Streamed = { readonly content: string, readonly usage: ToldUsage, readonly isDone: boolean }

/** The text of a stream of chat chunks, and the usage that it ended with. */
export function readStream (text: string): Streamed {
  const payloads = text.split('\n\n').filter(line => line.startsWith('data: ')).map(line => line.slice(6))
  const chunks = payloads.filter(payload => payload !== '[DONE]').map(payload => JSON.parse(payload) as Chunk)
  return {
    content: chunks.map(({ choices }) => choices?.[0]?.delta.content ?? '').join(''),
    usage: chunks.findLast(({ usage }) => usage != null)?.usage ?? null,
    isDone: payloads.at(-1) === '[DONE]'
  }
}

export async function codeOf (answer: Response): Promise<unknown> {
  return (await answer.json() as { errors?: { detail?: unknown } }).errors?.detail
}

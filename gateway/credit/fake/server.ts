// The fake processor as HTTP, in the form of Stripe's API: as much of it as Auto-Reload uses.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Confirmed, FakeProcessor, Intent } from './processor.ts'

type Reply = { readonly status: number, readonly body: object }

function intentJson ({ createdSeconds, chargeId, chargedSeconds, amountCents, ...intent }: Intent): object {
  const { id, customer, metadata, status } = intent
  const charge = chargeId === null ? null : { id: chargeId, object: 'charge', created: chargedSeconds, amount: amountCents }
  return {
    id,
    object: 'payment_intent',
    amount: amountCents,
    currency: 'usd',
    customer,
    metadata,
    status,
    created: createdSeconds,
    latest_charge: charge
  }
}

const good = (body: object): Reply => ({ status: 200, body })
const failed = (status: number, error: object): Reply => ({ status, body: { error } })
const invalid = (message: string): Reply => failed(400, { type: 'invalid_request_error', message })
const missing = failed(404, { type: 'invalid_request_error', code: 'resource_missing', message: 'No such payment_intent.' })

const unknown = failed(401, { type: 'invalid_request_error', message: 'No API key.' })

type Asked = {
  readonly method: string
  readonly url: URL
  readonly form: URLSearchParams
  readonly key: string | undefined
}

function metadataOf (form: URLSearchParams): Record<string, string> {
  const metadata: Record<string, string> = {}
  for (const [field, value] of form) {
    const [, name] = /^metadata\[(\w+)\]$/.exec(field) ?? []
    if (name !== undefined) metadata[name] = value
  }
  return metadata
}

function centsIn (form: URLSearchParams): number | null {
  const amount = form.get('amount') ?? ''
  return /^[1-9]\d{0,11}$/.test(amount) ? Number(amount) : null
}

function create (processor: FakeProcessor, { form, key }: Asked): Reply {
  const amountCents = centsIn(form)
  if (amountCents === null) return invalid('amount is a whole number of cents')
  if (form.get('currency') !== 'usd') return invalid('currency is usd')
  if (key === undefined) return invalid('this fake wants an Idempotency-Key')
  const intent = processor.create({ key, amountCents, customer: form.get('customer') ?? '', metadata: metadataOf(form) })
  if (intent !== null) return good(intentJson(intent))
  return failed(400, { type: 'idempotency_error', message: 'This key was used with other parameters.' })
}

function confirmed (outcome: Confirmed): Reply {
  const told = intentJson(outcome.intent)
  switch (outcome.kind) {
    case 'succeeded': return good(told)
    case 'declined': return failed(402, { type: 'card_error', code: outcome.code, message: 'Declined.', payment_intent: told })
    case 'unexpected': return failed(400, {
      type: 'invalid_request_error', code: 'payment_intent_unexpected_state', message: 'It succeeded before.', payment_intent: told
    })
  }
}

const listed = (object: string, intents: readonly Intent[], hasMore = false): Reply =>
  good({ object, data: intents.map(intentJson), has_more: hasMore })

/** Of a query only what Auto-Reload asks is understood: metadata under one name. */
function search (processor: FakeProcessor, { url }: Asked): Reply {
  const [, name, value] = /^metadata\['(\w+)'\]:'([^']*)'$/.exec(url.searchParams.get('query') ?? '') ?? []
  if (name === undefined) return invalid('query is not understood by this fake')
  return listed('search_result', processor.all().filter(({ metadata }) => metadata[name] === value))
}

/** The newest first, as there. */
function list (processor: FakeProcessor, { url: { searchParams } }: Asked): Reply {
  const since = Number(searchParams.get('created[gte]') ?? 0)
  const limit = Number(searchParams.get('limit') ?? 10)
  const all = processor.all().filter(({ createdSeconds }) => createdSeconds >= since).reverse()
  const after = all.findIndex(({ id }) => id === searchParams.get('starting_after'))
  const page = all.slice(after + 1, after + 1 + limit)
  return listed('list', page, after + 1 + limit < all.length)
}

function route (processor: FakeProcessor, asked: Asked): Reply {
  const { method, url: { pathname }, form } = asked
  const [, id, action] = /^\/v1\/payment_intents(?:\/(\w+))?(\/confirm)?$/.exec(pathname) ?? []
  if (method === 'GET' && id === 'search') return search(processor, asked)
  if (pathname === '/v1/payment_intents') return method === 'GET' ? list(processor, asked) : create(processor, asked)
  const intent = id === undefined ? undefined : processor.intent(id)
  if (intent === undefined) return missing
  if (method === 'GET') return good(intentJson(intent))
  if (action !== undefined) return confirmed(processor.confirm(intent.id, form.get('payment_method') ?? ''))
  const amountCents = centsIn(form)
  if (amountCents === null) return invalid('amount is a whole number of cents')
  return good(intentJson(processor.setAmount(intent.id, amountCents)))
}

async function answer (processor: FakeProcessor, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parts: Buffer[] = []
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
  const { method = 'GET', url = '/', headers } = request
  const key = headers['idempotency-key']
  const asked: Asked = {
    method,
    url: new URL(url, 'http://fake'),
    form: new URLSearchParams(Buffer.concat(parts).toString()),
    key: typeof key === 'string' ? key : undefined
  }
  const isKnown = /^Bearer \S+$/.test(headers.authorization ?? '')
  const { status, body } = isKnown ? route(processor, asked) : unknown
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** Not listening yet. */
export function fakeProcessorServer (processor: FakeProcessor): Server {
  return createServer((request, response) => {
    answer(processor, request, response).catch((error: unknown) => response.destroy(error as Error))
  })
}

// Runs Schemathesis (PyPI) over every operation of inference, against consumption on a market in memory:
//
//   pip install schemathesis                       once, in an environment of your own
//   node test/contracts/schemathesis-inference.ts [-- options of its own, such as --max-examples=200]
//
// SCHEMATHESIS names the command, ONLY one run of those below. Any 5xx, any answer that is not as described, anything
// that a key should have kept out is a failure; and so is a token that is still held afterwards, an answer that was not
// billed, and a bill without an answer. Each run has a market of its own.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gateway } from '../../gateway/app.ts'
import type { Consumption } from '../../gateway/consumption/consumption.ts'
import { placeOf } from '../../gateway/consumption/paths.ts'
import { simulatedUpstream } from '../../gateway/edge/simulated/upstream.ts'
import { answerUnreadable } from '../../gateway/serving/unreadable.ts'
import type { Delivery } from '../../schemas/identity/records.ts'
import { benKey, smallConsumption, type SmallConsumption } from '../gateway/consumption/small-consumption.ts'
import { MemoryMarket } from './market.ts'
import { foundAll, foundDeliveries, foundModels } from './inference-values.ts'
import { requestHistory } from './past-requests.ts'
import { narrowed, schemathesis } from './schemathesis-run.ts'

type Item = { readonly servers?: ReadonlyArray<{ readonly url: string }> }
type Description = { readonly paths: Readonly<Record<string, Item>> }

/** Of a stream Schemathesis sees events, one by one, where OpenAPI 3.1 can only speak of its text. */
const eventsOf = (name: string, value: unknown): unknown =>
  name === 'text/event-stream' ? { schema: { type: 'object', properties: { data: { type: 'string' } } } } : value

/** What has servers of its own is inference: with the first of them in its path, one address will do for all. */
function inferenceOf (description: Description): Description {
  const paths = Object.entries(description.paths).flatMap(([path, { servers, ...item }]) =>
    servers === undefined ? [] : [[servers[0]!.url.replace(/\/$/, '') + path, item] as const])
  return JSON.parse(JSON.stringify({ ...description, paths: Object.fromEntries(paths) }), eventsOf) as Description
}

type Serving = {
  readonly small: SmallConsumption
  readonly address: string
  /** Answers to requests for inference that came to their end. */
  readonly answered: () => number
  close (): Promise<void>
}

/** Whoever tries keys all the time is barred, for an hour of examples as for a minute. */
const patient = { check: () => {}, count: () => {} } as unknown as Consumption['strangers']
const unlimited = { requestsPerMinute: null, tokensPerMinute: null, openMax: null }

async function serving (delivery: Delivery): Promise<Serving> {
  const upstream = await simulatedUpstream()
  const small = await smallConsumption({
    upstreams: [upstream.url], units: 100, limits: unlimited, account: { delivery }
  })
  const others = new MemoryMarket()
  const consumption = { ...small.consumption, receipts: requestHistory, strangers: patient }
  const answer = gateway(others.ports, consumption).callback()
  let answered = 0
  const server: Server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    const place = placeOf(path)
    response.on('finish', () => {
      if (place?.kind === 'inference' && response.statusCode === 200) answered++
    })
    answer(request, response).catch((error: unknown) => { throw error })
  })
  answerUnreadable(server, () => `req_${consumption.random(16).toString('base64url')}`)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    small,
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answered: () => answered,
    async close () {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
      await small.close()
      await upstream.close()
      others.close()
    }
  }
}

const bearer = (key: string): Readonly<Record<string, string>> => ({ Authorization: `Bearer ${key}` })
const keptMax = 60

/** Under one name all but the first would be told that it is taken. */
const withoutNames = (name: string, value: unknown): unknown =>
  name === 'parameters' && Array.isArray(value)
    ? value.filter(parameter => (parameter as { readonly name: string }).name !== 'idempotency-key')
    : value

/** Responses that are kept. */
async function kept (address: string): Promise<readonly string[]> {
  const body = JSON.stringify({ model: 'text-prime', input: 'Say something.', store: true })
  const headers = { ...bearer(benKey), 'content-type': 'application/json' }
  return await Promise.all(Array.from({ length: keptMax }, async () => {
    const answer = await fetch(`${address}/v1/responses`, { method: 'POST', headers, body })
    return (await answer.json() as { readonly id: string }).id
  }))
}

const minutes = 3 * 60_000

/** What is wrong with what was held and billed, once nothing can come any more. */
async function books ({ small, answered }: Serving): Promise<readonly string[]> {
  await small.settled()
  small.market.tick(minutes)
  await small.settled()
  small.consumption.abandoned.tick(small.consumption.elapsedMs() + minutes)
  await small.settled()
  const { held } = small.tokens()
  const { length: billed } = small.captures
  const internal = small.logged.filter(line => line.includes('"code":"internal"'))
  console.log(`answered ${answered()}, billed ${billed}, held ${held}, errors of ours ${internal.length}`)
  return [
    ...internal,
    ...(held === 0 ? [] : [`${held} tokens are still held`]),
    ...(answered() === billed ? [] : [`${answered()} answers, and ${billed} bills`])
  ]
}

type Case = {
  readonly delivery: Delivery
  readonly headers: Readonly<Record<string, string>>
  /** Which values that are there the description has. */
  readonly values: 'none' | 'models' | 'all'
  readonly options?: readonly string[]
}

const mine = bearer(benKey)
const positive = ['--mode', 'positive']
const short = ['--max-examples', '15']

const runs: Readonly<Record<string, Case>> = {
  'as-served': { delivery: 'direct', headers: mine, values: 'none' },
  'with-models': { delivery: 'direct', headers: mine, values: 'models' },
  'with-what-is-there': { delivery: 'direct', headers: mine, values: 'all', options: positive },
  redirected: {
    delivery: 'redirect',
    headers: { ...mine, 'x-grid-delivery': 'redirect' },
    values: 'all',
    options: [...positive, ...short, '--max-redirects', '3']
  },
  'without-a-key': { delivery: 'direct', headers: {}, values: 'all', options: short },
  'with-a-wrong-key': { delivery: 'direct', headers: bearer('x'.repeat(43)), values: 'all', options: short }
}

async function describedAt (address: string, values: Case['values']): Promise<unknown> {
  const description = inferenceOf(await (await fetch(`${address}/openapi.json`)).json() as Description)
  switch (values) {
    case 'none': return narrowed(description, foundDeliveries)
    case 'models': return narrowed(description, foundModels)
    case 'all': return narrowed(JSON.parse(JSON.stringify(description), withoutNames), foundAll(await kept(address)))
  }
}

async function run (name: string, { delivery, headers, values, options = [] }: Case): Promise<boolean> {
  const market = await serving(delivery)
  const { address: url } = market
  try {
    console.log(`\n${name}\n`)
    const code = await schemathesis({ description: await describedAt(url, values), url, headers, options })
    const faults = await books(market)
    for (const fault of faults) console.log(fault)
    return code === 0 && faults.length === 0
  } finally {
    await market.close()
  }
}

const only = process.env['ONLY']
const wanted = Object.entries(runs).filter(([name]) => only === undefined || name === only)
const went: boolean[] = []
for (const [name, each] of wanted) went.push(await run(name, each))
process.exitCode = went.every(isGood => isGood) ? 0 : 1

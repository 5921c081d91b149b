// One account with tokens for so many requests, and many more that come at once over several gateways, each asking for
// just what it takes; one gateway is killed while it answers. What was drawn is never more than there was, and whoever
// got a whole answer was billed for it once. What the killed gateway held is free again once the market's time has gone
// on by what an authorisation lives.

import { setTimeout as sleep } from 'node:timers/promises'
import { InferenceMarket } from '../../support/inference.ts'
import { booksOf, type Books } from './books.ts'
import { crowd, type Fate } from './crowd.ts'
import { exactUpstream } from './exact-upstream.ts'

export type InferenceSoakOptions = {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly dir: string
  readonly gateways: number
  readonly requests: number
  /** There are tokens for so many of them. */
  readonly affordable: number
  readonly kills: boolean
  /** Within each prompt, so that it can be looked for where it must not be. */
  readonly marker?: string
  readonly say: (line: string) => void
  readonly signal?: AbortSignal
  /** Looks at the market before it is closed. */
  readonly look?: (market: InferenceMarket) => Promise<void>
}

export type InferenceSoak = {
  readonly served: number
  readonly refused: number
  /** Answers that broke off with their gateway. */
  readonly cut: number
  /** Milliseconds until the killed gateway was live again; null: none was killed. */
  readonly againMs: number | null
  readonly upstream: { readonly begun: number, readonly abandoned: number }
  readonly books: Omit<Books, 'captures'> & { readonly captured: number }
  /** Tokens that are free once what nobody ended has lapsed. */
  readonly freeLater: number
  readonly seconds: number
  readonly faults: readonly string[]
}

/** Tokens of a unit: all that the account has. */
const owned = 1_000_000
const output = 10
const messageTokens = 16
const wordMs = 50
const settledMs = 60_000
/** An authorisation lives a quarter of an hour. */
const lapseMs = 16 * 60_000

/**
 * A prompt of so many bytes that input and output come to the share of one request. It is digits, since a supplier who
 * says that he read a token a byte is believed of nothing else.
 */
function bodyFor (affordable: number, marker: string): (isStream: boolean) => string {
  const bytes = owned / affordable - output - messageTokens
  const content = `${marker} `.padEnd(bytes, '0123456789')
  return isStream => JSON.stringify({
    model: 'text-prime', stream: isStream, max_tokens: output, messages: [{ role: 'user', content }]
  })
}

/** Once every request that was answered is in the books: a killed gateway sends what it had on disk. */
async function settledBooks (market: InferenceMarket, fates: readonly Fate[]): Promise<Books> {
  for (const until = performance.now() + settledMs; ;) {
    const books = await booksOf(market.context, market.consumer.holder)
    const isIn = (fate: Fate): boolean => fate.kind !== 'served' || books.captures.has(fate.requestId)
    if (fates.every(isIn) || performance.now() > until) return books
    await sleep(250)
  }
}

/** Tokens that are neither drawn nor held, a quarter of an hour later by the market's own time. */
async function freeLater (market: InferenceMarket): Promise<number> {
  await market.goOn(lapseMs)
  for (const until = performance.now() + settledMs; ;) {
    const { drawn, held, open } = await booksOf(market.context, market.consumer.holder)
    if (open === 0 || performance.now() > until) return owned - drawn - held
    await sleep(250)
  }
}

function faultsOf (fates: readonly Fate[], books: Books, { affordable, kills }: InferenceSoakOptions): string[] {
  const faults: string[] = []
  const served = fates.filter(fate => fate.kind === 'served').map(fate => fate.requestId)
  const unbilled = served.filter(requestId => !books.captures.has(requestId))
  const twice = [...books.captures].filter(([, times]) => times > 1)
  const failed = fates.filter(({ kind }) => kind === 'failed')
  if (new Set(served).size !== served.length) faults.push('two answers have one id')
  if (unbilled.length > 0) faults.push(`${unbilled.length} answers were not billed`)
  if (twice.length > 0) faults.push(`${twice.length} requests were billed more than once`)
  if (books.drawn > owned) faults.push(`${books.drawn} tokens were drawn of ${owned}`)
  if (books.drawn + books.held > owned) faults.push(`${books.drawn} tokens are drawn and ${books.held} held of ${owned}`)
  if (failed.length > 0) faults.push(`${failed.length} failed, such as: ${(failed[0] as { why: string }).why}`)
  const { size: captured } = books.captures
  if (captured + books.open !== affordable) faults.push(`${captured} were billed and ${books.open} are open, of ${affordable}`)
  if (!kills && served.length !== affordable) faults.push(`${served.length} were served, not ${affordable}`)
  if (!kills && books.open > 0) faults.push(`${books.open} are open though nobody was killed`)
  return faults
}

/** Kills the gateway that answers most, once a quarter of all that can be served has been. */
class Killer {
  againMs: Promise<number> | null = null
  readonly #market: InferenceMarket
  readonly #options: InferenceSoakOptions
  readonly #underWay: number[]
  #served = 0

  constructor (market: InferenceMarket, options: InferenceSoakOptions) {
    this.#market = market
    this.#options = options
    this.#underWay = market.urls.map(() => 0)
  }

  begun (gateway: number): void {
    this.#underWay[gateway]!++
  }

  ended (gateway: number, { kind }: Fate): void {
    if (kind !== 'served') return
    this.#underWay[gateway]!--
    this.#served++
    const { kills, affordable, say } = this.#options
    if (!kills || this.againMs !== null || this.#served < affordable / 4) return
    const most = Math.max(...this.#underWay)
    const name = `gateway-${this.#underWay.indexOf(most) + 1}`
    say(`${name} answers ${most} at least, and is killed`)
    this.againMs = this.#market.supervisor.kill(name)
  }
}

export async function soakInference (options: InferenceSoakOptions): Promise<InferenceSoak> {
  const { env, dir, gateways, requests, affordable, kills, marker = 'word', signal } = options
  const upstream = await exactUpstream(wordMs)
  const market = await InferenceMarket.start({
    env,
    dir,
    gateways,
    units: 1,
    isSimulated: true,
    upstreamUrl: upstream.url,
    // All of them come at once: a process that sheds is not what is looked at here.
    gatewayEnv: { DELAY_MS_MAX: '60000' }
  })
  try {
    const from = performance.now()
    const killer = new Killer(market, options)
    const fates = await crowd({
      urls: market.urls,
      key: market.key,
      requests,
      body: bodyFor(affordable, marker),
      begun: gateway => { killer.begun(gateway) },
      ended: (gateway, fate) => { killer.ended(gateway, fate) },
      ...(signal === undefined ? {} : { signal })
    })
    const againMs = await killer.againMs
    const seconds = Number(((performance.now() - from) / 1000).toFixed(1))
    const books = await settledBooks(market, fates)
    await options.look?.(market)
    const free = await freeLater(market)
    const count = (kind: Fate['kind']): number => fates.filter(fate => fate.kind === kind).length
    const { captures, ...sums } = books
    const faults = faultsOf(fates, books, options)
    if (kills && againMs === null) faults.push('no gateway was killed')
    if (free !== owned - books.drawn) faults.push(`${free} tokens are free in the end, of ${owned} less ${books.drawn} drawn`)
    const { begun: asked, abandoned } = upstream
    return {
      served: count('served'),
      refused: count('refused'),
      cut: count('cut'),
      againMs,
      upstream: { begun: asked, abandoned },
      books: { ...sums, captured: captures.size },
      freeLater: free,
      seconds,
      faults
    }
  } finally {
    await market.close()
    await upstream.close()
  }
}

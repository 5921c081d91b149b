// Many lots due in the same sweep, then all expired at once, while the jobs are killed in between and run twice at
// once: each is booked once, however often it was asked of the ledger.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { tokenSums } from '../../../analytics/token-conservation.ts'
import { topics } from '../../../schemas/topics.ts'
import { instant, periodMs, type Instant } from '../../../schemas/units.ts'
import { LotMarket } from './market.ts'

export type LotSoakOptions = {
  /** Where the parts are, and the names of this market. */
  readonly env: Readonly<Record<string, string>>
  readonly buyers: number
  readonly lotsEach: number
  readonly kills: number
  readonly say: (line: string) => void
}

export type LotSoak = {
  readonly lots: number
  /** Jobs killed before they had asked for all that was due. */
  readonly killedInBetween: number
  /** Records on the ledger's topic that ask for an expiry, or a sweep. */
  readonly asked: { readonly expiries: number, readonly sweeps: number }
  readonly faults: readonly string[]
}

/** A quarter past nine on a day with nothing special. */
const period = 123_055
const start = instant(period * periodMs + 75 * 60_000)
const sweptAt = (period + 1) * periodMs
const program = fileURLToPath(new URL('./job.ts', import.meta.url))
const minuteMs = 60_000
const batches = 40

export async function soakLots (options: LotSoakOptions): Promise<LotSoak> {
  const { buyers, lotsEach, say } = options
  const lots = buyers * lotsEach
  const market = await LotMarket.start(options.env, start)
  try {
    await market.buy(buyers, lotsEach)
    say(`${lots} units bought`)
    await market.pass(instant(sweptAt + 10_000))
    const swept = await disturbed(market, options, {
      open: 'SELECT count() AS found FROM lots', expected: lots, most: buyers
    })
    say(`${lots} lots opened, ${swept} jobs killed in between`)
    await market.pass(instant(sweptAt + periodMs + 10_000))
    const expired = await disturbed(market, options, {
      open: 'SELECT count() AS found FROM lots WHERE open_tokens = 0', expected: lots, most: lots
    })
    say(`${lots} lots expired, ${expired} jobs killed in between`)
    const [asked, faults] = [await askedOf(market), await faultsIn(market, lots)]
    return { lots, killedInBetween: swept + expired, asked, faults }
  } finally {
    await market.close()
  }
}

type Aim = { readonly open: string, readonly expected: number, readonly most: number }

/** Two jobs at once, one of which is killed and started again, time passing; then two that may end what they do. */
async function disturbed (market: LotMarket, options: LotSoakOptions, { open, expected, most }: Aim): Promise<number> {
  const { env, kills } = options
  const batch = Math.max(1, Math.ceil(most / batches))
  let killed = 0
  let other = job(env, { now: market.now, batch, pauseMs: 400 })
  for (let kill = 0; kill < kills; kill++) {
    const ends = await endsOf(market)
    const one = job(env, { now: market.now, batch, pauseMs: 200 })
    // In the midst of it: something has been asked for, by either of the two, and not all is booked.
    await moved(market, ends, one)
    await killedNow(one)
    if (await market.only(open) < expected) killed++
    // The ids of what was asked are forgotten meanwhile, so that the ledger hears all of it again.
    await market.pass(instant(market.now + 2 * minuteMs))
    if (kill % 2 === 1) {
      await killedNow(other)
      other = job(env, { now: market.now, batch, pauseMs: 400 })
    }
  }
  // Of a job that is late the ledger takes nothing; what it sent is forgotten once time has passed.
  await killedNow(other)
  await market.pass(instant(market.now + 2 * minuteMs))
  const last = [1, 2].map(() => job(env, { now: market.now, batch: 1000, pauseMs: 0 }))
  await market.until(open, expected)
  for (const each of last) await killedNow(each)
  return killed
}

type Paced = { readonly now: Instant, readonly batch: number, readonly pauseMs: number }

function job (env: LotSoakOptions['env'], { now, batch, pauseMs }: Paced): ChildProcess {
  const args = [program, ...[now, batch, pauseMs].map(String)]
  return spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'ignore', 'inherit'] })
}

async function killedNow (child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) throw new Error(`a job ended by itself: ${child.exitCode}`)
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

const partitions = Array.from({ length: topics.ledger.partitions }, (_, partition) => partition)

async function endsOf ({ context: { log, topic } }: LotMarket): Promise<number> {
  const extents = await Promise.all(partitions.map(partition => log.extent(topic(topics.ledger.name), partition)))
  return extents.reduce((sum, { end }) => sum + end, 0)
}

/** Resolves once something came to the ledger's topic; a job that ended has failed. */
async function moved (market: LotMarket, ends: number, child: ChildProcess): Promise<void> {
  while (await endsOf(market) === ends) {
    if (child.exitCode !== null) throw new Error(`a job ended by itself: ${child.exitCode}`)
  }
}

async function askedOf (market: LotMarket): Promise<LotSoak['asked']> {
  const { binder, log, topic } = market.context
  const counts = { 'expire-lot': 0, 'sweep-position': 0 }
  const name = topic(topics.ledger.name)
  for (const partition of partitions) {
    const { start, end } = await log.extent(name, partition)
    const done = Promise.withResolvers<undefined>()
    const reading = await log.read({ topic: name, partition, from: start }, async batch => {
      for (const { value, offset } of batch) {
        const { kind } = await binder.read(value)
        if (kind === 'expire-lot' || kind === 'sweep-position') counts[kind]++
        if (offset === end - 1) done.resolve(undefined)
      }
    }, error => { done.reject(error) })
    await done.promise
    await reading.close()
  }
  return { expiries: counts['expire-lot'], sweeps: counts['sweep-position'] }
}

const expiredWhole = `SELECT count() AS found FROM
  (SELECT lot_id FROM lot_changes WHERE change = 'expired' GROUP BY lot_id HAVING sum(tokens) = 1000000 AND count() = 1)`

/** What is not as it must be, in words. */
async function faultsIn (market: LotMarket, lots: number): Promise<string[]> {
  const questions: ReadonlyArray<readonly [what: string, sql: string, expected: number]> = [
    ['lots opened at the sweep', `SELECT countIf(toUnixTimestamp64Milli(opened_at) = ${sweptAt}) AS found FROM lots`, lots],
    ['openings', "SELECT countIf(change = 'opened') AS found FROM lot_changes", lots],
    ['expiries', "SELECT countIf(change = 'expired') AS found FROM lot_changes", lots],
    ['lots expired whole, once', expiredWhole, lots],
    ['tokens of breakage', "SELECT sum(amount) AS found FROM postings WHERE account = 'breakage'", lots * 1_000_000],
    ['units left in Trading by buyers', "SELECT sumIf(amount, account = 'trading' AND posting_holder > 1) AS found FROM postings", 0],
    ['dead letters', 'SELECT count() AS found FROM dead_letters', 0]
  ]
  const faults: string[] = []
  for (const [what, sql, expected] of questions) {
    const found = await market.only(sql)
    if (found !== expected) faults.push(`${what}: ${found}, and not ${expected}`)
  }
  const [sums] = await tokenSums(market.clickHouse, instant(market.now + periodMs))
  if (sums?.isKept !== true) faults.push(`tokens do not add up: ${String(sums?.tokens.opened)} opened`)
  return faults
}

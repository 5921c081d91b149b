// A usage replay: a recorded trace through the whole market, waited for step by step, and held against all that is
// known of it. Who runs the stages and the sinks, and what is done to them meanwhile, is the caller's business.

import { connectClickHouse, type ClickHouse } from '../../analytics/client.ts'
import { migrate } from '../../analytics/migrate.ts'
import { setParameters, type Instrument } from '../../schemas/instruments.ts'
import type { Instant } from '../../schemas/units.ts'
import type { Context } from '../process/context.ts'
import { provide } from '../provide.ts'
import { flowStart } from './flow.ts'
import { Standings, watchingUsage } from './standings.ts'
import { castOf, openingCommands, type Cast } from './usage-accounts.ts'
import { UsageBookings } from './usage-bookings.ts'
import { UsageDriver } from './usage-driver.ts'
import { UsageLedger } from './usage-ledger.ts'
import { UsageMarket } from './usage-market.ts'
import { stepMs, stepsOfTrace, type Timing } from './usage-schedule.ts'
import { UsageSender } from './usage-sender.ts'
import type { Trace } from './usage-trace.ts'
import { verifyUsage, type UsageVerdict } from './usage-verify.ts'

export type UsageProgress = Readonly<Record<'requests' | 'authorized' | 'captured' | 'stored', number>>

export type UsageOptions = {
  readonly trace: Trace
  readonly instrument: Instrument
  readonly consumers: number
  /** How much longer than recorded it takes until the next request comes. */
  readonly timeScale: number
  /** Nothing goes on before what it returns is resolved. */
  readonly progress?: (progress: UsageProgress) => void | Promise<void>
  readonly signal?: AbortSignal
  /** How long nothing may move before it is given up: two minutes. */
  readonly stallMs?: number
}

/** All from the first command on. */
export type UsageSeconds = { readonly captured: number, readonly stored: number, readonly checked: number }

export type UsageOutcome = { readonly verdict: UsageVerdict, readonly seconds: UsageSeconds }

/** Two hours before the first sweep. */
const startsAt = flowStart + 2 * 60 * 60_000 as Instant
const stallMsDefault = 120_000
const lookMs = 250

/** Makes the topics and tables of the context's prefix and database, with the instrument listed. */
export async function prepareUsage (context: Context, { instrument }: Pick<UsageOptions, 'instrument'>): Promise<void> {
  const listings = new Map([[instrument.index, setParameters(instrument)]])
  await provide(context, { isSimulated: true, at: startsAt, listings })
  await migrate(context.config.clickhouse)
}

/** Plays the whole trace, waits until every sink has all of it, and checks. */
export async function runUsage (context: Context, options: UsageOptions): Promise<UsageOutcome> {
  const { stallMs = stallMsDefault } = options
  const giveUp = new AbortController()
  const signal = options.signal === undefined ? giveUp.signal : AbortSignal.any([giveUp.signal, options.signal])
  const clickHouse = connectClickHouse(context.config.clickhouse)
  const ledger = new UsageLedger(context, { stallMs, signal })
  const standings = new Standings(context, watchingUsage(options.instrument.index))
  try {
    await Promise.all([ledger.open(), standings.open()])
    return await new Run(context, { ...options, stallMs, signal, clickHouse, ledger, standings }).play()
  } finally {
    giveUp.abort()
    await Promise.all([ledger.close(), standings.close()])
    await clickHouse.close()
  }
}

type Parts = UsageOptions & {
  readonly stallMs: number
  readonly signal: AbortSignal
  readonly clickHouse: ClickHouse
  readonly ledger: UsageLedger
  readonly standings: Standings
}

class Run {
  readonly #context: Context
  readonly #parts: Parts
  readonly #cast: Cast
  readonly #sender: UsageSender
  readonly #bookings: UsageBookings
  readonly #driver: UsageDriver
  readonly #timing: Timing
  #lookedAt = -Infinity
  #storedRequests = 0

  constructor (context: Context, parts: Parts) {
    const { trace, instrument, consumers, timeScale, ledger, clickHouse, signal } = parts
    this.#context = context
    this.#parts = parts
    this.#cast = castOf(consumers)
    this.#timing = { startsAt, timeScale }
    const name = `usage-${trace.name}`
    const cast = this.#cast
    const sender = new UsageSender(context, { name, partition: instrument.index, signal })
    this.#sender = sender
    this.#bookings = new UsageBookings(clickHouse, sender)
    const market = new UsageMarket({ sender, ledger, instrument, suppliers: cast.suppliers })
    const clock = { timing: this.#timing, trace }
    this.#driver = new UsageDriver({ ...clock, sender, ledger, market, cast, instrument })
  }

  async play (): Promise<UsageOutcome> {
    const { trace, instrument, clickHouse, progress } = this.#parts
    const began = performance.now()
    const since = (): number => (performance.now() - began) / 1000
    await this.#open()
    let until = startsAt
    for (const step of stepsOfTrace(trace, this.#timing)) {
      until = step.at
      await this.#sender.tick(until)
      await this.#bookings.runAt(until)
      await this.#driver.play(step)
      const { authorized, captured } = this.#driver
      await progress?.({ requests: trace.requests.length, authorized, captured, stored: await this.#stored() })
    }
    const captured = since()
    until = until + stepMs as Instant
    await this.#settle(until)
    const stored = since()
    const verdict = await verifyUsage(this.#context, {
      clickHouse,
      trace,
      instrumentId: instrument.instrumentId,
      holders: this.#cast.holders,
      readings: this.#sender.readings,
      from: startsAt,
      until
    })
    return { verdict, seconds: { captured, stored, checked: since() } }
  }

  async #open (): Promise<void> {
    const commands = openingCommands(this.#cast, this.#parts.instrument.instrumentId)
    await this.#sender.tick(startsAt)
    await this.#sender.send(commands.map(command => ({ command, at: startsAt })))
    await this.#driver.opened()
  }

  /** Until all that is due by now is booked, and everything is stored. */
  async #settle (now: Instant): Promise<void> {
    await this.#sender.tick(now)
    do await this.#untilStored()
    while (await this.#bookings.run(now) > 0)
    await this.#untilStored()
  }

  /** Twice in a row, since what the ledger tells matching comes back to it. */
  async #untilStored (): Promise<void> {
    const { standings, stallMs, signal } = this.#parts
    let [before, moved] = ['', { where: '', at: performance.now() }]
    for (;;) {
      signal.throwIfAborted()
      const [matched, stored] = [await standings.matched(), await standings.stored()]
      const isThere = matched.reached >= matched.end && stored.reached >= stored.end
      const where = `stages at ${matched.reached} of ${matched.end} records, sinks at ${stored.reached} of ${stored.end}`
      if (isThere && where === before) return
      before = isThere ? where : ''
      if (where !== moved.where) moved = { where, at: performance.now() }
      if (performance.now() - moved.at > stallMs) throw new Error(`nothing has moved for ${stallMs / 1000} s: ${where}`)
      await this.#context.log.sleep(lookMs)
    }
  }

  /** As good as it was a moment ago. Sinks that are away change nothing of how far it is. */
  async #stored (): Promise<number> {
    if (performance.now() - this.#lookedAt < storedEveryMs) return this.#storedRequests
    this.#lookedAt = performance.now()
    const [row] = await this.#parts.clickHouse.rows<{ requests: string }>(storedQuery)
    this.#storedRequests = Number(row?.requests ?? 0)
    return this.#storedRequests
  }
}

const storedEveryMs = 2000
const storedQuery = 'SELECT toString(uniqExact(holder, entry_sequence)) AS requests FROM usage_receipts_raw'

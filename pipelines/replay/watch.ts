// Looks on while a flow goes through the pipeline, and knows when all of it has.

import type { ClickHouse } from '../../analytics/client.ts'
import { canRetry } from '../../analytics/failure.ts'
import type { Context } from '../process/context.ts'
import type { Flow } from './flow.ts'
import { Standings, watchingFlow, type Lag } from './standings.ts'

/** In messages of the flow; of those matched and stored as good a guess as offsets allow. */
export type Progress = {
  readonly messages: number
  readonly sent: number
  readonly matched: number
  readonly stored: number
}

export type WatchOptions = {
  readonly flow: Flow
  readonly partition: number
  readonly throughAccounts?: boolean
  readonly clickhouse: ClickHouse
  readonly progress?: ((progress: Progress) => void) | undefined
  /** How long nothing may move before it is given up. */
  readonly stallMs: number
  readonly signal: AbortSignal
}

/** Each look asks the broker four questions, and it has better things to do. */
const lookMs = 500

export class Watch {
  readonly #context: Context
  readonly #options: WatchOptions
  readonly #standings: Standings
  #sent = 0
  #isSent = false

  constructor (context: Context, options: WatchOptions) {
    this.#context = context
    this.#options = options
    this.#standings = new Standings(context, watchingFlow(options.partition, options))
  }

  open (): Promise<void> {
    return this.#standings.open()
  }

  sent (messages: number): void {
    this.#sent = messages
  }

  /** Nothing is sent any more: what matching makes of the rest is all there will be. */
  sentAll (): void {
    this.#isSent = true
  }

  /** Resolves once all is stored, with the time at which matching had answered all. */
  async untilStored (): Promise<number> {
    const { stallMs, signal } = this.#options
    let matchedAt: number | undefined
    let moved = { where: '', at: performance.now() }
    for (;;) {
      signal.throwIfAborted()
      // Asked in this order: once nothing is sent, matching's end stands, and with it the ends of what it wrote.
      const isSent = this.#isSent
      const matched = await this.#standings.matched()
      const stored = await this.#standings.stored()
      this.#report(matched, stored)
      if (isSent && matched.reached >= matched.end) {
        matchedAt ??= performance.now()
        if (stored.reached >= stored.end && await this.#hasCandles()) return matchedAt
      }
      const where = `${this.#sent} messages sent, matching at ${inWords(matched)}, sinks at ${inWords(stored)}`
      if (where !== moved.where) moved = { where, at: performance.now() }
      if (performance.now() - moved.at > stallMs) throw new Error(`nothing has moved for ${stallMs / 1000} s: ${where}`)
      await this.#context.log.sleep(lookMs)
    }
  }

  #report (matched: Lag, stored: Lag): void {
    const { progress, flow: { messages } } = this.#options
    const sent = this.#sent
    const answered = part(sent, matched)
    progress?.({ messages, sent, matched: answered, stored: part(answered, stored) })
  }

  // The candle sink keeps its place at the start of the open minute; how far it is its rows say.
  async #hasCandles (): Promise<boolean> {
    const { clickhouse, flow: { parameters: { instrumentId } } } = this.#options
    try {
      const [row] = await clickhouse.rows<{ missing: string }>(lastSequences, { instrument: instrumentId })
      return row?.missing === '0'
    } catch (error) {
      if (canRetry(error)) return false
      throw error
    }
  }

  async close (): Promise<void> {
    await this.#standings.close()
  }
}

/** How many widths of bars have not come to the last fill yet. */
const lastSequences = `
  WITH (SELECT max(sequence) FROM fills_raw WHERE instrument_id = {instrument:String}) AS last
  SELECT toString(countIf(reached < last)) AS missing
  FROM
  (
    SELECT maxIf(last_sequence, resolution = '1s') AS reached FROM candles_raw WHERE instrument_id = {instrument:String}
    UNION ALL
    SELECT maxIf(last_sequence, resolution = '1m') FROM candles_raw WHERE instrument_id = {instrument:String}
  )`

const inWords = ({ reached, end }: Lag): string => `${reached} of ${end} records`

function part (whole: number, { reached, end }: Lag): number {
  return end === 0 ? 0 : Math.min(whole, Math.floor(whole * reached / end))
}

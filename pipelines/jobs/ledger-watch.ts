// Watches what the journal adds up to: nothing lost, nothing made, no trade of which only one side is booked (Q2), and
// no token that is neither drawn, nor open, nor expired, nor regranted.

import type { Logger } from 'pino'
import { Gauge, type Registry } from 'prom-client'
import type { LedgerAudit } from '../../analytics/conservation.ts'
import { instant, type Instant } from '../../schemas/units.ts'

export type WatchContext = { readonly logger: Logger, readonly metrics: Registry }

/** A trade is booked by both sides within moments; one that is not after this long is an alarm. */
export const openTransitMs = 10_000
/** All balances are summed up in one run of so many: it takes a reading of the whole journal. */
const conservationEvery = 10
/** What was booked longer ago than this is in all tables, unless the sinks are behind. */
const settledMs = 60_000
/** How far back the first run looks for what is open. What is older shows in the sums in transit. */
const lookBackMs = 7 * 24 * 60 * 60 * 1000

export class LedgerWatch {
  readonly #audit: LedgerAudit
  readonly #logger: Logger
  readonly #open: Gauge
  readonly #broken: Gauge
  readonly #inTransit: Gauge
  readonly #brokenLots: Gauge
  #brokenBefore: ReadonlySet<string> = new Set()
  #since: Instant | undefined
  #runs = 0

  constructor (audit: LedgerAudit, { logger, metrics }: WatchContext) {
    const registers = [metrics]
    this.#audit = audit
    this.#logger = logger
    this.#open = new Gauge({ name: 'ledger_open_in_transit', help: 'Trades and transfers of which one side has been booked for more than ten seconds and the other is not.', registers })
    this.#inTransit = new Gauge({ name: 'ledger_in_transit', help: 'What one side of a trade or transfer has booked and the other has not yet, in the units of the asset.', labelNames: ['asset'], registers })
    this.#brokenLots = new Gauge({ name: 'ledger_broken_lots', help: 'Instruments of which the lots, the journal and the receipts do not come to the same.', registers })
    this.#broken = new Gauge({ name: 'ledger_broken_sums', help: 'Assets of which the accounts of everyone do not add up to nothing.', registers })
  }

  async run (now: Instant): Promise<void> {
    await this.#watchTransit(instant(now - openTransitMs))
    if (this.#runs++ % conservationEvery === 0) {
      await this.#watchSums()
      await this.#watchLots(instant(now - settledMs))
    }
  }

  async #watchTransit (before: Instant): Promise<void> {
    const since = this.#since ?? instant(before - lookBackMs)
    const open = await this.#audit.openInTransit({ since, before })
    this.#open.set(new Set(open.map(({ reference, isTrade }) => `${isTrade} ${reference}`)).size)
    if (open.length > 0) {
      const words = open.slice(0, 20).map(({ reference, asset, amount }) => `${reference}: ${amount} ${asset}`)
      this.#logger.error({ open: words }, 'one side is booked and the other is not')
    }
    // What is all booked is not looked at again; what is open is, until it is not.
    this.#since = instant(Math.min(before, ...open.map(({ firstAt }) => firstAt)))
  }

  async #watchSums (): Promise<void> {
    const { assets, unconverted, isKept } = await this.#audit.conservation()
    const wrong = assets.filter(({ total, unbalanced }) => total !== 0n || unbalanced > 0).map(({ asset }) => asset)
    for (const { asset, inTransit } of assets) this.#inTransit.set({ asset }, Number(inTransit))
    this.#broken.set(new Set([...wrong, ...unconverted]).size)
    if (!isKept) this.#logger.error({ wrong, unconverted }, 'the journal does not add up to nothing')
  }

  // Found broken once it may be a block of which a part was in: twice in a row it is not.
  async #watchLots (before: Instant): Promise<void> {
    const sums = await this.#audit.tokens(before)
    const broken = sums.filter(({ isKept }) => !isKept).map(({ instrumentId }) => instrumentId)
    const lasting = broken.filter(id => this.#brokenBefore.has(id))
    this.#brokenBefore = new Set(broken)
    this.#brokenLots.set(lasting.length)
    if (lasting.length > 0) this.#logger.error({ instruments: lasting }, 'lots, journal and receipts do not come to the same')
  }
}

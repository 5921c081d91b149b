// The bookings of a usage replay: the jobs of lots, with the same questions and the same decisions, at its own time.

import { due as dueIn, type Due } from '../../analytics/due.ts'
import type { ClickHouse } from '../../analytics/client.ts'
import { instant, type Instant } from '../../schemas/units.ts'
import { decide, type Asked } from '../jobs/due-commands.ts'
import { lotExpiry, sweep, type LotJob } from '../jobs/lot-jobs.ts'
import type { UsageSender } from './usage-sender.ts'

/** Of simulated time. */
const everyMs = 5 * 60_000
const rowsMax = 10_000

class Booking<Row> {
  readonly #job: LotJob<Row>
  #asked: Asked = new Map()

  constructor (job: LotJob<Row>) {
    this.#job = job
  }

  /** How many commands were sent. */
  async run (due: Due, sender: UsageSender, now: Instant): Promise<number> {
    const found: Row[] = []
    for (let beyond: Row | null = null; ;) {
      const rows: readonly Row[] = await this.#job.page(due, { since: instant(0), now, beyond, limit: rowsMax })
      found.push(...rows)
      if (rows.length < rowsMax) break
      beyond = rows.at(-1)!
    }
    const { commands, asked } = decide(found.map(row => this.#job.commandOf(row, now)), this.#asked, now)
    this.#asked = asked
    await sender.send(commands.map(({ command }) => ({ command, at: now })))
    return commands.length
  }
}

export class UsageBookings {
  readonly #due: Due
  readonly #sender: UsageSender
  readonly #sweep = new Booking(sweep)
  readonly #expiry = new Booking(lotExpiry)
  #nextAt = 0

  constructor (clickHouse: ClickHouse, sender: UsageSender) {
    this.#due = dueIn(clickHouse)
    this.#sender = sender
  }

  /** Where it is time. */
  async runAt (now: Instant): Promise<void> {
    if (now < this.#nextAt) return
    this.#nextAt = now + everyMs
    await this.run(now)
  }

  async run (now: Instant): Promise<number> {
    return await this.#sweep.run(this.#due, this.#sender, now) + await this.#expiry.run(this.#due, this.#sender, now)
  }
}

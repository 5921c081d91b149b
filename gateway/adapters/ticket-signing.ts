// The pair that this gateway signs tickets with: published before it signs, renewed when half of its life is over, and
// taken out of the published set once it has expired.

import type { Directory } from '../../pipelines/identities/directory.ts'
import type { Identity } from '../../schemas/identity/records.ts'
import type { Instant } from '../../schemas/units.ts'
import type { SigningPort } from '../consumption/ports.ts'
import { makeTicketKey, rotateAfterMs, type MadePair } from '../tickets/ticket-keys.ts'

export type TicketSigningOptions = {
  readonly directory: Pick<Directory, 'ticketKeys'>
  /** Resolves once this process's own directory has it. */
  readonly write: (identity: Identity) => Promise<void>
  readonly remove: (identity: Identity) => Promise<void>
  readonly now: () => Instant
  readonly warn: (about: object, text: string) => void
}

const lookEveryMs = 60_000

export class TicketSigning implements SigningPort {
  readonly #options: TicketSigningOptions
  #pair: MadePair
  readonly #timer: NodeJS.Timeout

  private constructor (options: TicketSigningOptions, pair: MadePair) {
    this.#options = options
    this.#pair = pair
    this.#timer = setInterval(() => { this.#look().catch(() => {}) }, lookEveryMs)
    this.#timer.unref()
  }

  static async open (options: TicketSigningOptions): Promise<TicketSigning> {
    const pair = makeTicketKey(options.now())
    await options.write(pair.published)
    return new TicketSigning(options, pair)
  }

  pair (): MadePair {
    return this.#pair
  }

  close (): void {
    clearInterval(this.#timer)
  }

  // What fails is tried again at the next look; the old pair is good for half a day more.
  async #look (): Promise<void> {
    const { now, write, remove, directory, warn } = this.#options
    try {
      if (now() - this.#pair.published.createdAt > rotateAfterMs) {
        const next = makeTicketKey(now())
        await write(next.published)
        this.#pair = next
      }
      for (const key of directory.ticketKeys()) {
        if (key.expiresAt <= now()) await remove(key)
      }
    } catch (error) {
      warn({ error: String(error) }, 'ticket keys could not be renewed')
    }
  }
}

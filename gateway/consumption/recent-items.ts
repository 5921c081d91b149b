// What models said in the last minutes, for clients that name it by its id instead of sending it again, though they
// did not ask for anything to be kept. In this process's memory alone, never what was asked, and gone soon: what is to
// last, or to be found at another gateway, a client asks to be kept (`store: true`).

import type { HolderId } from '../../schemas/units.ts'
import type { Kept } from '../surfaces/surface.ts'

const lifeMs = 10 * 60_000
/** Of all together, as text; the oldest go first. */
const charactersMax = 64 * 1024 * 1024

type Remembered = { readonly text: string, readonly until: number }

export class RecentItems {
  readonly #elapsedMs: () => number
  /** In the order in which they go. */
  readonly #remembered = new Map<string, Remembered>()
  #characters = 0

  constructor (elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs
  }

  remember (holder: HolderId, { response, items = [] }: Kept): void {
    const { id, output } = response
    const key = `${holder} ${id as string}`
    this.#forget(key)
    const text = JSON.stringify({ messages: [], response: { id, output }, items })
    this.#remembered.set(key, { text, until: this.#elapsedMs() + lifeMs })
    this.#characters += text.length
    this.#trim()
  }

  /** Null: nothing is known of it any more. */
  find (holder: HolderId, responseId: string): Kept | null {
    this.#trim()
    const found = this.#remembered.get(`${holder} ${responseId}`)
    return found === undefined ? null : JSON.parse(found.text) as Kept
  }

  #trim (): void {
    const now = this.#elapsedMs()
    for (const [key, { until }] of this.#remembered) {
      if (until > now && this.#characters <= charactersMax) return
      this.#forget(key)
    }
  }

  #forget (key: string): void {
    this.#characters -= this.#remembered.get(key)?.text.length ?? 0
    this.#remembered.delete(key)
  }
}

// Changes of settings, one after the other for each account: each begins with what the one before it has left.

import type { AccountSettings } from '../../schemas/identity/records.ts'
import { instant, type HolderId, type Instant } from '../../schemas/units.ts'
import type { SettingsPort } from './settings-port.ts'

/** What is to be different; throws where it can't be. */
export type Change = (before: AccountSettings) => Partial<AccountSettings>

export class SettingsChanges {
  readonly #settings: SettingsPort
  readonly #now: () => Instant
  readonly #last = new Map<HolderId, Promise<unknown>>()

  constructor ({ settings, now }: { readonly settings: SettingsPort, readonly now: () => Instant }) {
    this.#settings = settings
    this.#now = now
  }

  /** The settings as they are then. Nothing is written where nothing changes. */
  async change (holder: HolderId, change: Change): Promise<AccountSettings> {
    const before = this.#last.get(holder) ?? Promise.resolve()
    const changed = before.then(() => this.#apply(holder, change))
    const settled = changed.catch(() => {}) // Who asked for it is told; the next one begins with what is there.
    this.#last.set(holder, settled)
    try {
      return await changed
    } finally {
      if (this.#last.get(holder) === settled) this.#last.delete(holder)
    }
  }

  async #apply (holder: HolderId, change: Change): Promise<AccountSettings> {
    const before = this.#settings.settings(holder)
    const asked = change(before)
    if (Object.keys(asked).length === 0) return before
    // Later than the last, even where two come within a millisecond: by it others tell that something has changed.
    const updatedAt = instant(Math.max(this.#now(), before.updatedAt + 1))
    const after: AccountSettings = { ...before, ...asked, kind: 'account-settings', updatedAt }
    await this.#settings.write(after)
    return after
  }
}

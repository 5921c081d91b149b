// What the routes of settings and keys need of who is who.

import type { AccountSettings, ConsumptionKey, Identity } from '../../schemas/identity/records.ts'
import type { HolderId } from '../../schemas/units.ts'

export type IdentityWritePort = {
  /** Resolves once the log has it and this gateway has applied it. */
  write (identity: Identity): Promise<void>
  /** The same: nothing is known of it any more. */
  remove (identity: Identity): Promise<void>
}

export type SettingsPort = IdentityWritePort & {
  /** What holds of all, where the account has set nothing. */
  settings (holder: HolderId): AccountSettings
  /** Active or not, expired or not. */
  keys (holder: HolderId): readonly ConsumptionKey[]
}

// `KeysPort`: consumption keys and settings, from the directory that this process follows.

import { consumptionKeyHash } from '../../pipelines/identities/consumption-keys.ts'
import type { Directory } from '../../pipelines/identities/directory.ts'
import type { Instant } from '../../schemas/units.ts'
import type { KeysPort } from '../consumption/ports.ts'

/** Longer than any key that was ever issued. */
const keyLengthMax = 200

export function keysPort (directory: Directory, now: () => Instant): KeysPort {
  return {
    consumptionKey: key =>
      key.length > keyLengthMax ? undefined : directory.consumptionKey(consumptionKeyHash(key), now()),
    keyById: keyId => {
      const key = directory.consumptionKeyById(keyId)
      return key === undefined ? undefined : directory.consumptionKey(key.keyHash, now())
    },
    settings: holder => directory.settings(holder),
    ticketKeys: () => directory.ticketKeys()
  }
}

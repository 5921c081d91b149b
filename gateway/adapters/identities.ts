// Who is who, from the directory that this process follows.

import type { Logger } from 'pino'
import type { Directory } from '../../pipelines/identities/directory.ts'
import type { SigningKey } from '../../schemas/identity/records.ts'
import { checks, type Check } from '../auth/public-key.ts'
import type { IdentityPort } from '../ports.ts'

/** Each key is parsed when it is first used, and forgotten with its record. */
function parsedKeys (log: Pick<Logger, 'error'>): (key: SigningKey) => Check | null {
  const parsed = new WeakMap<SigningKey, Check | null>()
  const parse = (key: SigningKey): Check | null => {
    try {
      return checks(Buffer.from(key.publicKey, 'base64'))
    } catch (error) {
      // Whoever registers a key looks at it first; what is no key all the same is nobody's.
      log.error({ keyId: key.keyId, error: String(error) }, 'a registered key can not be used')
      return null
    }
  }
  return key => {
    const known = parsed.get(key)
    if (known !== undefined) return known
    const check = parse(key)
    parsed.set(key, check)
    return check
  }
}

/** The directory holds all that was in the log when it was first read: a gateway listens after that. */
export function identityPort (directory: Directory, log: Pick<Logger, 'error'>): IdentityPort {
  const checkOf = parsedKeys(log)
  return {
    signingKey (fingerprint) {
      const owned = directory.signingKey(fingerprint)
      const verifies = owned === undefined ? null : checkOf(owned.key)
      return owned === undefined || verifies === null ? undefined : { user: owned.user, fingerprint, verifies }
    },
    user: holder => directory.user(holder),
    subAccounts: of => directory.subAccounts(of),
    isReady: true
  }
}

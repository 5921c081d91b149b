// Who calls in tests that are not about signatures: users whose every signature is taken for theirs.

import type { IdentityPort, User } from '../../gateway/ports.ts'
import { holderId, instant, ownerId } from '../../schemas/units.ts'
import { userOf } from './auth/keys.ts'
import { now } from './support.ts'

const since = { createdAt: instant(now - 86_400_000), updatedAt: instant(now - 3_600_000) }

export const trader: User = userOf(11, { ...since, name: 'Ada' })
/** A sub-account of the trader's. */
export const desk: User = userOf(12, { ...since, owner: ownerId(11), parent: holderId(11), name: 'Desk' })
export const supplier: User = userOf(21, { ...since, roles: ['trader', 'supplier'], name: 'Sol' })
export const clerk: User = userOf(31, { ...since, roles: ['finance'], name: 'Finn' })

export function trusting (users: readonly User[]): IdentityPort {
  const known = new Map(users.map(user => [user.userId, user]))
  return {
    signingKey: fingerprint => {
      const user = known.get(holderId(Number(fingerprint)))
      return user === undefined ? undefined : { user, fingerprint, verifies: async () => Promise.resolve(true) }
    },
    user: holder => known.get(holder),
    subAccounts: of => users.filter(({ parent }) => parent === of),
    isReady: true
  }
}

let signed = 0

/** What a request of the user's carries; another signature each time, so that each is a command of its own. */
export function signedBy (user: User): Record<string, string> {
  const signature = Buffer.alloc(64)
  signature.writeUInt32BE(signed++)
  return {
    'x-thegrid-signature': signature.toString('base64'),
    'x-thegrid-timestamp': String(Math.floor(now / 1000)),
    'x-thegrid-fingerprint': String(user.userId)
  }
}

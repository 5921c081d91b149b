// Who may do what here: users, and the keys they are known by. A compacted topic that the edge reads; no core does.

import type { HolderId, Instant, OwnerId } from '../units.ts'

export const userRole = ['trader', 'supplier', 'finance', 'admin'] as const
export type UserRole = typeof userRole[number]

export type User = {
  readonly kind: 'user'
  /** Also the holder that its accounts are kept under. */
  readonly userId: HolderId
  readonly owner: OwnerId
  /** The user whose sub-account this is. */
  readonly parent: HolderId | null
  readonly email: string
  readonly name: string
  readonly roles: readonly UserRole[]
  /** False: none of its keys works. */
  readonly isActive: boolean
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export type SigningKey = {
  readonly kind: 'signing-key'
  readonly keyId: string
  readonly userId: HolderId
  readonly label: string
  /** 32 bytes, base64. */
  readonly publicKey: string
  /** base64 of SHA-256 of the raw key, without padding. */
  readonly fingerprint: string
  readonly createdAt: Instant
}

export type ConsumptionKey = {
  readonly kind: 'consumption-key'
  readonly keyId: string
  readonly userId: HolderId
  readonly name: string
  readonly keyPrefix: string
  /** SHA-256 of the key, hex. The key itself is nowhere. */
  readonly keyHash: string
  readonly isActive: boolean
  readonly expiresAt: Instant | null
  readonly createdAt: Instant
}

export type Identity = User | SigningKey | ConsumptionKey

/** The key of a record in the compacted topic; a null value under it revokes. */
export function identityKey (identity: Identity): string {
  switch (identity.kind) {
    case 'user': return `user/${identity.userId}`
    case 'signing-key': return `signing-key/${identity.fingerprint}`
    case 'consumption-key': return `consumption-key/${identity.keyId}`
  }
}

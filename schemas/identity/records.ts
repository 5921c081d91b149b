// Who may do what here: users, and the keys they are known by. A compacted topic that the edge reads; no core does.

import type { HolderId, InstrumentId, Instant, Microdollars, OwnerId, Tokens } from '../units.ts'

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
  /** What it may draw on; empty: everything. */
  readonly instruments: readonly InstrumentId[]
  /** From where, as CIDR; empty: from anywhere. */
  readonly addresses: readonly string[]
  /** Null: not bounded. */
  readonly requestsPerMinute: number | null
  readonly tokensPerMinute: number | null
  /** Requests at once. */
  readonly openMax: number | null
  /** What it may draw in a `budgetPeriod`; the ledger holds it to that. */
  readonly budgetTokens: Tokens | null
  readonly budgetPeriod: string
  /** Words that go with its requests into receipts. */
  readonly tags: readonly string[]
}

/** What holds of a consumption key that nobody has bounded. */
export const unbounded = {
  instruments: [],
  addresses: [],
  requestsPerMinute: null,
  tokensPerMinute: null,
  openMax: null,
  budgetTokens: null,
  budgetPeriod: 'total',
  tags: []
} as const

export const delivery = ['redirect', 'supplier', 'direct'] as const
/** Who answers a client: this host after a redirect to itself, the supplier's edge, or this host at once. */
export type Delivery = typeof delivery[number]

/** A name that tools have built in, for an instrument. */
export type ModelAlias = {
  /** Lower case; `*` stands for any letters. */
  readonly pattern: string
  readonly instrumentId: InstrumentId
}

export type AccountSettings = {
  readonly kind: 'account-settings'
  readonly userId: HolderId
  /** Null: as the host says. */
  readonly delivery: string | null
  /** The first that fits counts. */
  readonly aliases: readonly ModelAlias[]
  /** What one purchase of Auto Mode may cost; null: what cash there is. */
  readonly spendMax: Microdollars | null
  /** How far above the reference Auto Mode may pay; null: the default. */
  readonly pricesMaxBp: number | null
  /** Whether a managed supplier may serve where nothing can be bought. */
  readonly usesManaged: boolean
  /** Auto-Reload: the saved card is charged when credits run low. */
  readonly reloadEnabled: boolean
  readonly reloadThreshold: Microdollars
  readonly reloadAmount: Microdollars
  readonly reloadMonthlyMax: Microdollars | null
  /** As the payment processor knows the card; null: none saved. */
  readonly paymentMethod: string | null
  /** Whether responses are kept (encrypted, 24 hours) unless a request says otherwise. */
  readonly storesResponses: boolean
  readonly updatedAt: Instant
}

/** What holds of an account that has set nothing. */
export const accountSettings = {
  delivery: null,
  aliases: [],
  spendMax: null,
  pricesMaxBp: null,
  usesManaged: true,
  reloadEnabled: false,
  reloadThreshold: 50_000_000 as Microdollars,
  reloadAmount: 200_000_000 as Microdollars,
  reloadMonthlyMax: null,
  paymentMethod: null,
  storesResponses: false
} as const

/** The public half of a key that signs tickets; each gateway has its own. */
export type TicketKey = {
  readonly kind: 'ticket-key'
  /** Its JWK thumbprint. */
  readonly keyId: string
  /** Ed25519, 32 bytes, base64url. */
  readonly publicKey: string
  readonly createdAt: Instant
  /** Nothing is signed with it from then on. */
  readonly expiresAt: Instant
}

export type Identity = User | SigningKey | ConsumptionKey | AccountSettings | TicketKey

/** The key of a record in the compacted topic; a null value under it revokes. */
export function identityKey (identity: Identity): string {
  switch (identity.kind) {
    case 'user': return `user/${identity.userId}`
    case 'signing-key': return `signing-key/${identity.fingerprint}`
    case 'consumption-key': return `consumption-key/${identity.keyId}`
    case 'account-settings': return `account-settings/${identity.userId}`
    case 'ticket-key': return `ticket-key/${identity.keyId}`
  }
}

// What consumption needs of the world, beside what the rest of the gateway has. main.ts wires the real parts.

import type { Dispatcher } from 'undici'
import type { RequestView } from '../../pipelines/ledger/usage/views.ts'
import type { ConsumptionKey, AccountSettings, TicketKey, User } from '../../schemas/identity/records.ts'
import type { LedgerCommand } from '../../schemas/ledger/commands.ts'
import type { AuthorizationState } from '../../schemas/ledger/usage-records.ts'
import type { SupplierEndpoint } from '../../schemas/suppliers/records.ts'
import type { HolderId, InstrumentId, Instant, Microdollars, Tokens } from '../../schemas/units.ts'
import type { MeterEvent, RequestReport } from '../../schemas/usage/records.ts'
import type { Result } from '../routing/routing.ts'
import type { SigningPair } from '../tickets/edge-ticket.ts'

/** What the ledger knows of requests, as this gateway's replica has it. */
export type RequestsPort = {
  /** False while the replica of the holder's partition can't answer. */
  isReady (holder: HolderId): boolean
  /** In their order, in one send, for one holder. What becomes of them is told to who watches. */
  send (holder: HolderId, commands: readonly LedgerCommand[]): void
  /** Hears what the ledger says of a request from now on, as it is applied here. Returns what ends it. */
  watch (holder: HolderId, requestId: string, told: (state: AuthorizationState) => void): () => void
  view (holder: HolderId, requestId: string): RequestView | undefined
  /** Whose readings bill it; empty: nobody knows it. */
  recorder (holder: HolderId, requestId: string): string
  /** Why it was refused, for as long as a ticket that was made before may still come. */
  refused (requestId: string): AuthorizationState | undefined
  /** Tokens that nobody holds. Older than the log: good for refusing nothing and promising nothing. */
  available (holder: HolderId, instrumentId: InstrumentId): Tokens
  /** A purchase of Auto Mode is under way. */
  hasPurchase (holder: HolderId, instrumentId: InstrumentId): boolean
  /** In Auto Mode. */
  isEasy (holder: HolderId): boolean
}

export type KeyHolder = { readonly key: ConsumptionKey, readonly user: User }

export type KeysPort = {
  /** Undefined for a key that nobody has, that has ended, or whose user is not active. */
  consumptionKey (key: string): KeyHolder | undefined
  /** By its id, as a ticket names it. */
  keyById (keyId: string): KeyHolder | undefined
  settings (holder: HolderId): AccountSettings
  ticketKeys (): readonly TicketKey[]
}

/** A supplier to be asked, and how it is reached. */
export type Candidate = {
  readonly endpoint: SupplierEndpoint
  readonly dispatcher: Dispatcher
}

export type Wish = {
  readonly instrumentId: InstrumentId
  readonly stickyKey: string
  readonly tried: ReadonlySet<string>
  /** Clients must be able to reach it. */
  readonly needsPublicUrl: boolean
  readonly isManaged: boolean
  readonly inputTokens: number
}

/** An attempt that was begun; the first end counts. */
export type BegunAttempt = { end (result: Result): void }

export type SupplyPort = {
  choose (wish: Wish): Candidate | null
  begin (endpointId: string, inputTokens: number): BegunAttempt
  /** What the cheapest fallback asks for a unit; null: there is none. */
  managedPrice (instrumentId: InstrumentId): Microdollars | null
}

/** What a request leaves behind: on disk when this returns, in the log some time later. */
export type LeavingsPort = {
  settle (leavings: { readonly reading: MeterEvent | null, readonly report: RequestReport }): void
  /** A reading that may be lost: the next one says it again. */
  progress (reading: MeterEvent): void
}

export type Verdict = null | { readonly limit: 'requests' | 'tokens' | 'open', readonly retryAfterSeconds: number }

export type RatesPort = {
  /** One that is counted already is not too many. */
  judge (caller: KeyHolder, requestId: string, now: Instant): Verdict
  /** A call that asks for no inference: it counts as one of the minute's requests, unless that is too many. */
  call (caller: KeyHolder, now: Instant): Verdict
  /** Of the account: `x-ratelimit-*`. */
  headers (caller: KeyHolder, now: Instant): Readonly<Record<string, string>>
  /** Counted at once; what the log says of the same request later counts no second time. */
  begin (caller: KeyHolder, requestId: string, now: Instant): void
}

export type CreditPort = {
  /** `pending`: a charge is under way; `declined`, `limit`: none will be made. */
  state (holder: HolderId): 'none' | 'pending' | 'declined' | 'limit'
  /** Its funds were found short: a charge may be due. */
  look (holder: HolderId): void
}

/** The price up to which Auto Mode may buy now; null where the book can't say. */
export type PricesPort = {
  limit (instrumentId: InstrumentId, pricesMaxBp: number | null): Microdollars | null
  /** Of a unit, as text for the catalogue; null: not known. */
  shown (instrumentId: InstrumentId): string | null
}

export type ModelsPort = {
  /** As their suppliers call those that answered for an instrument in the last thirty days, as far as it is known. */
  delivered (instrumentId: InstrumentId): readonly string[]
}

export type KeptResponse = { readonly json: string }

/** Responses that clients asked to be kept, under names that only they know. */
export type ResponseStorePort = {
  put (holder: HolderId, responseId: string, text: string): Promise<void>
  get (holder: HolderId, responseId: string): Promise<string | null>
  remove (holder: HolderId, responseId: string): Promise<boolean>
}

/** The pair that tickets are signed with now. */
export type SigningPort = { pair (): SigningPair }

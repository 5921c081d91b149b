// Everything that consumption works with, in one value: its ports, its secrets, its settings.

import type { Logger } from 'pino'
import type { RequestHistory } from '../../analytics/request-history.ts'
import type { Instant } from '../../schemas/units.ts'
import type { IdentityPort } from '../ports.ts'
import type { RequestIds } from '../tickets/request-id.ts'
import type { Secrets } from '../tickets/secrets.ts'
import type { Abandoned } from './abandoned.ts'
import type { Redirected } from './redirected.ts'
import type { RecentItems } from './recent-items.ts'
import type { Live } from '../serving/live.ts'
import type { Shedding } from './shedding.ts'
import type { Strangers } from './strangers.ts'
import type {
  CreditPort, KeysPort, LeavingsPort, ModelsPort, PricesPort, RatesPort, RequestsPort, ResponseStorePort,
  SigningPort, SupplyPort
} from './ports.ts'

export type ConsumptionSettings = {
  /** How long a client waits for the ledger's word. */
  readonly admissionMs: number
  /** How long a body may stand still. */
  readonly bodyIdleMs: number
  readonly headersTimeoutMs: number
  readonly idleTimeoutMs: number
  /** From the first byte of a request to the last of its answer. */
  readonly totalMs: number
  readonly heartbeatMs: number
  /** Suppliers that are tried for one request. */
  readonly attemptsMax: number
}

export const consumptionSettings: ConsumptionSettings = {
  admissionMs: 5_000,
  bodyIdleMs: 30_000,
  headersTimeoutMs: 60_000,
  idleTimeoutMs: 120_000,
  totalMs: 90 * 60_000,
  heartbeatMs: 15_000,
  attemptsMax: 3
}

export type Consumption = {
  readonly requests: RequestsPort
  readonly keys: KeysPort
  readonly identities: Pick<IdentityPort, 'signingKey'>
  readonly strangers: Strangers
  readonly supply: SupplyPort
  readonly leavings: LeavingsPort
  readonly rates: RatesPort
  readonly credit: CreditPort
  readonly prices: PricesPort
  readonly models: ModelsPort
  readonly responses: ResponseStorePort
  /** What requests took and cost, a moment ago. */
  readonly receipts: RequestHistory
  readonly recentItems: RecentItems
  readonly signing: SigningPort
  readonly secrets: Secrets
  readonly ids: RequestIds
  readonly live: Live
  readonly abandoned: Abandoned
  readonly redirected: Redirected
  readonly shedding: Shedding
  readonly settings: ConsumptionSettings
  /** Wall clock, milliseconds since the epoch. */
  readonly now: () => Instant
  /** For durations. */
  readonly elapsedMs: () => number
  readonly random: (length: number) => Buffer
  readonly countTokens: (text: string) => number
  readonly log: Pick<Logger, 'warn' | 'error' | 'info'>
}

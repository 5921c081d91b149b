// What one holder's requests took and cost: complete up to a moment ago.

import {
  instant, instrumentId, microdollars, tokens, type HolderId, type InstrumentId, type Instant, type Microdollars,
  type Tokens
} from '../schemas/units.ts'
import type { ClickHouse } from './client.ts'
import { joined, type Bound } from './conditions.ts'
import { exact, query } from './query.ts'

export const requestStatus = ['pending', 'reconciled', 'error'] as const
export type RequestStatus = typeof requestStatus[number]
/** `unpriced`: measured, and never billed; `cancelled`: it came to nothing, and cost nothing. */
export const costStatus = ['pending', 'reconciled', 'unpriced', 'cancelled'] as const
export type CostStatus = typeof costStatus[number]

/** A request as it is known here. */
export type PastRequest = {
  readonly requestId: string
  readonly instrumentId: InstrumentId
  /** Of the consumption key; empty: not known. */
  readonly keyId: string
  readonly tags: readonly string[]
  /** Empty, as what follows: not known; of what an edge answered, who served is not. */
  readonly surface: string
  readonly delivery: string
  readonly outcome: string
  readonly reason: string
  readonly servedModel: string
  readonly requestedModel: string
  readonly isEstimated: boolean
  readonly status: RequestStatus
  readonly costStatus: CostStatus
  readonly inputTokens: Tokens
  readonly outputTokens: Tokens
  readonly totalTokens: number
  readonly billed: Tokens
  /** Picodollars. */
  readonly cost: bigint
  /** Of a unit, where a managed supplier was paid; null: lots were drawn. */
  readonly managedPrice: Microdollars | null
  /** Null: not known. */
  readonly firstTokenMs: number | null
  readonly durationMs: number | null
  readonly startedAt: Instant
  /** Null: not billed. */
  readonly bookedAt: Instant | null
}

export const requestOrder = ['startedAt', 'totalTokens'] as const
export type RequestKey = { readonly value: number, readonly requestId: string }

/** Joined by "and"; what is undefined is not asked for. */
export type RequestConditions = {
  readonly from?: Instant | undefined
  readonly to?: Instant | undefined
  readonly status?: RequestStatus | undefined
  readonly costStatus?: CostStatus | undefined
  /** As the client or the supplier called it, or the instrument; lower case. */
  readonly model?: string | undefined
  readonly keyId?: string | undefined
}

export type RequestQuery = {
  readonly holder: HolderId
  readonly conditions: RequestConditions
  readonly orderBy: typeof requestOrder[number]
  readonly order: 'asc' | 'desc'
  /** Only what lies beyond it in `order`, itself left out. */
  readonly beyond: RequestKey | null
  readonly limit: number
}

/** Tokens of one lot, and its price. */
export type RequestDraw = { readonly price: Microdollars, readonly tokens: Tokens }

export type RequestSums = {
  readonly bucket: string
  readonly requests: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cost: bigint
  readonly reconciled: number
  readonly pending: number
  readonly unpriced: number
  readonly cancelled: number
  readonly unpricedTokens: number
}

export const requestGroup = ['day', 'model', 'api_key'] as const
export type RequestGroup = typeof requestGroup[number]

export type SumsQuery = {
  readonly holder: HolderId
  readonly conditions: RequestConditions
  /** Null: all together, in one row. */
  readonly groupBy: RequestGroup | null
  readonly limit: number
}

export type RequestHistory = {
  requests (query: RequestQuery): Promise<readonly PastRequest[]>
  request (holder: HolderId, requestId: string): Promise<PastRequest | null>
  draws (holder: HolderId, requestId: string): Promise<readonly RequestDraw[]>
  sums (query: SumsQuery): Promise<readonly RequestSums[]>
}

const orders = { startedAt: 'started_at', totalTokens: 'total_tokens' } as const
const comparedWith = { startedAt: 'fromUnixTimestamp64Milli({beyond:Int64}, \'UTC\')', totalTokens: '{beyond:Int64}' } as const

/** A bucket's name, and which come first: days as they came, the others by what they took. */
const groups: Readonly<Record<RequestGroup, readonly [bucket: string, order: string]>> = {
  day: ['toString(toDate(started_at))', 'bucket'],
  model: ['lower(requested_model)', 'input_sum + output_sum DESC, bucket'],
  api_key: ['key_id', 'input_sum + output_sum DESC, bucket']
}

function conditionsOf ({ from, to, status, costStatus, model, keyId }: RequestConditions, parameters: Bound): string[] {
  const wanted: string[] = []
  const want = (name: string, value: string | number | undefined, sql: string): void => {
    if (value === undefined) return
    parameters[name] = value
    wanted.push(sql)
  }
  want('from', from, 'started_at >= fromUnixTimestamp64Milli({from:Int64}, \'UTC\')')
  want('to', to, 'started_at <= fromUnixTimestamp64Milli({to:Int64}, \'UTC\')')
  want('status', status, 'status = {status:String}')
  want('cost', costStatus, 'cost_status = {cost:String}')
  want('model', model, '{model:String} IN (lower(requested_model), lower(served_model), instrument_id)')
  want('key', keyId, 'key_id = {key:String}')
  return wanted
}

/** All of a holder's requests, or one. */
const requests = (isOne: boolean): string =>
  query('requests').replaceAll('{one}', isOne ? 'request_id = {request:String}' : 'true')

type Page = Pick<RequestQuery, 'orderBy' | 'order'> & { readonly wanted: readonly string[], readonly isOne: boolean }

const pageSql = ({ orderBy, order, wanted, isOne }: Page): string => query('request-page')
  .replace('{requests}', () => requests(isOne))
  .replace('{conditions}', () => joined(wanted))
  .replace('{order}', orders[orderBy])
  .replaceAll('{direction}', order === 'asc' ? 'ASC' : 'DESC')

export function requestHistory (clickHouse: ClickHouse): RequestHistory {
  return {
    async requests ({ holder, conditions, orderBy, order, beyond, limit }) {
      const parameters: Bound = { holder, limit }
      const wanted = conditionsOf(conditions, parameters)
      if (beyond !== null) {
        Object.assign(parameters, { beyond: beyond.value, beyondId: beyond.requestId })
        wanted.push(`(${orders[orderBy]}, request_id) ${order === 'asc' ? '>' : '<'} (${comparedWith[orderBy]}, {beyondId:String})`)
      }
      const sql = pageSql({ orderBy, order, wanted, isOne: false })
      return (await clickHouse.rows<RequestRow>(sql, parameters)).map(pastRequest)
    },
    async request (holder, requestId) {
      const sql = pageSql({ orderBy: 'startedAt', order: 'asc', wanted: [], isOne: true })
      const [row] = await clickHouse.rows<RequestRow>(sql, { holder, request: requestId, limit: 1 })
      return row === undefined ? null : pastRequest(row)
    },
    async draws (holder, requestId) {
      const rows = await clickHouse.rows<Record<'price' | 'tokens', string>>(query('request-draws'), { holder, request: requestId })
      return rows.map(row => ({ price: microdollars(exact(row.price)), tokens: tokens(exact(row.tokens)) }))
    },
    async sums ({ holder, conditions, groupBy, limit }) {
      const parameters: Bound = { holder, limit }
      const wanted = conditionsOf(conditions, parameters)
      const [bucket, order] = groupBy === null ? ['\'\'', 'bucket'] : groups[groupBy]
      const sql = query('request-sums').replace('{requests}', () => requests(false)).replace('{conditions}', () => joined(wanted))
        .replace('{bucket}', bucket).replace('{order}', order)
      return (await clickHouse.rows<SumsRow>(sql, parameters)).map(sums)
    }
  }
}

type RequestRow =
  Record<'request_id' | 'instrument_id' | 'key_id' | 'surface' | 'delivery' | 'requested_model' | 'served_model', string> &
  Record<'outcome' | 'reason' | 'managed_price' | 'duration_ms' | 'input_tokens' | 'output_tokens', string> &
  Record<'total_tokens' | 'billed_tokens' | 'cost_picodollars' | 'booked_ms' | 'started_ms', string> & {
    readonly tags: readonly string[]
    readonly is_estimated: boolean
    readonly is_reported: number
    readonly first_token_ms: string | null
    readonly cost_status: CostStatus
    readonly status: RequestStatus
  }

function pastRequest (row: RequestRow): PastRequest {
  const bookedMs = exact(row.booked_ms)
  const managedPrice = exact(row.managed_price)
  return {
    requestId: row.request_id,
    instrumentId: instrumentId(row.instrument_id),
    keyId: row.key_id,
    tags: row.tags,
    surface: row.surface,
    delivery: row.delivery,
    outcome: row.outcome,
    reason: row.reason,
    servedModel: row.served_model,
    requestedModel: row.requested_model,
    isEstimated: row.is_estimated,
    status: row.status,
    costStatus: row.cost_status,
    inputTokens: tokens(exact(row.input_tokens)),
    outputTokens: tokens(exact(row.output_tokens)),
    totalTokens: exact(row.total_tokens),
    billed: tokens(exact(row.billed_tokens)),
    cost: BigInt(row.cost_picodollars),
    managedPrice: managedPrice === 0 ? null : microdollars(managedPrice),
    firstTokenMs: row.first_token_ms === null ? null : exact(row.first_token_ms),
    // Of what an edge answered the report is the gateway's that sent the client there: it knows no times.
    durationMs: row.is_reported === 1 && row.delivery !== 'supplier' ? exact(row.duration_ms) : null,
    startedAt: instant(exact(row.started_ms)),
    bookedAt: bookedMs === 0 ? null : instant(bookedMs)
  }
}

type SumsRow = { readonly bucket: string } & Record<
  'request_count' | 'input_sum' | 'output_sum' | 'cost_sum' | 'reconciled_requests' | 'pending_requests' |
  'unpriced_requests' | 'cancelled_requests' | 'unpriced_tokens', string>

const sums = (row: SumsRow): RequestSums => ({
  bucket: row.bucket,
  requests: exact(row.request_count),
  inputTokens: exact(row.input_sum),
  outputTokens: exact(row.output_sum),
  cost: BigInt(row.cost_sum),
  reconciled: exact(row.reconciled_requests),
  pending: exact(row.pending_requests),
  unpriced: exact(row.unpriced_requests),
  cancelled: exact(row.cancelled_requests),
  unpricedTokens: exact(row.unpriced_tokens)
})

// The table of request reports: a row of it, and how it is laid down in RowBinary (as in tables.ts).

import type { Table } from './tables.ts'

export type RequestReportRow = {
  readonly holder: number
  readonly request_id: string
  readonly instrument_id: string
  readonly key_id: string
  readonly tags: readonly string[]
  readonly surface: string
  readonly delivery: string
  readonly requested_model: string
  readonly served_model: string
  readonly supplier: number
  readonly endpoint_id: string
  readonly is_stream: boolean
  readonly outcome: string
  readonly reason: string
  readonly status: number
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cached_tokens: number
  readonly reasoning_tokens: number
  readonly is_estimated: boolean
  readonly over_reported: number | null
  readonly attempts: number
  readonly first_token_ms: number | null
  readonly duration_ms: number
  readonly ended_at: number
  readonly log_partition: number
  readonly log_offset: number
}

export const requestReportsTable: Table<RequestReportRow> = {
  name: 'request_reports_raw',
  columns: [
    'holder', 'request_id', 'instrument_id', 'key_id', 'tags', 'surface', 'delivery', 'requested_model', 'served_model',
    'supplier', 'endpoint_id', 'is_stream', 'outcome', 'reason', 'status', 'input_tokens', 'output_tokens',
    'cached_tokens', 'reasoning_tokens', 'is_estimated', 'over_reported', 'attempts', 'first_token_ms', 'duration_ms',
    'ended_at', 'log_partition', 'log_offset'
  ],
  write (to, row) {
    to.int64(row.holder)
    to.string(row.request_id)
    to.name(row.instrument_id)
    to.string(row.key_id)
    to.array(row.tags, (rows, tag) => { rows.string(tag) })
    to.name(row.surface)
    to.name(row.delivery)
    to.string(row.requested_model)
    to.string(row.served_model)
    to.int64(row.supplier)
    to.string(row.endpoint_id)
    to.byte(Number(row.is_stream))
    to.name(row.outcome)
    to.string(row.reason)
    to.int64(row.status)
    to.int64(row.input_tokens)
    to.int64(row.output_tokens)
    to.int64(row.cached_tokens)
    to.int64(row.reasoning_tokens)
    to.byte(Number(row.is_estimated))
    to.nullableInt64(row.over_reported)
    to.int64(row.attempts)
    to.nullableInt64(row.first_token_ms)
    to.int64(row.duration_ms)
    to.int64(row.ended_at)
    to.int32(row.log_partition)
    to.int64(row.log_offset)
  }
}

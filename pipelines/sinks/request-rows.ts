// How requests went → rows; as in rows.ts, a row holds nothing but what its record says and where the record lies.

import type { RequestReportRow } from '../../analytics/request-table.ts'
import type { RequestReport } from '../../schemas/usage/records.ts'
import type { LogPosition } from './rows.ts'

export function requestReportRow (report: RequestReport, { partition, offset }: LogPosition): RequestReportRow {
  return {
    holder: report.holder,
    request_id: report.requestId,
    instrument_id: report.instrumentId,
    key_id: report.keyId,
    tags: report.tags,
    surface: report.surface,
    delivery: report.delivery,
    requested_model: report.requestedModel,
    served_model: report.servedModel,
    supplier: report.supplier,
    endpoint_id: report.endpointId,
    is_stream: report.isStream,
    outcome: report.outcome,
    reason: report.reason,
    status: report.status,
    input_tokens: report.inputTokens,
    output_tokens: report.outputTokens,
    cached_tokens: report.cachedTokens,
    reasoning_tokens: report.reasoningTokens,
    is_estimated: report.isEstimated,
    over_reported: report.overReported,
    attempts: report.attempts,
    first_token_ms: report.firstTokenMs,
    duration_ms: report.durationMs,
    ended_at: report.at,
    log_partition: partition,
    log_offset: offset
  }
}

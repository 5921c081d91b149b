-- One holder's requests, one row each, put together of how they went, what they were billed, and what was measured and not
-- billed: each of the three may be the first to arrive, and for a request that an edge answered there is no report. What
-- stands in braces without a type is made by request-history.ts; every value is bound.
SELECT
    request_id,
    max(part = 'report') AS is_reported,
    max(part = 'receipt') AS is_billed,
    max(part = 'unbilled') AS is_unbilled,
    max(unbilled_reason = 'voided') AS is_voided,
    max(requests.instrument_id) AS instrument_id,
    max(requests.key_id) AS key_id,
    anyIf(requests.tags, part = 'report') AS tags,
    max(requests.surface) AS surface,
    max(requests.delivery) AS delivery,
    if(max(requests.requested_model) = '', instrument_id, max(requests.requested_model)) AS requested_model,
    max(requests.served_model) AS served_model,
    max(requests.outcome) AS outcome,
    max(requests.reason) AS reason,
    max(requests.is_estimated) AS is_estimated,
    max(requests.managed_price) AS managed_price,
    maxIf(requests.first_token_ms, part = 'report') AS first_token_ms,
    maxIf(requests.duration_ms, part = 'report') AS duration_ms,
    maxIf(requests.at, part = 'receipt') AS booked_at,
    if(is_reported, maxIf(requests.started_at, part = 'report'), min(requests.started_at)) AS started_at,
    multiIf(is_billed, sumIf(requests.input_tokens, part = 'receipt'), is_reported, maxIf(requests.input_tokens, part = 'report'), max(requests.input_tokens)) AS input_tokens,
    multiIf(is_billed, sumIf(requests.output_tokens, part = 'receipt'), is_reported, maxIf(requests.output_tokens, part = 'report'), max(requests.output_tokens)) AS output_tokens,
    input_tokens + output_tokens AS total_tokens,
    sum(requests.billed_tokens) AS billed_tokens,
    sum(requests.cost_picodollars) AS cost_picodollars,
    max(requests.unbilled) AS unbilled_tokens,
    multiIf(
        is_billed, 'reconciled',
        is_voided OR outcome IN ('failed', 'refused') OR (outcome = 'disconnected' AND total_tokens = 0), 'cancelled',
        is_unbilled, 'unpriced',
        'pending'
    ) AS cost_status,
    multiIf(cost_status = 'cancelled', 'error', cost_status = 'pending', 'pending', 'reconciled') AS status
FROM
(
    SELECT
        'report' AS part, request_id, instrument_id, key_id, tags, surface, delivery, requested_model, served_model,
        outcome, reason, is_estimated, first_token_ms, duration_ms, ended_at AS at,
        ended_at - toIntervalMillisecond(duration_ms) AS started_at, input_tokens, output_tokens, 0 AS billed_tokens,
        toInt128(0) AS cost_picodollars, 0 AS managed_price, 0 AS unbilled, '' AS unbilled_reason
    FROM request_reports
    WHERE holder = {holder:Int64} AND {one}
    UNION ALL
    SELECT
        'receipt', request_id, instrument_id, key_id, [], '', if(startsWith(source, 'supplier:'), 'supplier', ''), '', '',
        '', '', false, NULL, 0, booked_at, authorized_at, input_tokens, output_tokens, billed_tokens, cost_picodollars,
        managed_price, 0, ''
    FROM usage_receipts
    WHERE holder = {holder:Int64} AND {one}
    UNION ALL
    SELECT
        'unbilled', request_id, instrument_id, '', [], '', '', '', '',
        '', '', false, NULL, 0, told_at, told_at, input_tokens, output_tokens, 0, toInt128(0),
        0, tokens, reason
    FROM unbilled_usage
    WHERE holder = {holder:Int64} AND {one}
) AS requests
GROUP BY request_id

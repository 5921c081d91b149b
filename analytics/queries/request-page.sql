-- A page of one holder's requests, as requests.sql puts them together. Words in braces without a type come from
-- request-history.ts, out of a fixed list.
SELECT
    request_id, instrument_id, key_id, tags, surface, delivery, requested_model, served_model, outcome, reason, is_estimated,
    managed_price, first_token_ms, duration_ms, is_reported, input_tokens, output_tokens, total_tokens, billed_tokens,
    cost_picodollars, cost_status, status,
    toUnixTimestamp64Milli(booked_at) AS booked_ms,
    toUnixTimestamp64Milli(started_at) AS started_ms
FROM ({requests})
WHERE {conditions}
ORDER BY {order} {direction}, request_id {direction}
LIMIT {limit:UInt32}

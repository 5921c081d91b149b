-- What one holder's requests come to, by a word of theirs, or all together, as requests.sql puts them together. Words in
-- braces without a type come from request-history.ts, out of a fixed list. What was cancelled took nothing, and its tokens
-- are not added up.
SELECT
    {bucket} AS bucket,
    count() AS request_count,
    sumIf(input_tokens, cost_status != 'cancelled') AS input_sum,
    sumIf(output_tokens, cost_status != 'cancelled') AS output_sum,
    sum(cost_picodollars) AS cost_sum,
    countIf(cost_status = 'reconciled') AS reconciled_requests,
    countIf(cost_status = 'pending') AS pending_requests,
    countIf(cost_status = 'unpriced') AS unpriced_requests,
    countIf(cost_status = 'cancelled') AS cancelled_requests,
    sumIf(unbilled_tokens, cost_status = 'unpriced') AS unpriced_tokens
FROM ({requests})
WHERE {conditions}
GROUP BY bucket
ORDER BY {order}
LIMIT {limit:UInt32}

-- A page of lots with anything left that have expired, as far as is booked here, the first to expire first. Lots opened
-- before `since` are not looked at. FINAL, because a change that counted twice would leave a lot less than it has.
SELECT
    holder, lot_id, tokens,
    toUnixTimestamp64Milli(opened_at) AS opened_ms,
    toUnixTimestamp64Milli(deadline) AS expires_ms
FROM
(
    SELECT
        holder, lot_id, opened_at,
        argMax(expires_at, entry_sequence) AS deadline,
        sum(if(change = 'opened', lot_changes.tokens, -lot_changes.tokens)) AS tokens
    FROM lot_changes
    WHERE opened_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
    GROUP BY holder, lot_id, opened_at
)
WHERE tokens > 0 AND deadline <= fromUnixTimestamp64Milli({before:Int64}, 'UTC')
    AND (toUnixTimestamp64Milli(deadline), lot_id) > ({beyondInstant:Int64}, {beyondLot:Int64})
ORDER BY deadline, lot_id
LIMIT {limit:UInt32}

-- A page of one holder's lots, as far as their changes are booked here. What stands in braces without a type is made by
-- lot-history.ts out of a fixed list of columns, operators and directions; every value is bound. What never changes in a
-- lot is asked of all its changes, the rest of what they come to.
SELECT
    lot_id, instrument_id, price, trade_sequence, sweep_period, opened, drawn, expired, regranted,
    toUnixTimestamp64Milli(opened_at) AS opened_ms,
    toUnixTimestamp64Milli(deadline) AS expires_ms
FROM
(
    SELECT
        lot_id, instrument_id, opened_at,
        any(price) AS price, any(trade_sequence) AS trade_sequence, any(sweep_period) AS sweep_period,
        argMax(expires_at, entry_sequence) AS deadline,
        sumIf(tokens, change = 'opened') AS opened,
        sumIf(tokens, change = 'drawn') AS drawn,
        sumIf(tokens, change = 'expired') AS expired,
        sumIf(tokens, change = 'regranted') AS regranted,
        multiIf(
            expired + regranted > 0, 'expired',
            opened = drawn, 'consumed',
            deadline <= fromUnixTimestamp64Milli({now:Int64}, 'UTC'), 'expired',
            'active'
        ) AS status
    FROM lot_changes
    WHERE holder = {holder:Int64} AND {always}
    GROUP BY lot_id, instrument_id, opened_at
)
WHERE {now}
ORDER BY opened_at {direction}, lot_id {direction}
LIMIT {limit:UInt32}

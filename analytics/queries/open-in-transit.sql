-- Trades and transfers of which one side is booked and the other is not, since before an instant (Q2). Both sides carry the
-- same reference. Asked are those that something was booked of since `since`; what was booked of them in the day before
-- that counts with it.
SELECT
    reference,
    entry_type = 'fill' AS is_trade,
    moved.1 AS asset,
    sum(toInt128(moved.2)) AS open_amount,
    toUnixTimestamp64Milli(min(booked_at)) AS first_ms
FROM
(
    SELECT
        reference, entry_type, booked_at,
        arrayFilter((posting, account) -> account = 'in_transit', arrayZip(assets, amounts), accounts) AS in_transit
    FROM journal_entries
    WHERE booked_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') - INTERVAL 1 DAY
)
ARRAY JOIN in_transit AS moved
GROUP BY reference, is_trade, asset
HAVING open_amount != 0
    AND max(booked_at) >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
    AND min(booked_at) < fromUnixTimestamp64Milli({before:Int64}, 'UTC')
ORDER BY first_ms, reference, asset
LIMIT {limit:UInt32}
-- There are as many groups as there were trades: beyond this the rest goes to disk.
SETTINGS max_bytes_before_external_group_by = 200000000

-- What entries of each type did to each account of one holder, ever.
SELECT
    own.1 AS account,
    own.2 AS asset,
    entry_type,
    sumIf(toInt128(own.3), own.3 > 0) AS came_in,
    -sumIf(toInt128(own.3), own.3 < 0) AS went_out,
    toUnixTimestamp64Milli(min(booked_at)) AS first_ms,
    toUnixTimestamp64Milli(max(booked_at)) AS last_ms
FROM
(
    SELECT
        entry_type, booked_at,
        arrayFilter((posting, posting_holder) -> posting_holder = holder, arrayZip(accounts, assets, amounts), holders) AS postings
    FROM journal_entries
    WHERE holder = {holder:Int64}
)
ARRAY JOIN postings AS own
GROUP BY account, asset, entry_type
ORDER BY account, asset, entry_type

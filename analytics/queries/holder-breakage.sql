-- A page of one holder's breakage, by cohort and instrument. What stands in braces without a type is made by
-- lot-history.ts, as for holder-lots.
SELECT
    instrument_id, sweep_period, lots, expired_tokens, value_picodollars, grant_cost,
    toUnixTimestamp64Milli(first_at) AS first_ms,
    toUnixTimestamp64Milli(last_at) AS last_ms
FROM breakage
WHERE holder = {holder:Int64} AND {conditions}
ORDER BY sweep_period {direction}, instrument_id {direction}
LIMIT {limit:UInt32}

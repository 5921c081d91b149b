-- A page of what sweeps have moved of one holder's, by sweep and instrument. What stands in braces without a type is made
-- by lot-history.ts, as for holder-lots.
SELECT
    instrument_id, lots, units, cost_picodollars,
    toUnixTimestamp64Milli(swept_at) AS swept_ms,
    toUnixTimestamp64Milli(last_booked_at) AS booked_ms
FROM sweeps
WHERE holder = {holder:Int64} AND {conditions}
ORDER BY swept_at {direction}, instrument_id {direction}
LIMIT {limit:UInt32}

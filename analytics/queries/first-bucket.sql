-- The first bar of an instrument that holds a trade, in seconds since the epoch; no row before there is one.
-- Reads the raw table, in the order of its key, and stops at once: a first key is the same with and without repeats.
SELECT toUnixTimestamp(bucket) AS first
FROM candles_raw
WHERE instrument_id = {instrument:String} AND resolution = {base:String}
ORDER BY bucket
LIMIT 1

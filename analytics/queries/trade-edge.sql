-- The minutes of the first and the last trade there is a bar for, in seconds since the epoch: of one instrument, or of
-- all when it is empty. Reads the raw table: the ends are the same with and without repeats.
SELECT toUnixTimestamp(min(bucket)) AS first, toUnixTimestamp(max(bucket)) AS last
FROM candles_raw
WHERE resolution = '1m' AND (instrument_id = {instrument:String} OR {instrument:String} = '')
HAVING count() > 0

-- Bars that are not what their fills say, made anew from the fills between two instants (whole minutes). Left out is
-- what the two sinks may not have finished: the last bar that either of them has, and all after it.
WITH
    toDateTime({from:Int64}, 'UTC') AS window_start,
    toDateTime({to:Int64}, 'UTC') AS window_end,
    again AS
    (
        SELECT
            if({base:String} = '1s', toStartOfSecond(matched_at)::DateTime('UTC'), toStartOfMinute(matched_at)) AS bucket,
            argMin(price, sequence) AS open, max(price) AS high, min(price) AS low, argMax(price, sequence) AS close,
            sum(toInt128(quantity)) AS volume, sum(toInt128(price) * quantity) AS notional, count() AS trades,
            min(sequence) AS first_sequence, max(sequence) AS last_sequence
        FROM fills
        WHERE instrument_id = {instrument:String} AND matched_at >= window_start AND matched_at < window_end
        GROUP BY bucket
    ),
    there AS
    (
        SELECT bucket, open, high, low, close, volume, notional, trades, first_sequence, last_sequence
        FROM candles
        WHERE instrument_id = {instrument:String} AND resolution = {base:String}
            AND bucket >= window_start AND bucket < window_end
    ),
    (SELECT least(
        (SELECT maxOrDefault(toUnixTimestamp(toStartOfMinute(matched_at))) FROM fills WHERE instrument_id = {instrument:String}),
        (SELECT maxOrDefault(toUnixTimestamp(toStartOfMinute(bucket))) FROM candles WHERE instrument_id = {instrument:String} AND resolution = {base:String})
    )) AS finished
SELECT toUnixTimestamp(bucket) AS bucket_seconds, count() AS versions
FROM
(
    SELECT * FROM again
    UNION DISTINCT
    SELECT * FROM there
)
WHERE toUnixTimestamp(bucket) < finished
GROUP BY bucket
HAVING versions > 1
    OR bucket NOT IN (SELECT bucket FROM again)
    OR bucket NOT IN (SELECT bucket FROM there)
ORDER BY bucket
LIMIT {limit:UInt32}

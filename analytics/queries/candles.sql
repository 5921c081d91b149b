-- The bars first to last of one instrument, gaps filled, in order.
--
-- Filled and interpolated is the close alone, over numbers of bars; the close before the window comes in as bar
-- first - 1. All else of a bar without trades follows outside, from its close. A price is one tick at least, so a close
-- of 0 says that there was no trade before: such bars are left out.
SELECT
    bar,
    if(trades = 0, close, open) AS open,
    if(trades = 0, close, high) AS high,
    if(trades = 0, close, low) AS low,
    close,
    volume,
    notional,
    trades
FROM
(
    SELECT bar, open, high, low, close, volume, notional, trades
    FROM
    (
        SELECT
            if({seconds:UInt32} = 0,
                toYear(bucket) * 12 + toMonth(bucket) - 1,
                intDiv(toInt64(toUnixTimestamp(bucket)) - {origin:Int64}, greatest({seconds:UInt32}, 1)))::Int64 AS bar,
            argMin(c.open, first_sequence) AS open,
            max(c.high) AS high,
            min(c.low) AS low,
            argMax(c.close, last_sequence) AS close,
            sum(c.volume) AS volume,
            sum(c.notional) AS notional,
            sum(c.trades) AS trades
        FROM candles AS c
        WHERE instrument_id = {instrument:String} AND resolution = {base:String}
            AND bucket >= toDateTime({from:Int64}, 'UTC') AND bucket < toDateTime({to:Int64}, 'UTC')
        GROUP BY bar
        UNION ALL
        SELECT {first:Int64} - 1, 0, 0, 0, assumeNotNull(close), 0, 0, 0
        FROM
        (
            -- Whole minutes before the window, then the seconds of the minute it starts in. From the raw table: the
            -- close of the highest version is the same with and without repeats.
            SELECT argMaxOrNull(close, last_sequence) AS close FROM candles_raw
            WHERE instrument_id = {instrument:String} AND bucket < toDateTime({from:Int64}, 'UTC')
                AND (resolution = '1m' AND bucket < toStartOfMinute(toDateTime({from:Int64}, 'UTC'))
                    OR resolution = {base:String} AND bucket >= toStartOfMinute(toDateTime({from:Int64}, 'UTC')))
        )
        WHERE close IS NOT NULL
    )
    ORDER BY bar WITH FILL FROM {first:Int64} TO {last:Int64} + 1 INTERPOLATE (close AS close)
)
WHERE bar >= {first:Int64} AND close > 0
ORDER BY bar

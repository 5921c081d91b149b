-- The window from `from` to `to` (milliseconds, the end left out) of one instrument, and its totals up to the end.
--
-- Exact to the millisecond: the part of a minute at either end of the window is taken from its fills, the whole minutes
-- between from their bars.
WITH
    fromUnixTimestamp64Milli({from:Int64}, 'UTC') AS window_start,
    fromUnixTimestamp64Milli({to:Int64}, 'UTC') AS window_end,
    toStartOfMinute(window_end) AS last_minute,
    least(toStartOfMinute(window_start) + if(window_start = toStartOfMinute(window_start), 0, 60), last_minute) AS first_minute,
    parts AS
    (
        SELECT price AS open, price AS high, price AS low, price AS close, quantity::Int128 AS volume,
            toInt128(price) * quantity AS notional, 1::UInt64 AS trades, sequence AS first_sequence, sequence AS last_sequence
        FROM fills
        WHERE instrument_id = {instrument:String} AND matched_at >= window_start AND matched_at < window_end
            AND (matched_at < first_minute OR matched_at >= last_minute)
        UNION ALL
        SELECT open, high, low, close, volume, notional, trades, first_sequence, last_sequence
        FROM candles
        WHERE instrument_id = {instrument:String} AND resolution = '1m' AND bucket >= first_minute AND bucket < last_minute
    ),
    in_window AS
    (
        SELECT argMinOrNull(open, first_sequence) AS open, maxOrNull(high) AS high, minOrNull(low) AS low,
            argMaxOrNull(close, last_sequence) AS close, sum(volume) AS volume, sum(notional) AS notional, sum(trades) AS trades
        FROM parts
    ),
    before AS
    (
        -- Bars are read raw here: the close of the highest version is the same with and without repeats.
        SELECT argMaxOrNull(close, sequence) AS close
        FROM
        (
            SELECT price AS close, sequence FROM fills
            WHERE instrument_id = {instrument:String}
                AND matched_at >= toStartOfMinute(window_start) AND matched_at < window_start
            UNION ALL
            SELECT close, last_sequence FROM candles_raw
            WHERE instrument_id = {instrument:String} AND resolution = '1m' AND bucket < toStartOfMinute(window_start)
        )
    ),
    ever AS
    (
        SELECT sum(volume) AS volume, sum(trades) AS trades
        FROM candles
        WHERE instrument_id = {instrument:String} AND resolution = '1m'
    )
SELECT
    coalesce(before.close, in_window.open) AS open,
    in_window.high AS high,
    in_window.low AS low,
    coalesce(in_window.close, before.close) AS close,
    in_window.volume AS volume,
    in_window.notional AS notional,
    in_window.trades AS trades,
    ever.volume AS volume_total,
    ever.trades AS trades_total
FROM in_window, before, ever

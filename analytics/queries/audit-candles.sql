-- What the bars of one instrument and width come to, over a range of sequences. `covered` counts the sequences of the
-- range that some bar says it holds; the rest is of the bars that lie in the range as a whole, `whole_first` to
-- `whole_last`. Bars follow one another without a gap, so `spans` is one number with `trades`.
SELECT
    sum(least(toInt64(c.last_sequence), {last:Int64}) - greatest(toInt64(c.first_sequence), {first:Int64}) + 1) AS covered,
    minIfOrNull(c.first_sequence, is_whole) AS whole_first,
    maxIfOrNull(c.last_sequence, is_whole) AS whole_last,
    sumIf(c.trades, is_whole) AS trades,
    sumIf(c.last_sequence - c.first_sequence + 1, is_whole) AS spans,
    sumIf(c.volume, is_whole) AS volume,
    sumIf(c.notional, is_whole) AS notional
FROM
(
    SELECT *, first_sequence >= {first:Int64} AND last_sequence <= {last:Int64} AS is_whole
    FROM candles
    WHERE instrument_id = {instrument:String} AND resolution = {base:String}
        AND last_sequence >= {first:Int64} AND first_sequence <= {last:Int64}
) AS c

-- The ranges of sequences, between `first` and `last`, that lie in no bar of one instrument and width.
SELECT previous + 1 AS first, begins - 1 AS last
FROM
(
    SELECT
        first_sequence AS begins,
        lagInFrame(last_sequence, 1, first_sequence) OVER (ORDER BY first_sequence ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS previous
    FROM
    (
        SELECT
            greatest(toInt64(c.first_sequence), {first:Int64}) AS first_sequence,
            least(toInt64(c.last_sequence), {last:Int64}) AS last_sequence
        FROM candles AS c
        WHERE instrument_id = {instrument:String} AND resolution = {base:String}
            AND c.last_sequence >= {first:Int64} AND c.first_sequence <= {last:Int64}
        UNION ALL SELECT {first:Int64} - 1, {first:Int64} - 1
        UNION ALL SELECT {last:Int64} + 1, {last:Int64} + 1
    )
)
WHERE begins > previous + 1
ORDER BY first
LIMIT {limit:UInt32}

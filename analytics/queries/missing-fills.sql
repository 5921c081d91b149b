-- The ranges of sequences, between `first` and `last`, that one instrument has no fill for. A row before the range and
-- one after it stand for its ends, so that what is missing there shows as a gap like any other.
SELECT previous + 1 AS first, sequence - 1 AS last
FROM
(
    SELECT sequence, lagInFrame(sequence, 1, sequence) OVER (ORDER BY sequence ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS previous
    FROM
    (
        SELECT toInt64(sequence) AS sequence FROM fills
        WHERE instrument_id = {instrument:String} AND sequence BETWEEN {first:Int64} AND {last:Int64}
        UNION ALL SELECT {first:Int64} - 1
        UNION ALL SELECT {last:Int64} + 1
    )
)
WHERE sequence > previous + 1
ORDER BY first
LIMIT {limit:UInt32}

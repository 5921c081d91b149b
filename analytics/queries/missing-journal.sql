-- The ranges of a source's sequences, between `first` and `last`, that one partition has no journal entry for.
SELECT previous + 1 AS first, sequence - 1 AS last
FROM
(
    SELECT sequence, lagInFrame(sequence, 1, sequence) OVER (ORDER BY sequence ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS previous
    FROM
    (
        SELECT toInt64(origin_sequence) AS sequence FROM journal_entries
        WHERE origin_source = {source:String} AND log_partition = {partition:Int32}
            AND origin_sequence BETWEEN {first:Int64} AND {last:Int64}
        UNION ALL SELECT {first:Int64} - 1
        UNION ALL SELECT {last:Int64} + 1
    )
)
WHERE sequence > previous + 1
ORDER BY first
LIMIT {limit:UInt32}

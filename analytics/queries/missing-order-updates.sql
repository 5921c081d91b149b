-- The ranges of a source's sequences, between `first` and `last`, that one partition has no row of, in any
-- of the tables that are made of order-updates.
SELECT previous + 1 AS first, sequence - 1 AS last
FROM
(
    SELECT sequence, lagInFrame(sequence, 1, sequence) OVER (ORDER BY sequence ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS previous
    FROM
    (
        SELECT toInt64(origin_sequence) AS sequence
        FROM
        (
            SELECT origin_source, log_partition, origin_sequence FROM order_updates
            UNION ALL SELECT origin_source, log_partition, origin_sequence FROM order_states
            UNION ALL SELECT origin_source, log_partition, origin_sequence FROM command_outcomes
        )
        WHERE origin_source = {source:String} AND log_partition = {partition:Int32}
            AND origin_sequence BETWEEN {first:Int64} AND {last:Int64}
        UNION ALL SELECT {first:Int64} - 1
        UNION ALL SELECT {last:Int64} + 1
    )
)
WHERE sequence > previous + 1
ORDER BY first
LIMIT {limit:UInt32}

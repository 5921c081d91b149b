-- How many records of order-updates are stored of each source in each partition, over a range of the source's sequences
-- each: one reading of the tables for all of them. A source numbers all kinds together, and each kind has a table of its
-- own. `number` is the place of the range in the question.
SELECT number, countIf(is_there) AS rows, sumIf(toInt128(origin_sequence), is_there) AS sequence_sum
FROM
(
    SELECT asked.1 AS number, asked.2 AS source, asked.3 AS partition, asked.4 AS first, asked.5 AS last
    FROM
    (
        SELECT arrayJoin(arrayZip(
            range(length({sources:Array(String)})), {sources:Array(String)}, {partitions:Array(Int32)},
            {firsts:Array(Int64)}, {lasts:Array(Int64)}
        )) AS asked
    )
) AS ranges
LEFT JOIN
(
    SELECT origin_source, log_partition, origin_sequence, true AS is_there FROM order_updates
    UNION ALL SELECT origin_source, log_partition, origin_sequence, true FROM order_states
    UNION ALL SELECT origin_source, log_partition, origin_sequence, true FROM command_outcomes
) AS updates
ON updates.origin_source = ranges.source AND updates.log_partition = ranges.partition
    AND updates.origin_sequence >= ranges.first AND updates.origin_sequence <= ranges.last
GROUP BY number
ORDER BY number

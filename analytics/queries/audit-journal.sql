-- What the journal entries of each source in each partition come to, over a range of the source's sequences each: how
-- many, the sum of their sequences, their postings, and all that these add. `number` is the place of the range in the
-- question.
SELECT
    number,
    countIf(is_there) AS rows,
    sumIf(toInt128(origin_sequence), is_there) AS sequence_sum,
    sumIf(toInt128(entry_postings), is_there) AS postings,
    sumIf(entry_moved, is_there) AS moved
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
    SELECT
        origin_source, log_partition, origin_sequence, true AS is_there,
        length(amounts) AS entry_postings,
        arraySum(arrayMap(amount -> toInt128(greatest(amount, 0)), amounts)) AS entry_moved
    FROM journal_entries
) AS entries
ON entries.origin_source = ranges.source AND entries.log_partition = ranges.partition
    AND entries.origin_sequence >= ranges.first AND entries.origin_sequence <= ranges.last
GROUP BY number
ORDER BY number

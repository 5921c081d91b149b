-- What is stored of each source in each partition, up to a number of the source's each, in buckets of as many numbers: how
-- many rows, the sum of their numbers, and the sum of what they say. What stands in braces without a type is made by
-- audit-counted.ts out of a fixed list of tables and columns.
SELECT
    place - 1 AS number,
    intDiv(sequence, {bucket:UInt32}) AS bucket,
    count() AS rows,
    sum(toInt128(sequence)) AS sequence_sum,
    sum(amount) AS amount_sum
FROM
(
    SELECT
        toInt64({sequence}) AS sequence,
        {amount} AS amount,
        indexOf(arrayZip({sources:Array(String)}, {partitions:Array(Int32)}), ({source}, log_partition)) AS place
    FROM ({from})
)
WHERE place > 0 AND sequence >= {firsts:Array(Int64)}[place] AND sequence <= {lasts:Array(Int64)}[place]
GROUP BY number, bucket
ORDER BY number, bucket

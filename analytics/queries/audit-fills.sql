-- What the fills of one instrument come to, over a range of sequences. (Columns are named with their
-- table where a result bears the same name: a bare name would be the result's.)
SELECT
    count() AS rows,
    sum(toInt128(f.sequence)) AS sequence_sum,
    sum(toInt128(f.quantity)) AS quantity,
    sum(toInt128(f.price) * f.quantity) AS notional
FROM fills AS f
WHERE instrument_id = {instrument:String} AND sequence BETWEEN {first:Int64} AND {last:Int64}

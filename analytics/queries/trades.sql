-- A page of trades: fills without their orders and holders. What stands in braces without a type is made by trades.ts
-- out of a fixed list of columns, operators and directions; every value is bound.
SELECT
    instrument_id,
    sequence,
    -- Not AS matched_at: that name would stand for the number in the conditions too.
    toUnixTimestamp64Milli(matched_at) AS matched_ms,
    price,
    quantity,
    taker_side
FROM fills
WHERE {conditions}
ORDER BY {order}
LIMIT {limit:UInt32}

-- A page of one holder's legs of fills, in the order of its journal. Repeats of an entry are equal, so that one of each
-- in the raw table will do. What stands in braces without a type is made by account-history.ts.
SELECT
    sequence, order_id, instrument_id, trade_sequence, side, role, price, quantity, fee, grant_notional,
    toUnixTimestamp64Milli(booked_at) AS booked_ms
FROM journal_entries_raw
WHERE holder = {holder:Int64} AND entry_type = 'fill' AND {conditions}
ORDER BY sequence {direction}
LIMIT 1 BY sequence
LIMIT {limit:UInt32}

-- A page of one holder's entries of some types, in the order of its journal, each as what it moved: units where it is
-- about an instrument, else money. An entry that moves something between two of the holder's own accounts has it twice,
-- once with each sign; one without any such posting moves nothing.
SELECT
    sequence, entry_type, reference, instrument_id,
    if(instrument_id = '', 'usd', toString(instrument_id)) AS moved,
    arrayMax(arrayMap(
        (posting_holder, asset, amount) -> if(posting_holder = holder AND asset = moved, abs(amount), 0),
        arrayPushBack(holders, 0), arrayPushBack(assets, ''), arrayPushBack(amounts, 0)
    )) AS amount,
    toUnixTimestamp64Milli(booked_at) AS booked_ms
FROM journal_entries_raw
WHERE holder = {holder:Int64} AND entry_type IN {types:Array(String)} AND {conditions}
ORDER BY sequence {direction}
LIMIT 1 BY sequence
LIMIT {limit:UInt32}

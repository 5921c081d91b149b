-- The lots that a request drew on, in the order in which it did.
SELECT price, tokens
FROM lot_changes
WHERE holder = {holder:Int64} AND change = 'drawn' AND entry_type = 'usage' AND reference = {request:String}
ORDER BY entry_sequence, change_index

-- A row for each thing wrong, none when all is well. Later migrations may add columns, never change these.
SELECT 'usage_receipts_raw is not there, or not a ReplacingMergeTree(log_offset)' AS wrong FROM system.tables
WHERE database = currentDatabase() AND name = 'usage_receipts_raw' AND engine_full ILIKE '%ReplacingMergeTree(%log_offset)%'
HAVING count() = 0
UNION ALL
SELECT 'usage_receipts_raw is sorted by something else than its identity' FROM system.tables
WHERE database = currentDatabase() AND name = 'usage_receipts_raw' AND sorting_key = 'holder, entry_sequence'
HAVING count() = 0
UNION ALL
SELECT 'the view usage_receipts is not there, or does not read usage_receipts_raw FINAL' FROM system.tables
WHERE database = currentDatabase() AND name = 'usage_receipts' AND engine = 'View' AND as_select ILIKE '%usage_receipts_raw FINAL%'
HAVING count() = 0
UNION ALL
SELECT 'the view request_draws is not there, or does not read lot_changes' FROM system.tables
WHERE database = currentDatabase() AND name = 'request_draws' AND engine = 'View' AND as_select ILIKE '%lot_changes %'
HAVING count() = 0;

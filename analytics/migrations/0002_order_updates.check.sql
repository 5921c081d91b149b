-- A row for each thing wrong, none when all is well. Later migrations may add columns, never change these.
SELECT 'order_updates_raw is not there, or not a ReplacingMergeTree(log_offset)' AS wrong FROM system.tables
WHERE database = currentDatabase() AND name = 'order_updates_raw' AND engine_full ILIKE '%ReplacingMergeTree(%log_offset)%'
HAVING count() = 0
UNION ALL
SELECT 'order_updates_raw is sorted by something else than its identity' FROM system.tables
WHERE database = currentDatabase() AND name = 'order_updates_raw' AND sorting_key = 'holder, updated_at, origin_source, origin_offset, origin_index'
HAVING count() = 0
UNION ALL
SELECT 'the view order_updates is not there, or does not read order_updates_raw FINAL' FROM system.tables
WHERE database = currentDatabase() AND name = 'order_updates' AND engine = 'View' AND as_select ILIKE '%order_updates_raw FINAL%'
HAVING count() = 0;

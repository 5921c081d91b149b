-- A row for each thing wrong, none when all is well. Later migrations may add columns, never change these.
SELECT 'order_states_raw is not there, or not a ReplacingMergeTree(log_offset)' AS wrong FROM system.tables
WHERE database = currentDatabase() AND name = 'order_states_raw' AND engine_full ILIKE '%ReplacingMergeTree(%log_offset)%'
HAVING count() = 0
UNION ALL
SELECT 'order_states_raw is sorted by something else than its identity' FROM system.tables
WHERE database = currentDatabase() AND name = 'order_states_raw' AND sorting_key = 'holder, order_id, sequence'
HAVING count() = 0
UNION ALL
SELECT 'the view order_states is not there, or does not read order_states_raw FINAL' FROM system.tables
WHERE database = currentDatabase() AND name = 'order_states' AND engine = 'View' AND as_select ILIKE '%order_states_raw FINAL%'
HAVING count() = 0
UNION ALL
SELECT 'the view orders is not there, or does not read order_states_raw ORDER BY' FROM system.tables
WHERE database = currentDatabase() AND name = 'orders' AND engine = 'View' AND as_select ILIKE '%order_states_raw ORDER BY%'
HAVING count() = 0;

-- A row for each thing wrong, none when all is well. Later migrations may add columns, never change these.
SELECT 'fills_raw is not there, or not a ReplacingMergeTree(log_offset)' AS wrong FROM system.tables
WHERE database = currentDatabase() AND name = 'fills_raw' AND engine_full ILIKE '%ReplacingMergeTree(%log_offset)%'
HAVING count() = 0
UNION ALL
SELECT 'fills_raw is sorted by something else than its identity' FROM system.tables
WHERE database = currentDatabase() AND name = 'fills_raw' AND sorting_key = 'instrument_id, matched_at, sequence'
HAVING count() = 0
UNION ALL
SELECT 'the view fills is not there, or does not read fills_raw FINAL' FROM system.tables
WHERE database = currentDatabase() AND name = 'fills' AND engine = 'View' AND as_select ILIKE '%fills_raw FINAL%'
HAVING count() = 0;

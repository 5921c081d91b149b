-- A row for each thing wrong, none when all is well. Later migrations may add columns, never change these.
SELECT 'command_outcomes_raw is not there, or not a ReplacingMergeTree(log_offset)' AS wrong FROM system.tables
WHERE database = currentDatabase() AND name = 'command_outcomes_raw' AND engine_full ILIKE '%ReplacingMergeTree(%log_offset)%'
HAVING count() = 0
UNION ALL
SELECT 'command_outcomes_raw is sorted by something else than its identity' FROM system.tables
WHERE database = currentDatabase() AND name = 'command_outcomes_raw' AND sorting_key = 'holder, decided_at, origin_source, origin_offset, origin_index'
HAVING count() = 0
UNION ALL
SELECT 'the view command_outcomes is not there, or does not read command_outcomes_raw FINAL' FROM system.tables
WHERE database = currentDatabase() AND name = 'command_outcomes' AND engine = 'View' AND as_select ILIKE '%command_outcomes_raw FINAL%'
HAVING count() = 0;

-- A row for each thing wrong, none when all is well. Later migrations may add columns, never change these.
SELECT 'unbilled_usage_raw is not there, or not a ReplacingMergeTree(log_offset)' AS wrong FROM system.tables
WHERE database = currentDatabase() AND name = 'unbilled_usage_raw' AND engine_full ILIKE '%ReplacingMergeTree(%log_offset)%'
HAVING count() = 0
UNION ALL
SELECT 'unbilled_usage_raw is sorted by something else than its identity' FROM system.tables
WHERE database = currentDatabase() AND name = 'unbilled_usage_raw'
    AND sorting_key = 'holder, told_at, origin_source, origin_offset, origin_index'
HAVING count() = 0
UNION ALL
SELECT 'the view unbilled_usage is not there, or does not read unbilled_usage_raw FINAL' FROM system.tables
WHERE database = currentDatabase() AND name = 'unbilled_usage' AND engine = 'View' AND as_select ILIKE '%unbilled_usage_raw FINAL%'
HAVING count() = 0;

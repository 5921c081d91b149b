-- A row for each thing wrong, none when all is well. Later migrations may add columns, never change these.
SELECT 'request_reports_raw is not there, or not a ReplacingMergeTree(ended_at)' AS wrong FROM system.tables
WHERE database = currentDatabase() AND name = 'request_reports_raw' AND engine_full ILIKE '%ReplacingMergeTree(%ended_at)%'
HAVING count() = 0
UNION ALL
SELECT 'request_reports_raw is sorted by something else than its identity' FROM system.tables
WHERE database = currentDatabase() AND name = 'request_reports_raw' AND sorting_key = 'holder, request_id'
HAVING count() = 0
UNION ALL
SELECT 'the view request_reports is not there, or does not read request_reports_raw FINAL' FROM system.tables
WHERE database = currentDatabase() AND name = 'request_reports' AND engine = 'View' AND as_select ILIKE '%request_reports_raw FINAL%'
HAVING count() = 0;

-- A row for each thing wrong, none when all is well. Later migrations may add columns, never change these.
SELECT 'meter_events_raw is not there, or not a ReplacingMergeTree(log_offset)' AS wrong FROM system.tables
WHERE database = currentDatabase() AND name = 'meter_events_raw' AND engine_full ILIKE '%ReplacingMergeTree(%log_offset)%'
HAVING count() = 0
UNION ALL
SELECT 'meter_events_raw is sorted by something else than its identity' FROM system.tables
WHERE database = currentDatabase() AND name = 'meter_events_raw' AND sorting_key = 'holder, accepted_at, log_partition, log_offset'
HAVING count() = 0
UNION ALL
SELECT 'the view meter_events is not there, or does not read meter_events_raw FINAL' FROM system.tables
WHERE database = currentDatabase() AND name = 'meter_events' AND engine = 'View' AND as_select ILIKE '%meter_events_raw FINAL%'
HAVING count() = 0
UNION ALL
SELECT 'the view readings is not there, or does not read meter_events' FROM system.tables
WHERE database = currentDatabase() AND name = 'readings' AND engine = 'View' AND as_select ILIKE '%meter_events %'
HAVING count() = 0;

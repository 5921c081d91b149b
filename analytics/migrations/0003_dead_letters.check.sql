-- A row for each thing wrong, none when all is well. Later migrations may add columns, never change these.
SELECT 'dead_letters_raw is not there, or not a ReplacingMergeTree(log_offset)' AS wrong FROM system.tables
WHERE database = currentDatabase() AND name = 'dead_letters_raw' AND engine_full ILIKE '%ReplacingMergeTree(%log_offset)%'
HAVING count() = 0
UNION ALL
SELECT 'dead_letters_raw is sorted by something else than its identity' FROM system.tables
WHERE database = currentDatabase() AND name = 'dead_letters_raw' AND sorting_key = 'topic, topic_partition, topic_offset, reader'
HAVING count() = 0
UNION ALL
SELECT 'the view dead_letters is not there, or does not read dead_letters_raw FINAL' FROM system.tables
WHERE database = currentDatabase() AND name = 'dead_letters' AND engine = 'View' AND as_select ILIKE '%dead_letters_raw FINAL%'
HAVING count() = 0;

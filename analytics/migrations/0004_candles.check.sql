-- A row for each thing wrong, none when all is well. Later migrations may add columns, never change these.
SELECT 'candles_raw is not there, or not a ReplacingMergeTree(last_sequence)' AS wrong FROM system.tables
WHERE database = currentDatabase() AND name = 'candles_raw' AND engine_full ILIKE '%ReplacingMergeTree(%last_sequence)%'
HAVING count() = 0
UNION ALL
SELECT 'candles_raw is sorted by something else than its identity' FROM system.tables
WHERE database = currentDatabase() AND name = 'candles_raw' AND sorting_key = 'instrument_id, resolution, bucket'
HAVING count() = 0
UNION ALL
SELECT 'the view candles is not there, or does not read candles_raw FINAL' FROM system.tables
WHERE database = currentDatabase() AND name = 'candles' AND engine = 'View' AND as_select ILIKE '%candles_raw FINAL%'
HAVING count() = 0;

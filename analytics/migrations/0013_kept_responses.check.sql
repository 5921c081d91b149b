-- A row for each thing wrong, none when all is well. Later migrations may add columns, never change these.
SELECT 'kept_responses_raw is not there, or keeps for longer than a day' AS wrong FROM system.tables
WHERE database = currentDatabase() AND name = 'kept_responses_raw' AND engine_full ILIKE '%ReplacingMergeTree(%kept_at)%'
    AND engine_full ILIKE '%TTL%toIntervalDay(1)%'
HAVING count() = 0
UNION ALL
SELECT 'the view kept_responses is not there, or does not read kept_responses_raw FINAL' FROM system.tables
WHERE database = currentDatabase() AND name = 'kept_responses' AND engine = 'View' AND as_select ILIKE '%kept_responses_raw FINAL%'
HAVING count() = 0;

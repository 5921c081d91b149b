-- A row for each thing wrong, none when all is well. Later migrations may add columns, never change these.
SELECT 'journal_entries_raw is not there, or not a ReplacingMergeTree(log_offset)' AS wrong FROM system.tables
WHERE database = currentDatabase() AND name = 'journal_entries_raw' AND engine_full ILIKE '%ReplacingMergeTree(%log_offset)%'
HAVING count() = 0
UNION ALL
SELECT 'journal_entries_raw is sorted by something else than its identity' FROM system.tables
WHERE database = currentDatabase() AND name = 'journal_entries_raw' AND sorting_key = 'holder, sequence'
HAVING count() = 0
UNION ALL
SELECT 'the view journal_entries is not there, or does not read journal_entries_raw FINAL' FROM system.tables
WHERE database = currentDatabase() AND name = 'journal_entries' AND engine = 'View' AND as_select ILIKE '%journal_entries_raw FINAL%'
HAVING count() = 0
UNION ALL
SELECT 'the view postings is not there, or does not read journal_entries ARRAY JOIN' FROM system.tables
WHERE database = currentDatabase() AND name = 'postings' AND engine = 'View' AND as_select ILIKE '%journal_entries ARRAY JOIN%'
HAVING count() = 0
UNION ALL
SELECT 'the view own_trades is not there, or does not read journal_entries WHERE' FROM system.tables
WHERE database = currentDatabase() AND name = 'own_trades' AND engine = 'View' AND as_select ILIKE '%journal_entries WHERE%'
HAVING count() = 0;

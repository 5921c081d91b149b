-- A row for each thing wrong, none when all is well. Later migrations may add columns, never change these.
SELECT 'lot_changes_raw is not there, or not a ReplacingMergeTree(log_offset)' AS wrong FROM system.tables
WHERE database = currentDatabase() AND name = 'lot_changes_raw' AND engine_full ILIKE '%ReplacingMergeTree(%log_offset)%'
HAVING count() = 0
UNION ALL
SELECT 'lot_changes_raw is sorted by something else than its identity' FROM system.tables
WHERE database = currentDatabase() AND name = 'lot_changes_raw'
    AND sorting_key = 'toDate(opened_at), holder, lot_id, entry_sequence, change_index'
HAVING count() = 0
UNION ALL
SELECT 'the view lot_changes is not there, or does not read lot_changes_raw FINAL' FROM system.tables
WHERE database = currentDatabase() AND name = 'lot_changes' AND engine = 'View' AND as_select ILIKE '%lot_changes_raw FINAL%'
HAVING count() = 0
UNION ALL
SELECT concat('the view ', name, ' is not there, or does not read lot_changes') FROM
(
    SELECT arrayJoin(['lots', 'breakage', 'sweeps']) AS name
)
WHERE name NOT IN
(
    SELECT name FROM system.tables
    WHERE database = currentDatabase() AND engine = 'View' AND as_select ILIKE '%.lot_changes %'
)
UNION ALL
SELECT 'the view sweep_reports is not there, or does not read sweeps' FROM system.tables
WHERE database = currentDatabase() AND name = 'sweep_reports' AND engine = 'View' AND as_select ILIKE '%sweeps%'
HAVING count() = 0;

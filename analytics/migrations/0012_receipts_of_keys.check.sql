-- A row for each thing wrong, none when all is well. Later migrations may add columns, never change these.
SELECT concat(table, ' has no column ', name) AS wrong
FROM (SELECT arrayJoin(['usage_receipts_raw', 'usage_receipts']) AS table, arrayJoin(['key_id', 'managed_price']) AS name)
WHERE (table, name) NOT IN (SELECT table, name FROM system.columns WHERE database = currentDatabase());

-- What suppliers called the models that answered for each instrument since. Reads the raw table: which there are is the
-- same with and without repeats. A managed supplier's is called by the instrument's name, and not told.
SELECT instrument_id, served_model
FROM request_reports_raw
WHERE ended_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
    AND outcome IN ('completed', 'cut')
    AND served_model NOT IN ('', instrument_id)
GROUP BY instrument_id, served_model
ORDER BY instrument_id, served_model
LIMIT {most:UInt32} BY instrument_id

-- A response as it was last kept, unless its day is over: rows go some time after that.
SELECT sealed
FROM kept_responses
WHERE holder = {holder: Int64} AND response_id = {response_id: String} AND kept_at > now64(3) - INTERVAL 1 DAY

-- Since when one holder has had units of each instrument in Trading without a break, or until when; how many there are,
-- and what they cost. The entries of an instrument are added up one after the other: a span opens where the sum leaves
-- zero and closes where it comes back to it. What units cost goes with them, in and out.
WITH
    arraySort(move -> move.1, groupArray((sequence, change, booked_ms))) AS moves,
    arrayCumSum(moves.2) AS balances
SELECT
    instrument_id,
    balances[-1] AS quantity,
    sum(if(change > 0, 1, -1) * toInt128(cost)) AS total_cost,
    moves.3[arrayLastIndex((balance, move) -> balance = move.2, balances, moves)] AS opened_ms,
    if(quantity = 0, moves.3[-1], NULL) AS closed_ms
FROM
(
    SELECT
        sequence, instrument_id, cost, toUnixTimestamp64Milli(booked_at) AS booked_ms,
        arraySum(arrayMap(
            (account, posting_holder, amount) -> if(account = 'trading' AND posting_holder = holder, amount, 0),
            accounts, holders, amounts
        )) AS change
    FROM journal_entries
    WHERE holder = {holder:Int64}
)
WHERE change != 0
GROUP BY instrument_id
ORDER BY instrument_id

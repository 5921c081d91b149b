-- A page of positions with units in Trading that came there before `period` began, as far as is booked here. The oldest
-- units are sold first, so that those which are older than the period are what is there less what was bought in it. Asked
-- are holders to whom something came since `since`; their balances are sums over all of their journal. Issued units and
-- those that orders hold count with them: the ledger knows which these are.
SELECT holder, instrument_id, units
FROM
(
    SELECT
        holder, instrument_id,
        sum(change) - sumIf(change, change > 0 AND entry_type = 'fill' AND sweep_period >= {period:Int64}) AS units
    FROM
    (
        SELECT
            holder, instrument_id, entry_type, sweep_period,
            arraySum(arrayMap(
                (account, posting_holder, amount) -> if(account = 'trading' AND posting_holder = holder, amount, 0),
                accounts, holders, amounts
            )) AS change
        FROM journal_entries
        WHERE instrument_id != '' AND holder IN
        (
            SELECT holder FROM journal_entries_raw
            WHERE booked_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') AND has(accounts, 'trading')
        )
    )
    WHERE change != 0
    GROUP BY holder, instrument_id
)
WHERE units > 0 AND (holder, instrument_id) > ({beyondHolder:Int64}, {beyondInstrument:String})
ORDER BY holder, instrument_id
LIMIT {limit:UInt32}

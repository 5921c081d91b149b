-- What must hold of tokens, by instrument. Of each holder's position, told three times over: by the changes of its lots, by
-- the journal's postings, and by the receipts of its requests. `wrong_positions` are those of which the three do not
-- agree (receipts of tokens that a managed supplier was paid for are of no lots), `wrong_lots` those of which more has gone than was opened (L1), `left_cost` what is open has cost (L5).
-- The three are inserted one after the other: only what was booked before an instant is asked for, when all are in.
SELECT
    instrument_id,
    sum(position_opened) AS opened,
    sum(position_drawn) AS drawn,
    sum(position_expired) AS expired,
    sum(position_regranted) AS regranted,
    sum(position_consumption) AS open,
    sum(position_opened_cost) AS opened_cost,
    sum(position_drawn_cost) AS drawn_cost,
    sum(position_expired_cost) AS expired_cost,
    sum(position_regranted_cost) AS regranted_cost,
    sum(position_left_cost) AS left_cost,
    sum(position_billed_cost) AS billed_cost,
    sum(position_wrong_lots) AS wrong_lots,
    countIf(
        position_opened - position_drawn - position_expired - position_regranted != position_consumption
        OR position_drawn != position_drawn_posted OR position_drawn != position_billed
        OR position_expired != position_breakage_posted OR position_regranted != position_granted
        OR position_drawn_cost != position_billed_cost
    ) AS wrong_positions
FROM
(
    SELECT
        instrument_id, holder,
        sum(lots_opened) AS position_opened,
        sum(lots_drawn) AS position_drawn,
        sum(lots_expired) AS position_expired,
        sum(lots_regranted) AS position_regranted,
        sum(lots_granted) AS position_granted,
        sum(lots_opened_cost) AS position_opened_cost,
        sum(lots_drawn_cost) AS position_drawn_cost,
        sum(lots_expired_cost) AS position_expired_cost,
        sum(lots_regranted_cost) AS position_regranted_cost,
        sum(lots_left_cost) AS position_left_cost,
        sum(wrong) AS position_wrong_lots,
        sum(consumption) AS position_consumption,
        sum(drawn_posted) AS position_drawn_posted,
        sum(breakage_posted) AS position_breakage_posted,
        sum(billed) AS position_billed,
        sum(billed_cost) AS position_billed_cost
    FROM
    (
        SELECT
            instrument_id, holder,
            opened AS lots_opened, drawn AS lots_drawn, expired AS lots_expired, regranted AS lots_regranted,
            granted AS lots_granted,
            opened * lot_price AS lots_opened_cost, drawn * lot_price AS lots_drawn_cost,
            expired * lot_price AS lots_expired_cost, regranted * lot_price AS lots_regranted_cost,
            (opened - drawn - expired - regranted) * lot_price AS lots_left_cost,
            toUInt64(opened < drawn + expired + regranted OR prices != 1) AS wrong,
            toInt128(0) AS consumption, toInt128(0) AS drawn_posted, toInt128(0) AS breakage_posted,
            toInt128(0) AS billed, toInt128(0) AS billed_cost
        FROM
        (
            SELECT
                instrument_id, holder, any(price) AS lot_price, uniqExact(price) AS prices,
                sumIf(toInt128(tokens), change = 'opened') AS opened,
                sumIf(toInt128(tokens), change = 'drawn') AS drawn,
                sumIf(toInt128(tokens), change = 'expired') AS expired,
                sumIf(toInt128(tokens), change = 'regranted') AS regranted,
                sumIf(toInt128(tokens), change = 'opened' AND entry_type = 'regrant') AS granted
            FROM lot_changes
            WHERE booked_at < fromUnixTimestamp64Milli({before:Int64}, 'UTC')
            GROUP BY instrument_id, holder, lot_id
        )
        UNION ALL
        SELECT
            instrument_id, holder, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            sumIf(toInt128(amount), account = 'consumption'), sumIf(toInt128(amount), account = 'drawn'),
            sumIf(toInt128(amount), account = 'breakage'), 0, 0
        FROM postings
        WHERE instrument_id != '' AND account IN ('consumption', 'drawn', 'breakage')
            AND booked_at < fromUnixTimestamp64Milli({before:Int64}, 'UTC')
        GROUP BY instrument_id, holder
        UNION ALL
        SELECT
            instrument_id, holder, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, sum(toInt128(billed_tokens)), sum(cost_picodollars)
        FROM usage_receipts
        WHERE managed_price = 0 AND booked_at < fromUnixTimestamp64Milli({before:Int64}, 'UTC')
        GROUP BY instrument_id, holder
    )
    GROUP BY instrument_id, holder
)
GROUP BY instrument_id
ORDER BY instrument_id
-- There are as many groups as there were lots: beyond this the rest goes to disk.
SETTINGS max_bytes_before_external_group_by = 200000000

-- A page of one holder's orders, as they are now: of each the state with the highest sequence, whatever its repeats, so
-- that the raw table will do. What stands in braces without a type is made by orders.ts out of a fixed list of columns,
-- operators and directions; every value is bound. What never changes in an order is asked of all its states, the rest of
-- the last one.
SELECT
    order_id, instrument_id, refusal, status, closure_reason, client_order_id, side, order_type, time_in_force,
    is_post_only, is_reduce_only, is_auto_transfer, price, stop_price, quantity, notional, filled_quantity,
    filled_notional, fee, held_amount, other_leg,
    toUnixTimestamp64Milli(expires_at) AS expires_ms,
    toUnixTimestamp64Milli(submitted_at) AS submitted_ms,
    toUnixTimestamp64Milli(accepted_at) AS accepted_ms,
    toUnixTimestamp64Milli(changed_at) AS changed_ms,
    toUnixTimestamp64Milli(closed_at) AS closed_ms
FROM
(
    SELECT * FROM order_states_raw
    WHERE holder = {holder:Int64} AND {always}
    ORDER BY order_id {direction}, sequence DESC
    LIMIT 1 BY order_id
)
WHERE {now}
ORDER BY order_id {direction}
LIMIT {limit:UInt32}

-- Order states: one row a change of an order, as its holder sees it; refused orders among them. From the topic
-- order-updates (kind order-state), written by pipelines/sinks.
--
-- All states are kept, and not only the last: they are the trail that an audit follows, and with every one of them there
-- the reconcile job can tell by the emitter's numbers that none is missing. How an order is now is its state with the
-- highest sequence: the view `orders`, and the queries, which ask for one holder, take it from there.
-- An order's states are numbered from 1, so (order_id, sequence) is a state's identity; holder and accepted_at are
-- functions of the order. holder stands first because everyone asks for one holder's orders, and order_id next because
-- pages of them go by it: it comes from the command's place in the log, so that one holder's rise in time.
CREATE TABLE IF NOT EXISTS order_states_raw {on_cluster}
(
    holder           Int64,
    order_id         Int64,
    sequence         UInt64                                COMMENT 'Of the order''s states, from 1.',
    instrument_id    LowCardinality(String)                COMMENT 'The symbol.',
    cause            LowCardinality(String)                COMMENT 'The command it answers; match, market: something else.',
    refusal          LowCardinality(String)                COMMENT 'Why that command was refused; empty: it was not.',
    status           LowCardinality(String)                COMMENT 'In the ledger''s words.',
    closure_reason   LowCardinality(String)                COMMENT 'Why it is closed, where it was not simply filled; empty: none.',
    client_order_id  String                                COMMENT 'The client''s own; empty: none.',
    side             Enum8('buy' = 1, 'sell' = 2),
    order_type       LowCardinality(String)                COMMENT 'As submitted.',
    time_in_force    LowCardinality(String),
    is_post_only     Bool,
    is_reduce_only   Bool,
    is_auto_transfer Bool                                  COMMENT 'What it buys goes to Consumption at once.',
    price            Nullable(Int64)                       COMMENT 'Microdollars per unit; null: a market order''s.',
    stop_price       Nullable(Int64)                       COMMENT 'Microdollars per unit.',
    quantity         Int64                                 COMMENT 'Units: its total; 0 of an order by notional.',
    notional         Nullable(Int64)                       COMMENT 'Microdollars, of an order by notional.',
    filled_quantity  Int64                                 COMMENT 'Units.',
    filled_notional  Int64                                 COMMENT 'Microdollars.',
    fee              Int64                                 COMMENT 'Microdollars, of its life.',
    held_amount      Int64                                 COMMENT 'Held for it now: microdollars of a buy, units of a sell.',
    other_leg        Int64                                 COMMENT 'The order id of the other leg of an OCO; 0: none.',
    expires_at       Nullable(DateTime64(3, 'UTC')),
    submitted_at     DateTime64(3, 'UTC')                  COMMENT 'When the gateway took it.',
    accepted_at      DateTime64(3, 'UTC')                  COMMENT 'Stage time of the command that asked for it.',
    changed_at       DateTime64(3, 'UTC')                  COMMENT 'Stage time of this change.',
    closed_at        Nullable(DateTime64(3, 'UTC'))        COMMENT 'Null while it is open.',
    origin_source    LowCardinality(String)                COMMENT 'Who emitted it: stage, input topic, input partition.',
    origin_offset    Int64                                 COMMENT 'The record of that input which it answers.',
    origin_index     Int32                                 COMMENT 'Its place among the outputs of that record.',
    origin_sequence  UInt64                                COMMENT 'Gapless for each origin_source and log_partition, over all kinds of record on the topic.',
    log_partition    Int32                                 COMMENT 'Of the topic order-updates.',
    log_offset       Int64                                 COMMENT 'With log_partition, where in order-updates this row came from.',
    inserted_at      DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'For operators only.',
    INDEX client_order_ids client_order_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = {replicated}ReplacingMergeTree(log_offset)
PARTITION BY toYYYYMM(accepted_at)
ORDER BY (holder, order_id, sequence);

-- What everyone reads.
CREATE VIEW IF NOT EXISTS order_states {on_cluster} AS
SELECT * FROM order_states_raw FINAL SETTINGS do_not_merge_across_partitions_select_final = 1;

-- Orders as they are now. Reads the raw table: what the highest sequence holds is the same with and without repeats.
CREATE VIEW IF NOT EXISTS orders {on_cluster} AS
SELECT * FROM order_states_raw ORDER BY holder, order_id, sequence DESC LIMIT 1 BY holder, order_id;

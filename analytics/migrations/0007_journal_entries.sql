-- Journal entries: one row an entry, with all its postings in it, so that no reader and no loss ever sees half of one:
-- what is there sums to zero. From the topic ledger-entries, written by pipelines/sinks.
--
-- An entry's sequence is gapless in its partition of the ledger, and the holder decides that partition: (holder,
-- sequence) is its identity. It is also the order in which everything happened to a holder's accounts, and the cursor
-- of its pages. booked_at is a function of it.
CREATE TABLE IF NOT EXISTS journal_entries_raw {on_cluster}
(
    holder           Int64                                 COMMENT 'Whose entry it is.',
    sequence         UInt64                                COMMENT 'Gapless in a partition of the ledger, from 1.',
    booked_at        DateTime64(3, 'UTC')                  COMMENT 'Stage time of the record that it follows from.',
    entry_type       LowCardinality(String),
    reference        String                                COMMENT 'The command''s, or instrument:sequence of the fill.',
    instrument_id    LowCardinality(String)                COMMENT 'The symbol; empty: money alone.',
    accounts         Array(LowCardinality(String))         COMMENT 'Of the postings, in their order; as the next three.',
    holders          Array(Int64)                          COMMENT '0: the house, in this partition.',
    assets           Array(LowCardinality(String))         COMMENT 'usd in microdollars, a symbol in units, symbol:tokens in tokens.',
    amounts          Array(Int64)                          COMMENT 'What is added; negative is taken away.',
    cost             Int64                                 COMMENT 'Microdollars that the units cost which moved into or out of Trading.',
    order_id         Int64                                 COMMENT 'Of a fill, as all that follow: the holder''s.',
    trade_sequence   UInt64                                COMMENT 'The fill''s, in its instrument; 0: no fill.',
    side             Enum8('none' = 0, 'buy' = 1, 'sell' = 2),
    role             Enum8('none' = 0, 'maker' = 1, 'taker' = 2),
    price            Int64                                 COMMENT 'Microdollars per unit.',
    quantity         Int64                                 COMMENT 'Units.',
    fee              Int64                                 COMMENT 'Microdollars.',
    grant_notional   Int64                                 COMMENT 'Microdollars of the notional that grant money paid.',
    sweep_period     Int64                                 COMMENT 'In which the fill was made.',
    origin_source    LowCardinality(String)                COMMENT 'Who emitted it: stage, input topic, input partition.',
    origin_offset    Int64                                 COMMENT 'The record of that input which it follows from.',
    origin_index     Int32                                 COMMENT 'Its place among the outputs of that record.',
    origin_sequence  UInt64                                COMMENT 'Gapless for each origin_source and log_partition, from 1.',
    log_partition    Int32                                 COMMENT 'Of the topic ledger-entries.',
    log_offset       Int64                                 COMMENT 'With log_partition, where in ledger-entries this row came from.',
    inserted_at      DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'For operators only.',
    INDEX orders order_id TYPE bloom_filter GRANULARITY 1,
    INDEX trades trade_sequence TYPE bloom_filter GRANULARITY 1
)
ENGINE = {replicated}ReplacingMergeTree(log_offset)
PARTITION BY toYYYYMM(booked_at)
ORDER BY (holder, sequence);

-- What everyone reads.
CREATE VIEW IF NOT EXISTS journal_entries {on_cluster} AS
SELECT * FROM journal_entries_raw FINAL SETTINGS do_not_merge_across_partitions_select_final = 1;

-- One row a posting. posting_holder 0 is the house, which is another in each partition.
CREATE VIEW IF NOT EXISTS postings {on_cluster} AS
SELECT
    log_partition, sequence, holder, booked_at, entry_type, reference, instrument_id,
    posting_index, account, posting_holder, asset, amount
FROM journal_entries
ARRAY JOIN
    arrayEnumerate(accounts) AS posting_index, accounts AS account, holders AS posting_holder, assets AS asset,
    amounts AS amount;

-- One row a leg of a fill: a trade as the holder of one of its sides sees it.
CREATE VIEW IF NOT EXISTS own_trades {on_cluster} AS
SELECT
    holder, sequence, booked_at, instrument_id, trade_sequence, order_id, side, role, price, quantity, fee,
    grant_notional, sweep_period, cost
FROM journal_entries
WHERE entry_type = 'fill';

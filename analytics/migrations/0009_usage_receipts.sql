-- Usage receipts: one row a capture, what a request was billed and what that cost. They lie in journal entries; from the
-- topic ledger-entries, written by pipelines/sinks beside the entries themselves. The breakdown over lots is in
-- lot_changes, under the same holder and entry.
--
-- Identity and key are the entry's (0007): (holder, entry_sequence).
CREATE TABLE IF NOT EXISTS usage_receipts_raw {on_cluster}
(
    holder            Int64                                 COMMENT 'The consumer.',
    entry_sequence    UInt64                                COMMENT 'Of the journal entry: gapless in a partition of the ledger.',
    booked_at         DateTime64(3, 'UTC')                  COMMENT 'Stage time of the capture.',
    instrument_id     LowCardinality(String)                COMMENT 'The symbol.',
    request_id        String,
    request_sequence  Int64                                 COMMENT 'Of the reading, within the request.',
    source            LowCardinality(String)                COMMENT 'Who measured: gateway, or supplier:HOLDER.',
    event_id          String                                COMMENT 'With source, the reading that was billed.',
    supplier          Int64                                 COMMENT 'Who served it; 0: not said.',
    input_tokens      Int64,
    output_tokens     Int64,
    billed_tokens     Int64                                 COMMENT 'Drawn: at most what was held.',
    held_tokens       Int64                                 COMMENT 'Until then.',
    authorized_at     DateTime64(3, 'UTC'),
    occurred_at       DateTime64(3, 'UTC')                  COMMENT 'By the source''s clock.',
    drawn_lots        Int32                                 COMMENT 'Of how many lots.',
    cost_picodollars  Int128                                COMMENT 'Of the tokens drawn, each at its lot''s price.',
    origin_source     LowCardinality(String)                COMMENT 'Who emitted the entry: stage, input topic, input partition.',
    origin_offset     Int64                                 COMMENT 'The record of that input which the entry follows from.',
    origin_index      Int32                                 COMMENT 'The entry''s place among the outputs of that record.',
    origin_sequence   UInt64                                COMMENT 'The entry''s: gapless for each origin_source and log_partition, from 1.',
    log_partition     Int32                                 COMMENT 'Of the topic ledger-entries.',
    log_offset        Int64                                 COMMENT 'With log_partition, where in ledger-entries this row came from.',
    inserted_at       DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'For operators only.',
    INDEX requests request_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = {replicated}ReplacingMergeTree(log_offset)
PARTITION BY toYYYYMM(booked_at)
ORDER BY (holder, entry_sequence);

-- What everyone reads.
CREATE VIEW IF NOT EXISTS usage_receipts {on_cluster} AS
SELECT * FROM usage_receipts_raw FINAL SETTINGS do_not_merge_across_partitions_select_final = 1;

-- One row a lot that a request drew on: request to supplier in usage_receipts, lot to price and trade here.
CREATE VIEW IF NOT EXISTS request_draws {on_cluster} AS
SELECT
    holder, reference AS request_id, entry_sequence, instrument_id, lot_id, trade_sequence, sweep_period, price, tokens,
    toInt128(tokens) * price AS cost_picodollars, booked_at
FROM lot_changes
WHERE change = 'drawn' AND entry_type = 'usage';

-- Unbilled usage: one row for tokens that were measured and are not billed, with the reason: each measured token is billed
-- or here. From the topic reconciliation, where metering and the ledger say so; written by pipelines/sinks.
--
-- One reading can have two reasons, so its source and id do not tell rows apart: the identity is the record's origin, the
-- record of a stage's input that it follows from and its place among that record's outputs. holder and told_at are
-- functions of it; they stand first because a holder's are asked for by time.
CREATE TABLE IF NOT EXISTS unbilled_usage_raw {on_cluster}
(
    holder            Int64                                 COMMENT 'The consumer.',
    told_at           DateTime64(3, 'UTC')                  COMMENT 'Stage time of the record that it follows from.',
    instrument_id     LowCardinality(String)                COMMENT 'The symbol.',
    request_id        String,
    request_sequence  Int64                                 COMMENT 'Of the reading, within the request.',
    source            LowCardinality(String)                COMMENT 'Who measured: gateway, or supplier:HOLDER.',
    event_id          String                                COMMENT 'With source, the reading.',
    supplier          Int64                                 COMMENT '0: not said.',
    tokens            Int64                                 COMMENT 'Those that are not billed.',
    input_tokens      Int64                                 COMMENT 'Of the reading, as the next.',
    output_tokens     Int64,
    reason            LowCardinality(String),
    origin_source     LowCardinality(String)                COMMENT 'Who emitted it: stage, input topic, input partition.',
    origin_offset     Int64                                 COMMENT 'The record of that input which it follows from.',
    origin_index      Int32                                 COMMENT 'Its place among the outputs of that record.',
    origin_sequence   UInt64                                COMMENT 'Gapless for each origin_source and log_partition, from 1.',
    log_partition     Int32                                 COMMENT 'Of the topic reconciliation.',
    log_offset        Int64                                 COMMENT 'With log_partition, where in reconciliation this row came from.',
    inserted_at       DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'For operators only.'
)
ENGINE = {replicated}ReplacingMergeTree(log_offset)
PARTITION BY toYYYYMM(told_at)
ORDER BY (holder, told_at, origin_source, origin_offset, origin_index);

-- What everyone reads.
CREATE VIEW IF NOT EXISTS unbilled_usage {on_cluster} AS
SELECT * FROM unbilled_usage_raw FINAL SETTINGS do_not_merge_across_partitions_select_final = 1;

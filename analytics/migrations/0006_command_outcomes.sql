-- Command outcomes: one row a command whose end no order's state tells: cancels and amends that were refused, money and
-- units moved or not, modes switched. From the topic order-updates (kind command-outcome), written by pipelines/sinks.
--
-- An outcome has no number of its own: its identity is its origin, as that of an order update, and the key is made alike.
CREATE TABLE IF NOT EXISTS command_outcomes_raw {on_cluster}
(
    holder           Int64,
    decided_at       DateTime64(3, 'UTC')                  COMMENT 'Stage time of the command.',
    command          LowCardinality(String)                COMMENT 'Its kind.',
    refusal          LowCardinality(String)                COMMENT 'Why it was refused; empty: it was done.',
    order_id         Int64                                 COMMENT 'The order it was about; 0: none.',
    order_count      Int64                                 COMMENT 'Orders that are to be cancelled.',
    reference        String                                COMMENT 'The command''s, where it has one.',
    origin_source    LowCardinality(String)                COMMENT 'Who emitted it: stage, input topic, input partition.',
    origin_offset    Int64                                 COMMENT 'The record of that input which it answers.',
    origin_index     Int32                                 COMMENT 'Its place among the outputs of that record.',
    origin_sequence  UInt64                                COMMENT 'Gapless for each origin_source and log_partition, over all kinds of record on the topic.',
    log_partition    Int32                                 COMMENT 'Of the topic order-updates.',
    log_offset       Int64                                 COMMENT 'With log_partition, where in order-updates this row came from.',
    inserted_at      DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'For operators only.'
)
ENGINE = {replicated}ReplacingMergeTree(log_offset)
PARTITION BY toYYYYMM(decided_at)
ORDER BY (holder, decided_at, origin_source, origin_offset, origin_index);

-- What everyone reads.
CREATE VIEW IF NOT EXISTS command_outcomes {on_cluster} AS
SELECT * FROM command_outcomes_raw FINAL SETTINGS do_not_merge_across_partitions_select_final = 1;

-- Order updates: one row an update, refused commands among them. From the topic order-updates, written by pipelines/sinks.
--
-- An update has no number of its own: its identity is its origin, the record of a stage's input that it answers and its
-- place among that record's outputs. All of that is in the key, so an update that comes again replaces itself.
-- holder and updated_at are functions of it; they stand first because a history is asked for by holder and time.
CREATE TABLE IF NOT EXISTS order_updates_raw {on_cluster}
(
    holder           Int64,
    updated_at       DateTime64(3, 'UTC')                  COMMENT 'Stage time of the command.',
    order_id         Int64,
    instrument_id    LowCardinality(String)                COMMENT 'The symbol.',
    cause            LowCardinality(String)                COMMENT 'The command it answers; match: another order met this one.',
    is_refused       Bool                                  COMMENT 'The command was refused; the order stays as it was.',
    status           LowCardinality(String)                COMMENT 'After all fills of the command.',
    reason           LowCardinality(String)                COMMENT 'Of the closure or the refusal; empty: none.',
    side             Enum8('buy' = 1, 'sell' = 2),
    price            Int64                                 COMMENT 'Microdollars per unit.',
    quantity         Int64                                 COMMENT 'Units: the order''s total.',
    filled_quantity  Int64                                 COMMENT 'Units.',
    filled_notional  Int64                                 COMMENT 'Microdollars.',
    origin_source    LowCardinality(String)                COMMENT 'Who emitted it: stage, input topic, input partition.',
    origin_offset    Int64                                 COMMENT 'The record of that input which it answers.',
    origin_index     Int32                                 COMMENT 'Its place among the outputs of that record.',
    origin_sequence  UInt64                                COMMENT 'Gapless for each origin_source and log_partition, from 1.',
    log_partition    Int32                                 COMMENT 'Of the topic order-updates.',
    log_offset       Int64                                 COMMENT 'With log_partition, where in order-updates this row came from.',
    inserted_at      DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'For operators only.'
)
ENGINE = {replicated}ReplacingMergeTree(log_offset)
PARTITION BY toYYYYMM(updated_at)
ORDER BY (holder, updated_at, origin_source, origin_offset, origin_index);

-- What everyone reads.
CREATE VIEW IF NOT EXISTS order_updates {on_cluster} AS
SELECT * FROM order_updates_raw FINAL SETTINGS do_not_merge_across_partitions_select_final = 1;

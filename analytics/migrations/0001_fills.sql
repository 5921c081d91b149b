-- Fills: one row a fill. From the topic fills, written by pipelines/sinks.
--
-- The sink delivers at least once, and a lost part is filled from the log again. ReplacingMergeTree keeps one row a
-- sorting key, so a fill that comes again replaces itself. Its identity is (instrument_id, sequence); matched_at is a
-- function of it, and stands before the sequence because every chart and every list asks for one instrument over a range
-- of time. (The two orders agree: stage time never goes back.)
-- The version is the offset: of one fill twice in the log, the same row is kept on every replica.
-- By month, because old months are read rarely and dropped whole; the month is a function of the identity too.
CREATE TABLE IF NOT EXISTS fills_raw {on_cluster}
(
    instrument_id  LowCardinality(String)                  COMMENT 'The symbol.',
    sequence       UInt64                                  COMMENT 'Gapless in an instrument, from 1.',
    matched_at     DateTime64(3, 'UTC')                    COMMENT 'Stage time of the taker''s command.',
    taker_side     Enum8('buy' = 1, 'sell' = 2),
    price          Int64                                   COMMENT 'Microdollars per unit, the maker''s.',
    quantity       Int64                                   COMMENT 'Units.',
    maker_order_id Int64,
    taker_order_id Int64,
    maker_holder   Int64,
    taker_holder   Int64,
    log_partition  Int32                                   COMMENT 'Of the topic fills.',
    log_offset     Int64                                   COMMENT 'With log_partition, where in fills this row came from.',
    inserted_at    DateTime64(3, 'UTC') DEFAULT now64(3)   COMMENT 'For operators only.',
    -- Sequences rise with time, so each granule has its own few; the reconcile job asks by them alone.
    INDEX sequences sequence TYPE minmax GRANULARITY 1
)
ENGINE = {replicated}ReplacingMergeTree(log_offset)
PARTITION BY toYYYYMM(matched_at)
ORDER BY (instrument_id, matched_at, sequence);

-- What everyone reads. A month can't share a key with another, so each is made final by itself.
CREATE VIEW IF NOT EXISTS fills {on_cluster} AS
SELECT * FROM fills_raw FINAL SETTINGS do_not_merge_across_partitions_select_final = 1;

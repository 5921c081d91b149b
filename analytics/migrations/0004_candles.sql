-- Candles: one row a bar of a second or of a minute that holds a trade. From the topic fills, folded and written by
-- pipelines/sinks. Longer bars are made of minutes in the query; bars without a trade are filled in there as well.
--
-- A bar is written again whenever it grew, whole, so its version is the last fill it contains: the fullest one is kept,
-- and the bar that a restarted fold builds again never takes the place of a fuller one. Two rows of the same version
-- are equal, because the fold is deterministic.
-- The key is the bar's identity, in the order of the only question there is: one instrument, one width, a range.
-- Sums are 128 bits wide: 2^63 microdollars is nine trillion dollars, which a product of prices and volumes can pass.
CREATE TABLE IF NOT EXISTS candles_raw {on_cluster}
(
    instrument_id  LowCardinality(String)                COMMENT 'The symbol.',
    resolution     Enum8('1s' = 1, '1m' = 2),
    bucket         DateTime('UTC')                       COMMENT 'Start of the bar.',
    open           Int64                                 COMMENT 'Microdollars per unit, of the fill first_sequence.',
    high           Int64                                 COMMENT 'Microdollars per unit.',
    low            Int64                                 COMMENT 'Microdollars per unit.',
    close          Int64                                 COMMENT 'Microdollars per unit, of the fill last_sequence.',
    volume         Int128                                COMMENT 'Units.',
    notional       Int128                                COMMENT 'Microdollars: the sum of price by quantity.',
    trades         UInt64                                COMMENT 'last_sequence - first_sequence + 1, or a fill is missing.',
    first_sequence UInt64,
    last_sequence  UInt64                                COMMENT 'The version of the row.',
    inserted_at    DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'For operators only.'
)
ENGINE = {replicated}ReplacingMergeTree(last_sequence)
PARTITION BY toYYYYMM(bucket)
ORDER BY (instrument_id, resolution, bucket);

-- What everyone reads.
CREATE VIEW IF NOT EXISTS candles {on_cluster} AS
SELECT * FROM candles_raw FINAL SETTINGS do_not_merge_across_partitions_select_final = 1;

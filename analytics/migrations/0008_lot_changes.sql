-- Lot changes: one row for each thing that became of tokens of a lot: opened, drawn, expired, regranted. They lie in
-- journal entries; from the topic ledger-entries, written by pipelines/sinks beside the entries themselves.
--
-- A change is told by its entry and its place there: (log_partition, entry_sequence, change_index) is its identity. The
-- holder, the lot and when that opened are functions of it. A lot's changes share all three, so they lie side by side in
-- one month, and few days stand first in the key: whoever asks for one holder reads its place in each day, whoever asks
-- for what is due reads the last days alone.
CREATE TABLE IF NOT EXISTS lot_changes_raw {on_cluster}
(
    holder           Int64,
    lot_id           Int64                                 COMMENT 'Never used again in a market.',
    entry_sequence   UInt64                                COMMENT 'Of the journal entry: gapless in a partition of the ledger.',
    change_index     Int32                                 COMMENT 'Its place among the changes of that entry, from 0.',
    instrument_id    LowCardinality(String)                COMMENT 'The symbol.',
    change           Enum8('opened' = 1, 'drawn' = 2, 'expired' = 3, 'regranted' = 4),
    tokens           Int64                                 COMMENT 'Millionths of a unit.',
    price            Int64                                 COMMENT 'Microdollars per unit: tokens times price are picodollars.',
    trade_sequence   UInt64                                COMMENT 'Of the fill that bought the lot; 0: none did.',
    sweep_period     Int64                                 COMMENT 'The cohort: the sweep period in which it was sold.',
    opened_at        DateTime64(3, 'UTC')                  COMMENT 'Of a swept lot the instant of the sweep.',
    expires_at       DateTime64(3, 'UTC')                  COMMENT 'As far as the instrument''s clock was known to have stopped then.',
    grant_cost       Int64                                 COMMENT 'Microdollars of what these tokens cost that grant money paid.',
    entry_type       LowCardinality(String)                COMMENT 'Of the journal entry.',
    reference        String                                COMMENT 'Of the journal entry: of a draw the request.',
    booked_at        DateTime64(3, 'UTC')                  COMMENT 'Stage time of the record that it follows from.',
    origin_source    LowCardinality(String)                COMMENT 'Who emitted the entry: stage, input topic, input partition.',
    origin_offset    Int64                                 COMMENT 'The record of that input which the entry follows from.',
    origin_index     Int32                                 COMMENT 'The entry''s place among the outputs of that record.',
    origin_sequence  UInt64                                COMMENT 'The entry''s: gapless for each origin_source and log_partition, from 1.',
    log_partition    Int32                                 COMMENT 'Of the topic ledger-entries.',
    log_offset       Int64                                 COMMENT 'With log_partition, where in ledger-entries this row came from.',
    inserted_at      DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'For operators only.',
    INDEX lots lot_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = {replicated}ReplacingMergeTree(log_offset)
PARTITION BY toYYYYMM(opened_at)
ORDER BY (toDate(opened_at), holder, lot_id, entry_sequence, change_index);

-- What everyone reads.
CREATE VIEW IF NOT EXISTS lot_changes {on_cluster} AS
SELECT * FROM lot_changes_raw FINAL SETTINGS do_not_merge_across_partitions_select_final = 1;

-- One row a lot: all that is to be known of it but what is held. open_tokens are those that requests hold, those that they
-- may take, and those that have expired and are not booked yet.
CREATE VIEW IF NOT EXISTS lots {on_cluster} AS
SELECT
    holder, lot_id, instrument_id, opened_at,
    any(price) AS price,
    any(trade_sequence) AS trade_sequence,
    any(sweep_period) AS sweep_period,
    argMax(expires_at, entry_sequence) AS expires_at,
    argMinIf(entry_type, entry_sequence, change = 'opened') AS opened_by,
    max(entry_sequence) AS last_entry,
    max(booked_at) AS changed_at,
    sumIf(tokens, change = 'opened') AS opened_tokens,
    sumIf(tokens, change = 'drawn') AS drawn_tokens,
    sumIf(tokens, change = 'expired') AS expired_tokens,
    sumIf(tokens, change = 'regranted') AS regranted_tokens,
    opened_tokens - drawn_tokens - expired_tokens - regranted_tokens AS open_tokens,
    toInt128(opened_tokens) * price AS cost_picodollars
FROM lot_changes
GROUP BY holder, lot_id, instrument_id, opened_at;

-- Breakage: tokens that expired undrawn, by holder, instrument and cohort, and the value that they are derived to have had.
CREATE VIEW IF NOT EXISTS breakage {on_cluster} AS
SELECT
    holder, instrument_id, sweep_period,
    uniqExact(lot_id) AS lots,
    sum(toInt128(tokens)) AS expired_tokens,
    sum(toInt128(tokens) * price) AS value_picodollars,
    sum(toInt128(grant_cost)) AS grant_cost,
    min(booked_at) AS first_at,
    max(booked_at) AS last_at
FROM lot_changes
WHERE change = 'expired'
GROUP BY holder, instrument_id, sweep_period;

-- What sweeps have moved of each holder's: a lot that a sweep opens has opened at that sweep, however late it was booked.
CREATE VIEW IF NOT EXISTS sweeps {on_cluster} AS
SELECT
    holder, instrument_id, opened_at AS swept_at,
    uniqExact(lot_id) AS lots,
    intDiv(sum(toInt128(tokens)), 1000000) AS units,
    sum(toInt128(tokens) * price) AS cost_picodollars,
    max(booked_at) AS last_booked_at
FROM lot_changes
WHERE change = 'opened' AND entry_type = 'sweep'
GROUP BY holder, instrument_id, opened_at;

-- The report of a sweep: what it moved of each instrument, of how many holders, into how many lots.
CREATE VIEW IF NOT EXISTS sweep_reports {on_cluster} AS
SELECT
    instrument_id, swept_at,
    count() AS holders,
    sum(sweeps.lots) AS lots,
    sum(sweeps.units) AS units,
    sum(sweeps.cost_picodollars) AS cost_picodollars,
    max(sweeps.last_booked_at) AS last_booked_at
FROM sweeps
GROUP BY instrument_id, swept_at;

-- Meter events: one row a record of the topic usage, whatever metering made of it. Written by pipelines/sinks.
--
-- The identity is where the record lies, and not its source and id. One event may be sent twice, and the second time with
-- other content: metering counts the first and says of the other that it contradicts. A table with one row for each
-- (source, id) would keep the wrong one of the two, or lose the evidence; this one has both, and readings has what counts.
-- Everything else in the key is a function of that place: the holder decides the partition, and accepted_at is the
-- record's own timestamp, not the source's clock, which may say anything.
CREATE TABLE IF NOT EXISTS meter_events_raw {on_cluster}
(
    holder           Int64                                 COMMENT 'The consumer.',
    accepted_at      DateTime64(3, 'UTC')                  COMMENT 'When the log took the record.',
    source           LowCardinality(String)                COMMENT 'Who measured: gateway, or supplier:HOLDER.',
    event_id         String                                COMMENT 'With source, the identity that its sender gave it.',
    instrument_id    LowCardinality(String)                COMMENT 'The symbol.',
    request_id       String,
    request_sequence Int64                                 COMMENT 'Of this request''s readings, from 1.',
    nonce            String                                COMMENT 'Of the start it belongs to.',
    phase            LowCardinality(String)                COMMENT 'progress, final or failed.',
    input_tokens     Int64                                 COMMENT 'Until then, as the next.',
    output_tokens    Int64,
    more_tokens      Int64                                 COMMENT 'Asked to be held beyond what is held.',
    supplier         Int64                                 COMMENT '0: not said.',
    fault            LowCardinality(String)                COMMENT 'Whose, of a failed one.',
    reason           String,
    occurred_at      DateTime64(3, 'UTC')                  COMMENT 'By the source''s clock.',
    log_partition    Int32                                 COMMENT 'Of the topic usage.',
    log_offset       Int64                                 COMMENT 'With log_partition, where in usage this row came from.',
    inserted_at      DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'For operators only.',
    INDEX requests request_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = {replicated}ReplacingMergeTree(log_offset)
PARTITION BY toYYYYMM(accepted_at)
ORDER BY (holder, accepted_at, log_partition, log_offset);

-- What everyone reads.
CREATE VIEW IF NOT EXISTS meter_events {on_cluster} AS
SELECT * FROM meter_events_raw FINAL SETTINGS do_not_merge_across_partitions_select_final = 1;

-- Each event once, as it came first.
CREATE VIEW IF NOT EXISTS readings {on_cluster} AS
SELECT * FROM meter_events ORDER BY log_partition, source, event_id, log_offset LIMIT 1 BY log_partition, source, event_id;

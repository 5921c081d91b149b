-- Request reports: one row a request, how it went. From the topic requests, written by pipelines/sinks.
--
-- A gateway tells of a request when it ends, and again whatever it can't tell whether the log has; a client that left a
-- second hop may come back, and then another gateway tells how it went on. So the identity is the request's,
-- (holder, request_id), and what was told last by the clock of who served counts. Nothing is partitioned: no month is a
-- function of that identity. Money is not here: what a request cost is in usage_receipts.
CREATE TABLE IF NOT EXISTS request_reports_raw {on_cluster}
(
    holder           Int64                                 COMMENT 'The consumer.',
    request_id       String,
    instrument_id    LowCardinality(String)                COMMENT 'The symbol.',
    key_id           String                                COMMENT 'Of the consumption key.',
    tags             Array(String)                         COMMENT 'The key''s own words.',
    surface          LowCardinality(String)                COMMENT 'chat, messages or responses.',
    delivery         LowCardinality(String)                COMMENT 'redirect, supplier or direct.',
    requested_model  String                                COMMENT 'As the client called it.',
    served_model     String                                COMMENT 'As the supplier called it; empty: not known.',
    supplier         Int64                                 COMMENT 'Who served it; 0: nobody.',
    endpoint_id      String                                COMMENT 'The supplier''s; empty: none.',
    is_stream        Bool,
    outcome          LowCardinality(String)                COMMENT 'completed, cut, disconnected, failed or refused.',
    reason           String                                COMMENT 'Of what was not completed.',
    status           Int64                                 COMMENT 'HTTP, as the client saw it.',
    input_tokens     Int64,
    output_tokens    Int64,
    cached_tokens    Int64                                 COMMENT 'Of the input.',
    reasoning_tokens Int64                                 COMMENT 'Of the output.',
    is_estimated     Bool                                  COMMENT 'Counted by the reference tokenizer.',
    over_reported    Nullable(Int64)                       COMMENT 'Tokens that the supplier said beyond what is plausible.',
    attempts         Int64                                 COMMENT 'Suppliers that were tried.',
    first_token_ms   Nullable(Int64)                       COMMENT 'From the request to the upstream to its first token.',
    duration_ms      Int64                                 COMMENT 'From the request to the last byte.',
    ended_at         DateTime64(3, 'UTC')                  COMMENT 'By the clock of who served.',
    log_partition    Int32                                 COMMENT 'Of the topic requests.',
    log_offset       Int64                                 COMMENT 'With log_partition, where in requests this row came from.',
    inserted_at      DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'For operators only.',
    INDEX ended ended_at TYPE minmax GRANULARITY 1
)
ENGINE = {replicated}ReplacingMergeTree(ended_at)
ORDER BY (holder, request_id);

-- What everyone reads.
CREATE VIEW IF NOT EXISTS request_reports {on_cluster} AS
SELECT * FROM request_reports_raw FINAL;

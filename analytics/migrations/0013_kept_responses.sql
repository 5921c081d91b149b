-- Responses that clients asked to be kept, encrypted for one account by the gateway: the table holds nothing that could
-- be read here. At most a day; the newest version of a response counts, and an empty text says that it was deleted.
CREATE TABLE IF NOT EXISTS kept_responses_raw {on_cluster}
(
    holder      Int64                          COMMENT 'Whose it is.',
    response_id String                         COMMENT 'As the client knows it.',
    sealed      String                         COMMENT 'Encrypted and authenticated; empty: deleted.',
    kept_at     DateTime64(3, 'UTC')           COMMENT 'By the gateway''s clock.'
)
ENGINE = {replicated}ReplacingMergeTree(kept_at)
ORDER BY (holder, response_id)
TTL toDateTime(kept_at) + INTERVAL 1 DAY DELETE;

-- What everyone reads.
CREATE VIEW IF NOT EXISTS kept_responses {on_cluster} AS
SELECT * FROM kept_responses_raw FINAL;

-- Dead letters: one row a record that a reader could not use. From the topic dead-letters, written by pipelines/sinks.
--
-- A reader that goes over a poison record again writes the same letter again. Where the record lies, and who set it
-- aside, is the letter's identity and the whole key. Too few to need months.
CREATE TABLE IF NOT EXISTS dead_letters_raw {on_cluster}
(
    topic           LowCardinality(String)                COMMENT 'Where the record lies, with the next two.',
    topic_partition Int32,
    topic_offset    Int64,
    reader          LowCardinality(String)                COMMENT 'The stage or sink that set it aside.',
    reason          LowCardinality(String)                COMMENT 'A code.',
    detail          String                                COMMENT 'For people.',
    key_base64      Nullable(String)                      COMMENT 'The record''s key, as far as the letter has it.',
    value_base64    Nullable(String)                      COMMENT 'The record''s value, as far as the letter has it.',
    accepted_at     DateTime64(3, 'UTC')                  COMMENT 'The record''s append time.',
    log_partition   Int32                                 COMMENT 'Of the topic dead-letters.',
    log_offset      Int64                                 COMMENT 'With log_partition, where in dead-letters this row came from.',
    inserted_at     DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'For operators only.'
)
ENGINE = {replicated}ReplacingMergeTree(log_offset)
ORDER BY (topic, topic_partition, topic_offset, reader);

-- What everyone reads.
CREATE VIEW IF NOT EXISTS dead_letters {on_cluster} AS
SELECT * FROM dead_letters_raw FINAL;

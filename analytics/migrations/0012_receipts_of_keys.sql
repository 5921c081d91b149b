-- Usage receipts tell the consumption key of their request; and the price of a unit, where a managed supplier was paid
-- token by token and no lot was drawn. Those of before have neither: they were drawn, under no key.
--
-- No defaults are written down: what a column has by its type is what they mean. The view is made anew, since a view
-- keeps the columns that its table had then; and of all that the table has, so that this may run again at any time.
ALTER TABLE usage_receipts_raw {on_cluster}
    ADD COLUMN IF NOT EXISTS key_id String COMMENT 'Of the consumption key; empty: none.',
    ADD COLUMN IF NOT EXISTS managed_price Int64 COMMENT 'Microdollars per unit that a managed supplier was paid; 0: lots were drawn.';

CREATE OR REPLACE VIEW usage_receipts {on_cluster} AS
SELECT * FROM usage_receipts_raw FINAL SETTINGS do_not_merge_across_partitions_select_final = 1;

-- Every balance, as the journal adds up to it. The house (posting_holder 0) is another in each partition.
SELECT posting_holder, if(posting_holder = 0, log_partition, -1) AS house_partition, account, asset, sum(toInt128(amount)) AS balance
FROM postings
GROUP BY posting_holder, house_partition, account, asset
HAVING balance != 0
ORDER BY posting_holder, house_partition, account, asset
-- There are as many groups as there are accounts: beyond this the rest goes to disk.
SETTINGS max_bytes_before_external_group_by = 200000000

-- What must be nothing: per asset the sum over all accounts of everyone, and the entries that do not sum to nothing by
-- themselves (Q1). What is in transit is what one side of a trade or transfer has booked and the other not yet (Q2).
-- An entry sums to nothing in each asset just when its amounts, each times a large odd number that stands for its asset,
-- sum to nothing: one sum a row in place of one for each asset of it. (Whole numbers wrap here, and that does no harm.)
SELECT
    asset,
    sum(toInt128(amount)) AS total,
    sumIf(toInt128(amount), account = 'in_transit') AS in_transit,
    sumIf(toInt128(amount), account = 'conversion') AS conversion,
    uniqExactIf((log_partition, sequence), is_unbalanced) AS unbalanced
FROM
(
    SELECT
        log_partition, sequence, accounts, assets, amounts,
        arraySum(arrayMap(
            (asset, amount) -> amount * reinterpretAsInt64(bitOr(cityHash64(asset), 1)), assets, amounts
        )) != 0 AS is_unbalanced
    FROM journal_entries
)
ARRAY JOIN accounts AS account, assets AS asset, amounts AS amount
GROUP BY asset
ORDER BY asset

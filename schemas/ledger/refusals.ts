// The words in which the ledger says no.

/** Why the ledger refuses a command, in order of precedence: if several apply, the first is given. API, not renamed. */
export const ledgerRefusal = [
  'unknown_holder', 'unknown_instrument', 'client_order_id_conflict', 'reference_conflict', 'too_late', 'unknown_order',
  'order_already_cancelled', 'order_already_filled', 'order_closed', 'amend_pending', 'account_suspended',
  'auto_mode_trading_restricted', 'not_an_issuer', 'other_owner', 'unsupported', 'invalid_quantity', 'invalid_price',
  'invalid_stop_price', 'invalid_expiry', 'invalid_notional', 'invalid_amount', 'reduce_only_buy', 'notional_too_large',
  'too_many_open_orders', 'insufficient_balance', 'insufficient_units'
] as const
export type LedgerRefusal = typeof ledgerRefusal[number]

/** Why the ledger refuses what a request asks, beside the words above; in order of precedence. API, not renamed. */
export const usageRefusal = [
  'unknown_request', 'request_conflict', 'request_closed', 'not_source_of_record', 'not_started', 'already_started',
  'stale_nonce', 'stale_sequence', 'invalid_tokens', 'free_tier_open', 'free_tier_requests', 'budget_exhausted',
  'too_many_parked', 'insufficient_tokens', 'purchase_failed',
  'not_expired'
] as const
export type UsageRefusal = typeof usageRefusal[number]

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

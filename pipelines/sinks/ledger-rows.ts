// What the ledger says → rows; as in rows.ts, a row holds nothing but what its record says and where the record lies.

import type { CommandOutcomeRow, JournalRow, OrderStateRow } from '../../analytics/ledger-tables.ts'
import type { CommandOutcome, JournalEntry, OrderState } from '../../schemas/ledger/records.ts'
import type { Origin } from '../runtime/origin.ts'
import type { LogPosition } from './rows.ts'

export const emittedBy = (
  { source, offset, index, sequence }: Origin, { partition, offset: logOffset }: LogPosition
) => ({
  origin_source: source,
  origin_offset: offset,
  origin_index: index,
  origin_sequence: sequence,
  log_partition: partition,
  log_offset: logOffset
})

export function orderStateRow (state: OrderState, position: LogPosition, origin: Origin): OrderStateRow {
  return {
    holder: state.holder,
    order_id: state.orderId,
    sequence: state.sequence,
    instrument_id: state.instrumentId,
    cause: state.cause,
    refusal: state.refusal ?? '',
    status: state.status,
    closure_reason: state.closureReason ?? '',
    client_order_id: state.clientOrderId ?? '',
    side: state.side,
    order_type: state.type,
    time_in_force: state.timeInForce,
    is_post_only: state.postOnly,
    is_reduce_only: state.reduceOnly,
    is_auto_transfer: state.autoTransfer,
    price: state.price,
    stop_price: state.stopPrice,
    quantity: state.quantity,
    notional: state.notional,
    filled_quantity: state.filledQuantity,
    filled_notional: state.filledNotional,
    fee: state.fee,
    held_amount: state.heldAmount,
    other_leg: state.otherLeg,
    expires_at: state.expiresAt,
    submitted_at: state.submittedAt,
    accepted_at: state.acceptedAt,
    changed_at: state.at,
    closed_at: state.closedAt,
    ...emittedBy(origin, position)
  }
}

export function commandOutcomeRow (outcome: CommandOutcome, position: LogPosition, origin: Origin): CommandOutcomeRow {
  return {
    holder: outcome.holder,
    decided_at: outcome.at,
    command: outcome.command,
    refusal: outcome.refusal ?? '',
    order_id: outcome.orderId,
    order_count: outcome.count,
    reference: outcome.reference,
    ...emittedBy(origin, position)
  }
}

/** What an entry without a trade has in the trade's columns. */
const noTrade = {
  orderId: 0, sequence: 0, side: 'none', role: 'none', price: 0, quantity: 0, fee: 0, grant: 0, period: 0
} as const

export function journalRow (entry: JournalEntry, position: LogPosition, origin: Origin): JournalRow {
  const trade = entry.trade ?? noTrade
  return {
    holder: entry.holder,
    sequence: entry.sequence,
    booked_at: entry.bookedAt,
    entry_type: entry.type,
    reference: entry.reference,
    instrument_id: entry.instrumentId ?? '',
    accounts: entry.postings.map(({ account }) => account),
    holders: entry.postings.map(({ holder }) => holder),
    assets: entry.postings.map(({ asset }) => asset),
    amounts: entry.postings.map(({ amount }) => amount),
    cost: entry.cost,
    order_id: trade.orderId,
    trade_sequence: trade.sequence,
    side: trade.side,
    role: trade.role,
    price: trade.price,
    quantity: trade.quantity,
    fee: trade.fee,
    grant_notional: trade.grant,
    sweep_period: trade.period,
    ...emittedBy(origin, position)
  }
}

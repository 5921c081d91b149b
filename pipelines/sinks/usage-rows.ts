// Lots and usage → rows; as in rows.ts, a row holds nothing but what its record says and where the record lies. An
// entry of the journal makes a row for each of its lots, and one for its receipt.

import type {
  LotChangeRow, MeterEventRow, UnbilledUsageRow, UsageReceiptRow
} from '../../analytics/usage-tables.ts'
import type { JournalEntry } from '../../schemas/ledger/records.ts'
import type { UsageReceipt } from '../../schemas/ledger/usage-records.ts'
import type { MeterEvent, UnbilledUsage } from '../../schemas/usage/records.ts'
import type { Instant } from '../../schemas/units.ts'
import type { Origin } from '../runtime/origin.ts'
import { emittedBy } from './ledger-rows.ts'
import type { LogPosition } from './rows.ts'

export function lotChangeRows (entry: JournalEntry, position: LogPosition, origin: Origin): LotChangeRow[] {
  return entry.lots.map((lot, index) => ({
    holder: entry.holder,
    lot_id: lot.lotId,
    entry_sequence: entry.sequence,
    change_index: index,
    instrument_id: entry.instrumentId ?? '',
    change: lot.change,
    tokens: lot.tokens,
    price: lot.price,
    trade_sequence: lot.tradeSequence,
    sweep_period: lot.period,
    opened_at: lot.openedAt,
    expires_at: lot.expiresAt,
    grant_cost: lot.grant,
    entry_type: entry.type,
    reference: entry.reference,
    booked_at: entry.bookedAt,
    ...emittedBy(origin, position)
  }))
}

/** Of tokens that were billed, each at the price of its lot, or at a managed supplier's: exact. */
function costOf ({ lots }: JournalEntry, { billed, managedPrice }: UsageReceipt): bigint {
  if (managedPrice !== null) return BigInt(billed) * BigInt(managedPrice)
  let cost = 0n
  for (const { change, tokens, price } of lots) if (change === 'drawn') cost += BigInt(tokens) * BigInt(price)
  return cost
}

/** Null of an entry that is no capture. */
export function usageReceiptRow (entry: JournalEntry, position: LogPosition, origin: Origin): UsageReceiptRow | null {
  const { usage } = entry
  if (usage === null) return null
  return {
    holder: entry.holder,
    entry_sequence: entry.sequence,
    booked_at: entry.bookedAt,
    instrument_id: entry.instrumentId ?? '',
    request_id: usage.requestId,
    request_sequence: usage.sequence,
    source: usage.source,
    event_id: usage.eventId,
    supplier: usage.supplier,
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    billed_tokens: usage.billed,
    held_tokens: usage.held,
    authorized_at: usage.authorizedAt,
    occurred_at: usage.occurredAt,
    drawn_lots: entry.lots.filter(({ change }) => change === 'drawn').length,
    cost_picodollars: costOf(entry, usage),
    key_id: usage.keyId,
    managed_price: usage.managedPrice ?? 0,
    ...emittedBy(origin, position)
  }
}

export function meterEventRow (
  event: MeterEvent, { partition, offset }: LogPosition, acceptedAt: Instant
): MeterEventRow {
  return {
    holder: event.holder,
    accepted_at: acceptedAt,
    source: event.source,
    event_id: event.id,
    instrument_id: event.instrumentId,
    request_id: event.requestId,
    request_sequence: event.sequence,
    nonce: event.nonce,
    phase: event.phase,
    input_tokens: event.inputTokens,
    output_tokens: event.outputTokens,
    more_tokens: event.more,
    supplier: event.supplier,
    fault: event.fault,
    reason: event.reason,
    occurred_at: event.occurredAt,
    log_partition: partition,
    log_offset: offset
  }
}

export function unbilledUsageRow (unbilled: UnbilledUsage, position: LogPosition, origin: Origin): UnbilledUsageRow {
  return {
    holder: unbilled.holder,
    told_at: unbilled.at,
    instrument_id: unbilled.instrumentId,
    request_id: unbilled.requestId,
    request_sequence: unbilled.sequence,
    source: unbilled.source,
    event_id: unbilled.eventId,
    supplier: unbilled.supplier,
    tokens: unbilled.tokens,
    input_tokens: unbilled.inputTokens,
    output_tokens: unbilled.outputTokens,
    reason: unbilled.reason,
    ...emittedBy(origin, position)
  }
}

// The rows of a tape as records, in order.

import {
  type BookDelta, type Fill, type Leg, type LevelChange, type MatchingOutput, type OrderOutcome, type OrderUpdate,
  type ClosureReason, type RefusalReason, legsMax
} from '../../schemas/matching/records.ts'
import type { HolderId, InstrumentId, Instant, Microdollars, OrderId, Side, Units } from '../../schemas/units.ts'
import { outcomeParts } from './outcomes.ts'
import { type Said, kindBits, noLegs, outcomeShift, rowKind, sellBit } from './rows.ts'

export function recordsOf (said: Said): MatchingOutput[] {
  const records: MatchingOutput[] = []
  for (let row = 0; row < said.count; row++) {
    switch (kindOf(said, row)) {
      case rowKind.fill: records.push(fillAt(said, row)); break
      case rowKind.update: records.push(updateAt(said, row)); break
      case rowKind.delta: records.push(deltaAt(said, row)); break
      case rowKind.outcome: records.push(...outcomesAt(said, row)); break
      case rowKind.reference: records.push(referenceAt(said, row)); break
      case rowKind.period: records.push(periodClosedAt(said, row)); break
    }
  }
  return records
}

const kindOf = (said: Said, row: number): number => said.number(row, 0) & kindBits

const sideAt = (said: Said, row: number): Side => (said.number(row, 0) & sellBit) === 0 ? 'buy' : 'sell'

function fillAt (said: Said, row: number): Fill {
  return {
    kind: 'fill',
    instrumentId: said.listed,
    sequence: said.number(row, 1),
    takerSide: sideAt(said, row),
    price: said.number(row, 2) as Microdollars,
    quantity: said.number(row, 3) as Units,
    makerOrderId: said.number(row, 4) as OrderId,
    takerOrderId: said.number(row, 5) as OrderId,
    makerHolder: said.number(row, 6) as HolderId,
    takerHolder: said.number(row, 7) as HolderId,
    matchedAt: said.at
  }
}

// Only a command that was refused and is about no order here may name an instrument that is not the partition's.
const instrumentOf = (said: Said, status: string): InstrumentId => status === 'refused' ? said.asked : said.listed

function updateAt (said: Said, row: number): OrderUpdate {
  const { cause, refused, status, reason } = outcomeParts(said.number(row, 0) >> outcomeShift)
  return {
    kind: 'order-update',
    orderId: said.number(row, 1) as OrderId,
    holder: said.number(row, 2) as HolderId,
    instrumentId: instrumentOf(said, status),
    cause,
    refused,
    status,
    reason,
    side: sideAt(said, row),
    price: said.number(row, 3) as Microdollars,
    quantity: said.number(row, 4) as Units,
    filledQuantity: said.number(row, 5) as Units,
    filledNotional: said.number(row, 6) as Microdollars,
    at: said.at
  }
}

/** One record, or more where there are more fills than one may tell. */
function outcomesAt (said: Said, row: number): OrderOutcome[] {
  const { cause, refused, status, reason } = outcomeParts(said.number(row, 0) >> outcomeShift)
  const orderId = said.number(row, 1) as OrderId
  const state = {
    kind: 'order-outcome' as const,
    orderId,
    holder: said.number(row, 2) as HolderId,
    instrumentId: instrumentOf(said, status),
    cause,
    refusal: refused ? reason as RefusalReason : null,
    status,
    closureReason: refused ? null : reason as ClosureReason | null,
    price: said.number(row, 3) as Microdollars,
    stopPrice: (said.number(row + 1, 1) || null) as Microdollars | null,
    quantity: said.number(row, 4) as Units,
    filledQuantity: said.number(row, 5) as Units,
    filledNotional: said.number(row, 6) as Microdollars,
    expiresAt: (said.number(row + 1, 2) || null) as Instant | null,
    period: said.period,
    at: said.at
  }
  const legs = legsOf(said, orderId, row)
  const outcomes: OrderOutcome[] = []
  do {
    outcomes.push({ ...state, legs: legs.splice(0, legsMax), isLast: legs.length === 0 })
  } while (legs.length > 0)
  return outcomes
}

/** The order's fills between the row its outcome names and the outcome itself. */
function legsOf (said: Said, orderId: OrderId, outcomeRow: number): Leg[] {
  const legs: Leg[] = []
  const from = said.number(outcomeRow, 7)
  if (from === noLegs) return legs
  for (let row = from; row < outcomeRow; row++) {
    if (kindOf(said, row) !== rowKind.fill) continue
    const isMaker = said.number(row, 4) === orderId
    if (!isMaker && said.number(row, 5) !== orderId) continue
    legs.push({
      sequence: said.number(row, 1),
      role: isMaker ? 'maker' : 'taker',
      price: said.number(row, 2) as Microdollars,
      quantity: said.number(row, 3) as Units,
      grant: (kindOf(said, row + 1) === rowKind.grant ? said.number(row + 1, 1) : 0) as Microdollars
    })
  }
  return legs
}

function deltaAt (said: Said, row: number): BookDelta {
  const changes = [changeAt(said, row)]
  for (let next = row + 1; next < said.count && kindOf(said, next) === rowKind.change; next++) {
    changes.push(changeAt(said, next))
  }
  const sequence = said.number(row, 4)
  return { kind: 'book-delta', instrumentId: said.listed, previous: sequence - 1, sequence, at: said.at, changes }
}

function changeAt (said: Said, row: number): LevelChange {
  return {
    side: sideAt(said, row),
    price: said.number(row, 1) as Microdollars,
    quantity: said.number(row, 2),
    orders: said.number(row, 3)
  }
}

function referenceAt (said: Said, row: number): MatchingOutput {
  return {
    kind: 'reference-price',
    instrumentId: said.listed,
    price: said.number(row, 1) as Microdollars,
    at: said.at
  }
}

function periodClosedAt (said: Said, row: number): MatchingOutput {
  return { kind: 'period-closed', instrumentId: said.listed, period: said.number(row, 1), at: said.at }
}

// A lot as the API shows it, whether this gateway's replica has it or only the history.

import { z } from 'zod'
import { periodMs, type HolderId, type InstrumentId, type Instant, type LotId, type Microdollars } from '../../schemas/units.ts'
import { amount, time } from '../http/reply-schemas.ts'
import { lotStatus, type LotKey, type LotStatus, type LotView, type PastLot } from '../ports.ts'
import { accountId } from './account-ids.ts'
import { instrumentNames, inUnits, unitsOf } from './account-rows.ts'
import { dollars, exactDollars, isoTime } from './decimals.ts'
import { lotIdText } from './lot-ids.ts'
import { tradeIdText } from './trade-ids.ts'

export const exactAmount = z.string().regex(/^-?\d+\.\d{12}$/)
  .meta({ description: 'Dollars with twelve places: what tokens cost, exactly.', examples: ['0.000151350000'] })

const fates = {
  quantity: inUnits, remaining: inUnits, held: inUnits, used: inUnits, expired: inUnits, regranted: inUnits
}

export const lotRow = z.strictObject({
  lot_id: z.string().nullable().meta({ description: 'Null for a moment after the sweep that opened it.' }),
  id: z.string().nullable(),
  account_id: z.string().meta({ description: 'The consumption account it is in.' }),
  instrument_id: z.string(),
  instrument_symbol: z.string(),
  instrument_name: z.string(),
  status: z.enum(lotStatus),
  ...fates,
  tokens: z.strictObject({
    quantity: z.int(), remaining: z.int(), held: z.int(), used: z.int(), expired: z.int(), regranted: z.int()
  }).meta({ description: 'The same in tokens: quantity = remaining + held + used + expired + regranted.' }),
  purchase_price: amount.meta({ description: 'Of a unit.' }),
  currency: z.literal('usd'),
  cost: exactAmount,
  trade_id: z.string().nullable().meta({ description: 'That bought it; null: given, or issued.' }),
  sweep_period: z.int().meta({ description: 'The cohort: the sweep period in which it was sold.' }),
  cohort_started_at: time,
  purchased_at: time.meta({ description: 'When it opened; of a swept lot the instant of the sweep.' }),
  opened_at: time,
  expires_at: time
}).meta({ id: 'Lot', description: 'Quantities are in units; a fraction is tokens.' })

/** What is shown of a lot; what it has left once it has expired counts as expired, booked or not. */
export type Lot = {
  readonly key: LotKey
  /** Null: not booked yet. */
  readonly lotId: LotId | null
  readonly instrumentId: InstrumentId
  readonly price: Microdollars
  readonly tradeSequence: number
  readonly period: number
  readonly openedAt: Instant
  readonly expiresAt: Instant
  readonly status: LotStatus
  readonly opened: number
  readonly remaining: number
  readonly held: number
  readonly drawn: number
  readonly expired: number
  readonly regranted: number
}

const beyondAllIds = Number.MAX_SAFE_INTEGER

/** `index`: its place among the holder's lots; one that has no id yet stands behind those that opened with it. */
export function liveLot (lot: LotView, index: number): Lot {
  const { lotId, openedAt, remaining, expired, isExpired } = lot
  return {
    ...lot,
    key: { openedAt, lotId: (lotId === 0 ? beyondAllIds - index : lotId) as LotId },
    lotId: lotId === 0 ? null : lotId,
    status: isExpired ? 'expired' : 'active',
    remaining: isExpired ? 0 : remaining,
    expired: isExpired ? expired + remaining : expired
  }
}

/** One that the ledger is done with. Where its last change has not arrived yet, the time tells what that was. */
export function doneLot (lot: PastLot, now: Instant): Lot {
  const { lotId, openedAt, opened, drawn, expired, regranted } = lot
  const missing = opened - drawn - expired - regranted
  const hasExpired = expired + regranted > 0 || (missing > 0 && lot.expiresAt <= now)
  return {
    ...lot,
    key: { openedAt, lotId },
    status: hasExpired ? 'expired' : 'consumed',
    remaining: 0,
    held: 0,
    drawn: hasExpired ? drawn : drawn + missing,
    expired: hasExpired ? expired + missing : expired
  }
}

export function lotJson (holder: HolderId, lot: Lot): z.output<typeof lotRow> {
  const { instrumentId, opened, remaining, held, drawn, expired, regranted, price, tradeSequence: sequence } = lot
  const id = lot.lotId === null ? null : lotIdText(lot.lotId)
  const tokens = { quantity: opened, remaining, held, used: drawn, expired, regranted }
  const openedAt = isoTime(lot.openedAt)
  return {
    lot_id: id,
    id,
    account_id: accountId('consumption', holder, instrumentId),
    ...instrumentNames(instrumentId),
    status: lot.status,
    quantity: unitsOf(opened),
    remaining: unitsOf(remaining),
    held: unitsOf(held),
    used: unitsOf(drawn),
    expired: unitsOf(expired),
    regranted: unitsOf(regranted),
    tokens,
    purchase_price: dollars(price),
    currency: 'usd',
    cost: exactDollars(BigInt(price) * BigInt(opened)),
    trade_id: sequence === 0 ? null : tradeIdText({ instrumentId, sequence }),
    sweep_period: lot.period,
    cohort_started_at: isoTime(lot.period * periodMs as Instant),
    purchased_at: openedAt,
    opened_at: openedAt,
    expires_at: isoTime(lot.expiresAt)
  }
}

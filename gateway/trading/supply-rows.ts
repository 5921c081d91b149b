// A supplier's accounts as the API shows them. What the two published shapes of an issuance account call by different
// names is there under both; the shape of a liability is ours, because none was published.

import { z } from 'zod'
import type { InstrumentId } from '../../schemas/units.ts'
import { time } from '../http/reply-schemas.ts'
import type { HolderView, PositionView, User } from '../ports.ts'
import type { ActivityOf } from './account-activity.ts'
import { accountId, userIdOf } from './account-ids.ts'
import { instrumentNames } from './account-rows.ts'

/** All that is known of what one user issued of one instrument. */
export type Supply = {
  readonly user: User
  readonly holder: HolderView
  readonly instrumentId: InstrumentId
  /** Null: nothing is left of it. */
  readonly position: PositionView | null
  readonly issuance: ActivityOf
  readonly trading: ActivityOf
}

const names = { instrument_id: z.string(), instrument_symbol: z.string(), instrument_name: z.string() }
const issued = (supply: Supply): number => Number(supply.issuance.in('issuance'))
const moved = (supply: Supply): number => Number(supply.issuance.out('issued_transfer'))

export const summaryRow = z.strictObject({
  ...names, total_issued: z.int(), units_available: z.int(), units_transferred_to_trading: z.int()
}).meta({ id: 'SupplySummary' })

export const summaryJson = (supply: Supply): z.output<typeof summaryRow> => ({
  ...instrumentNames(supply.instrumentId),
  total_issued: issued(supply),
  units_available: supply.position?.issuance ?? 0,
  units_transferred_to_trading: moved(supply)
})

export const issuanceRow = z.strictObject({
  issuance_account_id: z.string(),
  account_id: z.string(),
  id: z.string(),
  user_id: z.string(),
  ...names,
  status: z.enum(['active', 'suspended']),
  total_balance: z.int(),
  available_balance: z.int(),
  total_issued: z.int(),
  total_deposits: z.int(),
  total_transferred: z.int(),
  total_transferred_to_trading: z.int(),
  total_transfers: z.int().meta({ description: 'The same as total_transferred: units.' }),
  last_deposit_at: time.nullable(),
  last_transfer_at: time.nullable(),
  created_at: time,
  updated_at: time
}).meta({ id: 'IssuanceAccount' })

export function issuanceJson (supply: Supply): z.output<typeof issuanceRow> {
  const { user, holder, instrumentId, position, issuance } = supply
  const id = accountId('issuance', user.userId, instrumentId)
  const [total, transferred, balance] = [issued(supply), moved(supply), position?.issuance ?? 0]
  return {
    issuance_account_id: id,
    account_id: id,
    id,
    user_id: userIdOf(user.userId),
    ...instrumentNames(instrumentId),
    status: holder.isSuspended ? 'suspended' : 'active',
    total_balance: balance,
    available_balance: balance,
    total_issued: total,
    total_deposits: total,
    total_transferred: transferred,
    total_transferred_to_trading: transferred,
    total_transfers: transferred,
    last_deposit_at: issuance.last('issuance'),
    last_transfer_at: issuance.last('issued_transfer'),
    created_at: issuance.opened(user),
    updated_at: issuance.updated(user)
  }
}

export const liabilityRow = z.strictObject({
  ...names,
  total_issued: z.int(),
  units_in_issuance: z.int(),
  units_in_trading: z.int(),
  units_locked: z.int().meta({ description: 'Of those in Trading, for your sells.' }),
  units_sold: z.int(),
  units_bought: z.int(),
  units_outstanding: z.int().meta({ description: 'Sold and not bought back: to be delivered on demand until they expire.' }),
  updated_at: time
}).meta({ id: 'SupplierLiability' })

export function liabilityJson (supply: Supply): z.output<typeof liabilityRow> {
  const { user, instrumentId, position, trading } = supply
  const [sold, bought] = [Number(trading.out('fill')), Number(trading.in('fill'))]
  return {
    ...instrumentNames(instrumentId),
    total_issued: issued(supply),
    units_in_issuance: position?.issuance ?? 0,
    units_in_trading: position?.trading.posted ?? 0,
    units_locked: position?.trading.held ?? 0,
    units_sold: sold,
    units_bought: bought,
    units_outstanding: Math.max(0, sold - bought),
    updated_at: trading.updated(user)
  }
}

// Ids of what a holder has, derived: the same on every gateway and for ever, without a table of them.

import { createHash } from 'node:crypto'
import type { HolderId, InstrumentId } from '../../schemas/units.ts'
import type { Movement } from '../ports.ts'

const digest = (...parts: ReadonlyArray<string | number>): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex')

const prefixes = {
  trading: 'trading_account',
  currency: 'currency_trading_account',
  consumption: 'consumption_account',
  issuance: 'isa',
  position: 'position'
} as const

/** `subject`: the instrument's symbol, or the currency. */
export const accountId = (kind: keyof typeof prefixes, holder: HolderId, subject: string): string =>
  `${prefixes[kind]}_${digest(kind, holder, subject).slice(0, 16)}`

export const tradingAccountId = (holder: HolderId, instrumentId: InstrumentId): string =>
  accountId('trading', holder, instrumentId)

/** Of a user: its holder's number, as identities have it. */
export const userIdOf = (holder: HolderId): string => `user_${holder}`

/** Undefined for what is no user's id; the bare number is taken too. */
export function holderOf (userId: string): HolderId | undefined {
  const [, digits] = /^(?:user[_-])?(\d{1,15})$/.exec(userId) ?? []
  return digits === undefined ? undefined : Number(digits) as HolderId
}

/** Of an entry, from what a repeat of its command has in common with it. */
export function movementId (
  prefix: 'transfer' | 'issuance', holder: HolderId, { type, reference }: Pick<Movement, 'type' | 'reference'>
): string {
  const hex = digest(holder, type, reference)
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)]
  return `${prefix}_${parts.join('-')}`
}

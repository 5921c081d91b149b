// The accounts that a trace is replayed through: consumers, who buy in the three ways in which one can, and suppliers.

import type { LedgerCommand } from '../../schemas/ledger/commands.ts'
import { topics } from '../../schemas/topics.ts'
import {
  holderId, microdollars, ownerId, quantityMax, type HolderId, type InstrumentId
} from '../../schemas/units.ts'
import type { TracedRequest } from './usage-trace.ts'

/**
 * `ahead` buys what a step needs, straight into Consumption. `swept` buys in each period what the next one needs, and
 * lets the sweep move it; what is missing it buys as the first does. For `easy` the market buys.
 */
export const consumerKind = ['ahead', 'swept', 'easy'] as const
export type ConsumerKind = typeof consumerKind[number]

export type Consumer = { readonly holder: HolderId, readonly kind: ConsumerKind }

const { partitions } = topics.ledger
const supplierCount = 4
export const consumersDefault = 16
export const consumersMax = 10_000
/** Beyond all consumers there can be. */
const firstSupplier = consumersMax + partitions

/** More than the dearest trace costs, and far below what the house may owe. */
const fundsEach = microdollars(10_000_000_000)

export type Cast = {
  readonly consumers: readonly Consumer[]
  readonly suppliers: readonly HolderId[]
  readonly holders: readonly HolderId[]
}

/** Spread over the ledger's partitions, each kind as well. */
export function castOf (consumers: number): Cast {
  const buying = Array.from({ length: consumers }, (_, index): Consumer =>
    ({ holder: holderId(index + 1), kind: consumerKind[index % consumerKind.length]! }))
  const suppliers = Array.from({ length: supplierCount }, (_, index) => holderId(firstSupplier + index))
  return { consumers: buying, suppliers, holders: [...buying.map(({ holder }) => holder), ...suppliers] }
}

/** Whose a request is. */
export const consumerOf = ({ consumers }: Cast, { number }: TracedRequest): Consumer =>
  consumers[number % consumers.length]!

/** Who serves it. */
export const supplierOf = ({ suppliers }: Cast, { number }: TracedRequest): HolderId =>
  suppliers[number % suppliers.length]!

export type OfHolder = LedgerCommand & { readonly holder: HolderId }

/** Opens and fills the accounts. An easy one can't trade any more, so that comes last. */
export function openingCommands ({ consumers, suppliers }: Cast, instrumentId: InstrumentId): OfHolder[] {
  const opened = (holder: HolderId, isIssuer: boolean): OfHolder =>
    ({ kind: 'set-holder', holder, owner: ownerId(holder), isIssuer, isSuspended: false })
  return [
    ...suppliers.flatMap((holder): OfHolder[] => {
      const supply = { holder, instrumentId, quantity: quantityMax }
      return [
        opened(holder, true),
        { kind: 'issue-supply', ...supply, reference: 'replay-issued' },
        { kind: 'transfer-issued', ...supply, reference: 'replay-moved' }
      ]
    }),
    ...consumers.flatMap(({ holder, kind }): OfHolder[] => [
      opened(holder, false),
      { kind: 'deposit', holder, amount: fundsEach, isGrant: false, reference: 'replay' },
      { kind: 'set-account-mode', holder, mode: kind === 'easy' ? 'easy' : 'advanced' }
    ])
  ]
}

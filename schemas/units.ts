// The quantities of the market, as branded whole numbers. A sum of any of them stays below 2^53; what can pass it
// (picodollars, wide sums in analytics) is bigint and lives outside the cores.

import assert from 'node:assert/strict'

declare const brand: unique symbol
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name }

/** 10^-6 US dollar. */
export type Microdollars = Branded<number, 'Microdollars'>
/** 1,000,000 tokens of an instrument; what trades. */
export type Units = Branded<number, 'Units'>
/** A millionth of a unit: what requests take. */
export type Tokens = Branded<number, 'Tokens'>
/** A lot of tokens in Consumption: from a count of its ledger partition (`lotIdAt`). */
export type LotId = Branded<number, 'LotId'>
/** Milliseconds since the epoch, UTC. */
export type Instant = Branded<number, 'Instant'>
/** 1/100 of a per cent. */
export type BasisPoints = Branded<number, 'BasisPoints'>
/** An order: from the position of the command that asked for it (`orderIdAt`), or of a recorded flow's own. */
export type OrderId = Branded<number, 'OrderId'>
/** A user or sub-account; its records live in partition `holder % partitions`. */
export type HolderId = Branded<number, 'HolderId'>
/** A person or firm; several holders may share one. Self-trade prevention compares owners. */
export type OwnerId = Branded<number, 'OwnerId'>

/** The symbol of an instrument, such as `text-prime`; the key of everything about it. */
export type InstrumentId = Branded<string, 'InstrumentId'>

export const side = ['buy', 'sell'] as const
export type Side = typeof side[number]

function whole (name: string, value: number): number {
  // The message is only made when it is needed: this runs for every amount of every record.
  if (!Number.isSafeInteger(value)) assert.fail(`${name} must be a whole number below 2^53, not ${value}`)
  return value
}

export const microdollars = (value: number): Microdollars => whole('microdollars', value) as Microdollars
export const units = (value: number): Units => whole('units', value) as Units
export const tokens = (value: number): Tokens => whole('tokens', value) as Tokens
export const instant = (value: number): Instant => whole('an instant', value) as Instant
export const basisPoints = (value: number): BasisPoints => whole('basis points', value) as BasisPoints
export const orderId = (value: number): OrderId => whole('an order id', value) as OrderId
export const holderId = (value: number): HolderId => whole('a holder', value) as HolderId
export const ownerId = (value: number): OwnerId => whole('an owner', value) as OwnerId
export const instrumentId = (value: string): InstrumentId => value as InstrumentId

/** Notional of one order, at most: $10 M. With fees of at most 500 bp every sum in a core stays below 2^53. */
export const notionalMax = microdollars(10_000_000_000_000)
/** Units of one order, at most: what the matcher's 32-bit fields and the API's nine digits both hold. */
export const quantityMax = units(999_999_999)
/** Prices lie on ticks 1 to priceTicksMax: the span of the book's ladder. */
export const priceTicksMax = 2 ** 20 - 1
/** The length of a sweep period: 00, 04, 08, 12, 16 and 20 UTC. */
export const periodMs = 4 * 60 * 60 * 1000
/** Tokens of a unit. */
export const tokensPerUnit = 1_000_000
/** The sweep period an instant lies in, counted from the epoch. */
export const periodOf = (at: Instant): number => Math.floor(at / periodMs)

const legs = 2
const ledgerPartitionsMax = 64

/** The id of the order that a command on a partition of the ledger asks for; leg 1 is the second of an OCO. */
export function orderIdAt (partition: number, offset: number, leg: 0 | 1 = 0): OrderId {
  assert(partition < ledgerPartitionsMax)
  return orderId((offset * ledgerPartitionsMax + partition) * legs + leg)
}

/** The partition of the ledger whose command asked for an order. */
export const ledgerPartitionOf = (id: OrderId): number => Math.floor(id / legs) % ledgerPartitionsMax

/** The id of the nth lot that a partition of the ledger opens, from 1. */
export function lotIdAt (partition: number, count: number): LotId {
  assert(partition < ledgerPartitionsMax)
  return whole('a lot id', count * ledgerPartitionsMax + partition) as LotId
}

/** Where the records of a holder go in a topic of so many partitions. */
export const partitionOfHolder = (holder: HolderId, partitions: number): number =>
  ((holder % partitions) + partitions) % partitions

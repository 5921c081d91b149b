// An order's terms, states and reasons as small numbers, and back.

import { type LedgerOrderStatus, ledgerOrderStatus } from '../../schemas/ledger/records.ts'
import { type LedgerRefusal, ledgerRefusal } from '../../schemas/ledger/refusals.ts'
import {
  type ClosureReason, type OrderType, type RefusalReason, type TimeInForce, closureReason, orderType, refusalReason,
  timeInForce
} from '../../schemas/matching/records.ts'
import type { Side } from '../../schemas/units.ts'

// Bits of `terms`.
export const sellBit = 1
const typeShift = 1
const typeBits = 3
export const postOnlyBit = 8
export const reduceOnlyBit = 16
export const autoTransferBit = 32
export const byNotionalBit = 64
/** The second leg of an OCO. */
export const secondLegBit = 128
/** It is found by a client order id; by its command. */
export const clientIdBit = 256
export const commandBit = 512

// Bits of `underWay`: what matching has been asked and has not answered.
export const cancelUnderWay = 1
export const amendUnderWay = 2

export type Flags = {
  readonly side: Side
  readonly type: OrderType
  readonly postOnly: boolean
  readonly reduceOnly: boolean
  readonly autoTransfer: boolean
}

export const termsOf = ({ side, type, postOnly, reduceOnly, autoTransfer }: Flags): number =>
  (side === 'sell' ? sellBit : 0) | orderType.indexOf(type) << typeShift | (postOnly ? postOnlyBit : 0) |
  (reduceOnly ? reduceOnlyBit : 0) | (autoTransfer ? autoTransferBit : 0)

export const sideOf = (terms: number): Side => (terms & sellBit) !== 0 ? 'sell' : 'buy'
export const typeOf = (terms: number): OrderType => orderType[terms >> typeShift & typeBits]!
export const timeInForceNumber = (value: TimeInForce): number => timeInForce.indexOf(value)
export const timeInForceOf = (number: number): TimeInForce => timeInForce[number]!

const numbersOf = (words: readonly (string | null)[]): ReadonlyMap<string | null, number> =>
  new Map(words.map((word, number) => [word, number]))

const closures: readonly (ClosureReason | null)[] = [null, ...closureReason]
const closureNumbers = numbersOf(closures)
export const closureNumber = (reason: string | null): number => reason === null ? 0 : closureNumbers.get(reason) ?? 0
export const closureOf = (number: number): ClosureReason | null => closures[number]!

export type Refusal = LedgerRefusal | RefusalReason
const refusals: readonly (Refusal | null)[] = [...new Set([null, ...ledgerRefusal, ...refusalReason])]
const refusalNumbers = numbersOf(refusals)
export const refusalNumber = (refusal: Refusal | null): number => refusal === null ? 0 : refusalNumbers.get(refusal)!
export const refusalOf = (number: number): Refusal | null => refusals[number]!

export const statusNumber = (status: LedgerOrderStatus): number => {
  switch (status) {
    case 'held': return 0
    case 'resting': return 1
    case 'partly_filled': return 2
    case 'filled': return 3
    case 'cancelled': return 4
    case 'refused': return 5
    case 'expired': return 6
  }
}
export const statusOf = (number: number): LedgerOrderStatus => ledgerOrderStatus[number]!
/** Held, resting or partly filled. */
export const isOpenStatus = (number: number): boolean => number <= 2

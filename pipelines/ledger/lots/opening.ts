// Lots open: with units that leave Trading, or for tokens that are given anew.

import assert from 'node:assert/strict'
import type { LotChange } from '../../../schemas/ledger/usage-records.ts'
import { lotIdAt, tokensPerUnit } from '../../../schemas/units.ts'
import { Postings, sayEntry } from '../journal.ts'
import { type Ledger, type Say, balanceMax } from '../ledger.ts'
import { positionField } from '../positions.ts'
import type { Part } from '../tranches.ts'
import { changeOf } from './changes.ts'
import { lotField as field } from './lot-rows.ts'

export type NewLot = {
  readonly position: number
  readonly tokens: number
  readonly price: number
  readonly tradeSequence: number
  readonly period: number
  readonly grant: number
  readonly openedAt: number
  /** The age of the instrument at which it expires. */
  readonly deadline: number
}

export function openLot (state: Ledger, lot: NewLot): LotChange {
  const { lots, positions } = state
  const { position, tokens, grant } = lot
  const slot = lots.take()
  lots.put(slot, field.id, lotIdAt(state.partition, ++state.lotCount))
  lots.put(slot, field.position, position)
  lots.put(slot, field.deadline, lot.deadline)
  lots.put(slot, field.tokens, tokens)
  lots.put(slot, field.opened, tokens)
  lots.put(slot, field.price, lot.price)
  lots.put(slot, field.tradeSequence, lot.tradeSequence)
  lots.put(slot, field.period, lot.period)
  lots.put(slot, field.openedAt, lot.openedAt)
  lots.put(slot, field.grant, grant)
  lots.index.add(slot)
  lots.link(slot)
  positions.add(position, positionField.live, tokens)
  positions.put(position, positionField.calmIn, 0)
  return changeOf(state, slot, { change: 'opened', tokens, grant })
}

/** Units that have left their tranches, and when their lots open. */
export type Move = {
  readonly position: number
  readonly parts: readonly Part[]
  readonly openedAt: number
  readonly deadline: number
  readonly type: 'consumption_transfer' | 'sweep'
  readonly reference: string
}

export const hasRoom = ({ positions }: Ledger, position: number, units: number): boolean =>
  positions.of(position, positionField.consumption) + units * tokensPerUnit <= balanceMax

/** Dr consumption, Cr trading, through conversion: units become tokens, a lot a tranche. There must be room. */
export function moveToConsumption (state: Ledger, move: Move, say: Say): void {
  const { positions, instruments } = state
  const { position, parts, openedAt, deadline, type, reference } = move
  const holder = positions.of(position, positionField.holder)
  const instrument = instruments.at(positions.of(position, positionField.instrument))
  const { instrumentId, tokens } = instrument
  const units = parts.reduce((sum, part) => sum + part.units, 0)
  const cost = parts.reduce((sum, { price, units }) => sum + price * units, 0)
  const amount = units * tokensPerUnit
  assert(hasRoom(state, position, units))
  positions.add(position, positionField.trading, -units)
  positions.add(position, positionField.consumption, amount)
  instrument.conversion += units
  const lots = parts.map(({ price, sequence, period, grant, units }) => openLot(state, {
    position, tokens: units * tokensPerUnit, price, tradeSequence: sequence, period, grant, openedAt, deadline
  }))
  const { list } = new Postings(state, holder)
    .own('trading', instrumentId, -units).house('conversion', instrumentId, units)
    .house('conversion', tokens, -amount).own('consumption', tokens, amount)
  sayEntry(state, { holder, type, reference, instrumentId, postings: list, cost, lots }, say)
}

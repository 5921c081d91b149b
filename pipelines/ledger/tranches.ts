// Tranches: units in Trading from one fill, oldest first. A sell takes the oldest, and with them what they cost.

import assert from 'node:assert/strict'
import { positionField, type Positions, trancheField as field } from './positions.ts'

export type Tranche = {
  /** Of the fill; 0 of issued units. */
  readonly sequence: number
  readonly price: number
  readonly units: number
  readonly grant: number
  readonly isIssued: boolean
  /** The cohort. */
  readonly period: number
}

export function appendTranche (
  positions: Positions, position: number, { sequence, price, units, grant, isIssued, period }: Tranche
): void {
  const slot = positions.appendTranche(position)
  const { tranches } = positions
  tranches.put(slot, field.sequence, sequence)
  tranches.put(slot, field.price, price)
  tranches.put(slot, field.units, units)
  tranches.put(slot, field.grant, grant)
  tranches.put(slot, field.isIssued, isIssued ? 1 : 0)
  tranches.put(slot, field.period, period)
  if (isIssued) positions.add(position, positionField.issued, units)
}

/** What taken units were: how many of them issued, what all of them cost, and how much of that grant money paid. */
export type Taken = { issued: number, cost: number, grant: number }

/** Units of one tranche that were taken, and the part of what they cost that grant money paid. */
export type Part = Omit<Tranche, 'isIssued'>

/** Takes units from the oldest tranches on. There must be enough. */
export function takeOldest (positions: Positions, position: number, units: number): Taken {
  const { tranches } = positions
  const taken: Taken = { issued: 0, cost: 0, grant: 0 }
  let left = units
  while (left > 0) {
    const tranche = positions.of(position, positionField.firstTranche)
    assert(tranche !== 0, 'fewer units in tranches than are taken')
    const isIssued = tranches.of(tranche, field.isIssued) === 1
    const some = Math.min(left, tranches.of(tranche, field.units))
    const part = takePart(positions, { position, tranche, previous: 0 }, some)
    taken.cost += part.price * part.units
    taken.grant += part.grant
    if (isIssued) taken.issued += part.units
    left -= part.units
  }
  return taken
}

/** Takes units that their holder did not issue, oldest first, tranche by tranche. There must be enough. */
export function takeOrdinary (positions: Positions, position: number, units: number): Part[] {
  const { tranches } = positions
  const parts: Part[] = []
  let left = units
  let previous = 0
  for (let tranche = positions.of(position, positionField.firstTranche); left > 0;) {
    assert(tranche !== 0, 'fewer units in tranches than are taken')
    const next = tranches.of(tranche, field.next)
    const has = tranches.of(tranche, field.units)
    const isIssued = tranches.of(tranche, field.isIssued) === 1
    if (!isIssued) {
      const part = takePart(positions, { position, tranche, previous }, Math.min(left, has))
      parts.push(part)
      left -= part.units
    }
    if (isIssued || left === 0) previous = tranche
    tranche = next
  }
  return parts
}

export type Place = { readonly position: number, readonly tranche: number, readonly previous: number }

/** Takes some units of a tranche; one that has none left is gone. */
export function takePart (positions: Positions, { position, tranche, previous }: Place, some: number): Part {
  const { tranches } = positions
  const has = tranches.of(tranche, field.units)
  const part = {
    sequence: tranches.of(tranche, field.sequence),
    price: tranches.of(tranche, field.price),
    units: some,
    grant: share(tranches.of(tranche, field.grant), some, has),
    period: tranches.of(tranche, field.period)
  }
  tranches.add(tranche, field.units, -some)
  tranches.add(tranche, field.grant, -part.grant)
  if (tranches.of(tranche, field.isIssued) === 1) positions.add(position, positionField.issued, -some)
  if (some === has) positions.dropTranche(position, tranche, previous)
  return part
}

/** The part of an amount that goes with some of so many, rounded down; all of it with all of them. */
export function share (amount: number, some: number, all: number): number {
  if (amount === 0 || some === all) return amount
  const product = amount * some
  if (product <= Number.MAX_SAFE_INTEGER) return Math.floor(product / all)
  return Number(BigInt(amount) * BigInt(some) / BigInt(all))
}

/** Units in Trading that were not issued by their holder. */
export const ordinaryUnits = (positions: Positions, position: number): number =>
  positions.of(position, positionField.trading) - positions.of(position, positionField.issued)

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
}

export function appendTranche (
  positions: Positions, position: number, { sequence, price, units, grant, isIssued }: Tranche
): void {
  const slot = positions.appendTranche(position)
  const { tranches } = positions
  tranches.put(slot, field.sequence, sequence)
  tranches.put(slot, field.price, price)
  tranches.put(slot, field.units, units)
  tranches.put(slot, field.grant, grant)
  tranches.put(slot, field.isIssued, isIssued ? 1 : 0)
}

/** What taken units were: how many of them issued, what all of them cost, and how much of that grant money paid. */
export type Taken = { issued: number, cost: number, grant: number }

/** Takes units from the oldest tranches on; those that are issued may be passed over. There must be enough. */
export function takeOldest (
  positions: Positions, position: number, { units, skipsIssued }: { units: number, skipsIssued: boolean }
): Taken {
  const { tranches } = positions
  const taken: Taken = { issued: 0, cost: 0, grant: 0 }
  let left = units
  let previous = 0
  let tranche = positions.of(position, positionField.firstTranche)
  while (left > 0) {
    assert(tranche !== 0, 'fewer units in tranches than are taken')
    const next = tranches.of(tranche, field.next)
    if (skipsIssued && tranches.of(tranche, field.isIssued) === 1) {
      previous = tranche
    } else {
      const has = tranches.of(tranche, field.units)
      const some = Math.min(has, left)
      takeSome(positions, tranche, some, taken)
      left -= some
      if (some === has) positions.dropTranche(position, tranche, previous)
    }
    tranche = next
  }
  return taken
}

function takeSome ({ tranches }: Positions, tranche: number, some: number, taken: Taken): void {
  const grant = share(tranches.of(tranche, field.grant), some, tranches.of(tranche, field.units))
  tranches.add(tranche, field.units, -some)
  tranches.add(tranche, field.grant, -grant)
  taken.grant += grant
  taken.cost += tranches.of(tranche, field.price) * some
  if (tranches.of(tranche, field.isIssued) === 1) taken.issued += some
}

/** The part of an amount that goes with some of so many units, rounded down; all of it with all of them. */
function share (amount: number, some: number, all: number): number {
  if (amount === 0 || some === all) return amount
  const product = amount * some
  if (product <= Number.MAX_SAFE_INTEGER) return Math.floor(product / all)
  return Number(BigInt(amount) * BigInt(some) / BigInt(all))
}

/** Units in Trading that were not issued by their holder. */
export function ordinaryUnits (positions: Positions, position: number): number {
  const { tranches } = positions
  let units = 0
  const first = positions.of(position, positionField.firstTranche)
  for (let slot = first; slot !== 0; slot = tranches.of(slot, field.next)) {
    if (tranches.of(slot, field.isIssued) === 0) units += tranches.of(slot, field.units)
  }
  return units
}

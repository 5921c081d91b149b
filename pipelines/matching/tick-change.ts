// A new tick size: every order moves to its place on the new ladder, and those that have none are cancelled. It looks
// at the whole book, in a halt.

import { priceTicksMax } from '../../schemas/units.ts'
import { close } from './close.ts'
import type { Matching } from './matching.ts'
import { taken } from './outcomes.ts'
import type { Tape } from './tape.ts'

export function changeTick (state: Matching, tickSize: number, tape: Tape): void {
  const { book, book: { orders }, stops, tickSize: before } = state
  const ticksAfter = (ticks: number): number => ticks * before / tickSize
  const hasPlace = (ticks: number): boolean =>
    ticks * before % tickSize === 0 && ticksAfter(ticks) <= priceTicksMax
  const all = [...book.inPriority('buy'), ...book.inPriority('sell'), ...stops.byAge()]
  const ids = new Map(all.map(slot => [slot, orders.orderId(slot)]))
  const isOpen = (slot: number): boolean => book.find(ids.get(slot)!) === slot
  for (const slot of all) {
    if (!isOpen(slot)) continue // It went with its other leg.
    const ticks = orders.ticks(slot)
    const waits = orders.waits(slot)
    if (hasPlace(ticks) && (!waits || hasPlace(orders.stopTicks(slot)))) continue
    if (!waits) state.beside.push({ ticks, isSell: orders.isSell(slot) })
    close(state, slot, taken('market', 'cancelled', 'tick_change'), tape)
  }
  const moving = all.filter(isOpen)
  const resting = moving.filter(slot => !orders.waits(slot))
  const waiting = moving.filter(slot => orders.waits(slot))
  for (const slot of resting) book.remove(slot)
  for (const slot of waiting) stops.remove(slot)
  for (const slot of moving) orders.setTicks(slot, ticksAfter(orders.ticks(slot)))
  for (const slot of resting) book.rest(slot)
  for (const slot of waiting) {
    orders.setStopTicks(slot, ticksAfter(orders.stopTicks(slot)))
    stops.add(slot)
  }
  sayChanges(state, { tickSize, ticksAfter }, tape)
}

// Prices of levels are the same on both ladders; a level that lost only some of its orders (their other legs had no
// place) is on the new one.
function sayChanges (
  state: Matching, { tickSize, ticksAfter }: { tickSize: number, ticksAfter: (ticks: number) => number }, tape: Tape
): void {
  const { beside, book } = state
  if (beside.length === 0) return
  const changed = (isSell: boolean): number[] =>
    [...new Set(beside.filter(level => level.isSell === isSell).map(({ ticks }) => ticksAfter(ticks)))]
  const say = (ticks: number, isSell: boolean): void => {
    const isThere = Number.isInteger(ticks) && ticks <= priceTicksMax
    tape.levelAt(ticks * tickSize, isSell, isThere ? book.quantityAt(ticks) : 0, isThere ? book.ordersAt(ticks) : 0)
  }
  tape.delta(++state.deltaSequence)
  for (const ticks of changed(false).sort((a, b) => b - a)) say(ticks, false)
  for (const ticks of changed(true).sort((a, b) => a - b)) say(ticks, true)
  beside.length = 0
}

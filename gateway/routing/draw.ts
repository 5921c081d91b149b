// Draws by weight (R3), and the order in which a conversation prefers endpoints (R4). What is drawn from is in an order
// that does not depend on who came first, so that every gateway chooses alike.

import { chanceOf } from './hash.ts'

export type Weighted = {
  /** A whole number above 0. */
  readonly weight: number
  /** Of its id. */
  readonly hash: number
  readonly inFlight: number
}

const boundOver = 1.25

export const totalWeight = (all: readonly Weighted[]): number => all.reduce((sum, { weight }) => sum + weight, 0)

/** `chance`: from 0, below 1. */
export function drawn<Each extends Weighted> (all: readonly Each[], chance: number): Each {
  let place = Math.floor(chance * totalWeight(all))
  for (const each of all) {
    place -= each.weight
    if (place < 0) return each
  }
  throw new Error('a chance is below 1, and there is something to draw from')
}

/** Rendezvous: of many keys each endpoint is first for its share by weight. */
const preference = (key: number, { hash, weight }: Weighted): number => -weight / Math.log(chanceOf(key, hash))

/** How many requests one may have while none has much more than its share. */
const boundOf = ({ weight }: Weighted, all: { readonly weight: number, readonly inFlight: number }): number =>
  Math.ceil(boundOver * (all.inFlight + 1) * weight / all.weight)

/** The first in the key's own order that is below its bound. */
export function preferred<Each extends Weighted> (all: readonly Each[], key: number): Each {
  const inFlight = all.reduce((sum, each) => sum + each.inFlight, 0)
  const whole = { weight: totalWeight(all), inFlight }
  let best: Each | undefined
  let bestPreference = -1
  for (const each of all) {
    if (each.inFlight >= boundOf(each, whole)) continue
    const itsPreference = preference(key, each)
    if (itsPreference > bestPreference) [best, bestPreference] = [each, itsPreference]
  }
  // The bounds add up to more than what is in flight, so one of them is not reached.
  if (best === undefined) throw new Error('there is something to prefer, and no bound is reached by all')
  return best
}

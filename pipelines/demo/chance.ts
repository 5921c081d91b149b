// Chance that can be told beforehand: the same seed draws the same numbers, so that a habit can be tested.

/** A number in [0, 1). */
export type Chance = () => number

/** Mulberry32: 32 bits of state, more than good enough to choose how many units somebody buys. */
export function chanceOf (seed: number): Chance {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A whole number from `from` to `to`, both included. */
export const between = (chance: Chance, from: number, to: number): number =>
  from + Math.floor(chance() * (to - from + 1))

export const oneOf = <T>(chance: Chance, values: readonly T[]): T => values[Math.floor(chance() * values.length)]!

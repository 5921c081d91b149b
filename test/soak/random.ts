// Numbers from a seed: the same plan for the same seed, on every machine.

export type Random = {
  /** From 0 to 1, without 1. */
  next (): number
  bytes (length: number): Buffer
}

/** Mulberry32: small, and good enough to spread mishaps. */
export function seededRandom (seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { next, bytes: length => Buffer.from(Array.from({ length }, () => Math.floor(next() * 256))) }
}

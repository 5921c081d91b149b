// What others may see of metering.

import type { Metering } from './metering.ts'

export type MeteringView = {
  /** Readings that were seen before, since the first one. */
  readonly repeated: number
  /** How many are remembered. */
  readonly remembered: number
}

export const meteringView = ({ counts, seen }: Metering): MeteringView =>
  ({ repeated: counts.repeated, remembered: seen.count })

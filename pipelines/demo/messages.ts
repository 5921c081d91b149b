// The recorded messages that the demo plays.

import type { OrderCommand } from '../../schemas/matching/records.ts'
import { instrumentId } from '../../schemas/units.ts'
import { flash1, flash1TickSize } from '../replay/flash1.ts'

export const recordedTickSize = flash1TickSize

// At the usual rate this lasts for five hours; more would only be memory.
const limit = 90_000

/** In the order in which they were recorded. */
export function recordedMessages (): OrderCommand[] {
  const flow = flash1({ instrumentId: instrumentId('recorded'), limit })
  return [...flow.filter(({ sequence }) => sequence !== null).map(({ command }) => command)]
}

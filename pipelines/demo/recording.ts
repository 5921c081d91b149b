// How far the recorded prices lie from their middle: what moves fair values.

import { instrumentId } from '../../schemas/units.ts'
import { flash1, flash1TickSize } from '../replay/flash1.ts'

/** The mean of the recording's prices, in its ticks. */
const middleTicks = 33_882

// At the usual pace these last for more than three hours; more would only be memory.
const limit = 90_000

/** In the recording's ticks, in the order in which they were recorded. */
export function recordedDistances (): Int16Array {
  const distances: number[] = []
  for (const { sequence, command } of flash1({ instrumentId: instrumentId('recorded'), limit })) {
    if (sequence === null || !('price' in command) || command.price === null) continue
    distances.push(command.price / flash1TickSize - middleTicks)
  }
  return Int16Array.from(distances)
}

// The recorded flow that comes with the project, as a flow with its oracle.

import type { InstrumentId } from '../../schemas/units.ts'
import { flash1, flash1Checkpoints, flash1Parameters } from './flash1.ts'
import { flowStart, instantOf, type Flow, type FlowMessage } from './flow.ts'

export type Flash1FlowOptions = { readonly instrumentId: InstrumentId, readonly limit?: number | undefined }

export function flash1Flow ({ instrumentId, limit = Infinity }: Flash1FlowOptions): Flow {
  const checkpoints = flash1Checkpoints()
  const messages = Math.min(limit, checkpoints.at(-1)!.messages)
  return {
    name: 'flash1',
    parameters: flash1Parameters(instrumentId),
    startsAt: flowStart,
    messages,
    checkpoints: checkpoints.filter(checkpoint => checkpoint.messages <= messages),
    async * batches (from, size) {
      let batch: FlowMessage[] = []
      for (const { sequence, command } of flash1({ instrumentId, limit: messages })) {
        if (sequence === null || sequence < from) continue
        batch.push({ sequence, at: instantOf(sequence), command })
        if (batch.length < size) continue
        // Whoever takes it decides when the next is wanted.
        yield await Promise.resolve(batch)
        batch = []
      }
      if (batch.length > 0) yield batch
    }
  }
}

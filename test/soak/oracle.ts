// What a flow's beginning must come to, where the oracle says nothing of its length: what matching alone makes of it,
// in memory, which is held against the oracle elsewhere (test/pipelines/replay/flash1.test.ts).

import { apply } from '../../pipelines/matching/apply.ts'
import { Matching } from '../../pipelines/matching/matching.ts'
import { Tape } from '../../pipelines/matching/tape.ts'
import { flash1, flash1TickSize } from '../../pipelines/replay/flash1.ts'
import { flash1Flow } from '../../pipelines/replay/flash1-flow.ts'
import { instantOf, type Flow } from '../../pipelines/replay/flow.ts'
import { Reports, type ReportSummary } from '../../pipelines/replay/reports.ts'
import type { InstrumentId } from '../../schemas/units.ts'

function summaryInMemory (instrumentId: InstrumentId, limit: number): ReportSummary {
  const state = new Matching()
  const tape = new Tape()
  const reports = new Reports({ tickSize: flash1TickSize })
  for (const { sequence, command } of flash1({ instrumentId, limit })) {
    apply(state, command, { at: instantOf(sequence ?? 0), isLate: false }, tape)
    if (sequence !== null) reports.add(sequence, tape.outputs())
  }
  return reports.summary()
}

/** The recorded flow, which always ends at a checkpoint. */
export function flowWithOracle (instrumentId: InstrumentId, limit?: number): Flow {
  const flow = flash1Flow({ instrumentId, limit })
  if (flow.checkpoints.at(-1)?.messages === flow.messages) return flow
  return { ...flow, checkpoints: [...flow.checkpoints, summaryInMemory(instrumentId, flow.messages)] }
}

// Everything that an edge works with, in one value.

import type { Logger } from 'pino'
import type { HolderId } from '../../schemas/units.ts'
import type { Live } from '../serving/live.ts'
import type { Seal } from '../surfaces/surface.ts'
import type { GateOptions } from './gate.ts'
import type { EdgeMetrics } from './metrics.ts'
import type { Upstream } from './upstream.ts'

export type EdgeLimits = {
  readonly inFlightMax: number
  /** From a request's headers to the last byte of its answer. */
  readonly totalMs: number
  readonly heartbeatMs: number
}

export type Edge = {
  readonly gate: GateOptions
  readonly supplier: HolderId
  readonly upstream: Upstream
  readonly live: Live
  readonly limits: EdgeLimits
  /** On disk when this returns. */
  readonly report: (event: Buffer) => void
  readonly seal: Seal
  readonly metrics: EdgeMetrics
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** For durations. */
  readonly elapsedMs: () => number
  readonly countTokens: (text: string) => number
  readonly random: (length: number) => Buffer
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>
}

/** Whose readings count for a request that this edge answers by itself. */
export const recorderOf = (supplier: HolderId): string => `supplier:${supplier}`

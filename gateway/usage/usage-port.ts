// Where readings leave the gateway.

import type { MeterEvent } from '../../schemas/usage/records.ts'

export type TaggedReading = {
  readonly reading: MeterEvent
  /** Of the record: what is sent again under it soon is dropped before anybody looks at it. */
  readonly id: string
}

export type UsagePort = {
  /** Resolves once the log has all of them; an `ApiError` where that is not known. */
  report (readings: readonly TaggedReading[]): Promise<void>
}

// An instrument as the edge has it: what was commanded on the partitions that obey, in one record to be shown.

import type { BasisPoints, InstrumentId, Instant, Microdollars, Units } from '../units.ts'

/** What a unit promises. Null: not published. */
export type Terms = {
  readonly qualityIndex: string | null
  readonly qualityMin: number | null
  readonly throughputMin: number | null
  readonly firstTokenMsMax: number | null
  readonly contextTokens: number
  readonly inputTokensMax: number | null
  readonly outputTokensMax: number
  readonly reasoningEfforts: readonly string[]
  readonly acceptsImages: boolean
}

export type TradingParameters = {
  readonly tickSize: Microdollars
  readonly quantityMin: Units
  readonly quantityMax: Units
  readonly bandBp: BasisPoints
  readonly pauseMs: number
  readonly referencePrice: Microdollars
}

export type ListedInstrument = {
  readonly kind: 'listed-instrument'
  readonly index: number
  readonly instrumentId: InstrumentId
  readonly publicId: string
  readonly marketId: string
  readonly marketName: string
  readonly name: string
  readonly description: string
  readonly listing: string
  readonly supply: string
  readonly listedAt: Instant
  readonly terms: Terms
  readonly trading: TradingParameters
}

// The instruments this partition knows, by index: names, reference prices, and the house's accounts in each.

import type { InstrumentId, Microdollars } from '../../schemas/units.ts'
import { Ageing } from './lots/ageing.ts'

export type ListedInstrument = {
  readonly instrumentId: InstrumentId
  readonly index: number
  /** The asset of its tokens. */
  readonly tokens: string
  /** The house's units: between the legs of trades, issued (negative), become tokens. */
  inTransit: number
  issued: number
  /** The house's tokens are these times -1,000,000. */
  conversion: number
  /** The house's tokens: what requests took, what expired. */
  drawn: number
  breakage: number
  /** The clock by which its lots age. */
  readonly ageing: Ageing
  /** Nothing is sold in earlier sweep periods any more, says matching. */
  period: number
}

export class Instruments {
  /** By index; holes are indexes of which nobody has told. */
  readonly listed: (ListedInstrument | undefined)[] = []
  /** As listed. */
  readonly defaults = new Map<InstrumentId, Microdollars>()
  /** As matching says, which may be before the instrument is listed here. */
  readonly references = new Map<InstrumentId, Microdollars>()
  readonly #byId = new Map<InstrumentId, ListedInstrument>()

  find (id: InstrumentId): ListedInstrument | undefined {
    return this.#byId.get(id)
  }

  /** What bands and collateral are measured from. */
  reference (id: InstrumentId): Microdollars | undefined {
    return this.references.get(id) ?? this.defaults.get(id)
  }

  at (index: number): ListedInstrument {
    return this.listed[index]!
  }

  list (instrumentId: InstrumentId, index: number): ListedInstrument {
    const instrument: ListedInstrument = {
      instrumentId,
      index,
      tokens: `${instrumentId}:tokens`,
      inTransit: 0,
      issued: 0,
      conversion: 0,
      drawn: 0,
      breakage: 0,
      ageing: new Ageing(),
      period: 0
    }
    while (this.listed.length < index) this.listed.push(undefined)
    this.listed[index] = instrument
    this.#byId.set(instrumentId, instrument)
    return instrument
  }
}

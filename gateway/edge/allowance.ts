// What a ticket allows: which instrument is served under it, and how much.

import { instrumentById, knownInstruments, reasoningEffort, type Instrument, type Terms } from '../../schemas/instruments.ts'
import { instrumentId } from '../../schemas/units.ts'
import { needOf, type Need } from '../serving/hold.ts'
import type { Inference } from '../surfaces/surface.ts'
import type { EdgeClaims } from '../tickets/edge-ticket.ts'

/** Of an instrument that was listed after this release: the market has judged the request by the true ones. */
const termsUnknown: Terms = {
  qualityIndex: null,
  qualityMin: null,
  throughputMin: null,
  firstTokenMsMax: null,
  contextTokens: 10 ** 9,
  inputTokensMax: null,
  outputTokensMax: 10 ** 9,
  reasoningEfforts: reasoningEffort,
  acceptsImages: true
}

export function instrumentServed ({ instrument }: EdgeClaims): Instrument {
  const id = instrumentId(instrument)
  return instrumentById(id) ?? { ...knownInstruments()[0]!, instrumentId: id, name: instrument, terms: termsUnknown }
}

/** As the market held it, and no more than its ticket says. */
export function needWithin (claims: EdgeClaims, { size, n, outputMax }: Inference, { terms }: Instrument): Need {
  const allowed = Math.max(1, Math.floor(claims.output_max / n))
  const need = needOf({ size, n, outputMax: Math.min(outputMax ?? allowed, allowed) }, terms)
  const beyond = Math.max(0, need.inputBound - claims.input_held)
  return {
    ...need,
    inputBound: need.inputBound - beyond,
    inputLeast: Math.min(need.inputLeast, need.inputBound - beyond),
    need: need.need - beyond
  }
}

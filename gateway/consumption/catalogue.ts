// `/v1/models`: what can be asked for. Anyone may read it, with a key or without; with one, what it may not draw on is
// left out.

import { knownInstruments, type Instrument } from '../../schemas/instruments.ts'
import { mayDraw } from '../limits/key-checks.ts'
import { modelRow, modelsPage } from '../surfaces/models.ts'
import { keySent } from './caller.ts'
import type { Consumption } from './consumption.ts'
import type { Arrived, Reply } from './wire.ts'

const priceOf = ({ prices }: Consumption) => ({ instrumentId }: Instrument): string | null => prices.shown(instrumentId)

export function modelsReply (c: Consumption, { request: { headers }, query }: Arrived): Reply {
  const sent = keySent(headers)
  const key = sent === null ? undefined : c.keys.consumptionKey(sent)?.key
  const shown = knownInstruments().filter(({ instrumentId }) => key === undefined || mayDraw(key, instrumentId))
  const asked = new URLSearchParams(query)
  const named = (name: string): string | undefined => asked.get(name) ?? undefined
  const page = { limit: named('limit'), after_id: named('after_id'), before_id: named('before_id') }
  return { json: modelsPage(shown, priceOf(c), page) }
}

export const modelReply = (c: Consumption, id: string): Reply =>
  ({ json: modelRow(knownInstruments(), priceOf(c), id) })

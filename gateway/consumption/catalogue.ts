// `/v1/models`: what can be asked for. Anyone may read it, with a key or without; with one, what it may not draw on is
// left out.

import { knownInstruments } from '../../schemas/instruments.ts'
import { mayDraw } from '../limits/key-checks.ts'
import { modelRow, modelsPage, type Shown } from '../surfaces/models.ts'
import { count } from './brakes.ts'
import { holderOf } from './caller.ts'
import type { Consumption } from './consumption.ts'
import type { Arrived, Reply } from './wire.ts'

const shownBy = ({ prices, models }: Consumption): Shown => ({
  priceOf: ({ instrumentId }) => prices.shown(instrumentId),
  deliveredOf: ({ instrumentId }) => models.delivered(instrumentId)
})

export function modelsReply (c: Consumption, { request: { headers }, query }: Arrived): Reply {
  const caller = holderOf(c, headers)
  if (caller !== undefined) count(c, caller)
  const key = caller?.key
  const shown = knownInstruments().filter(({ instrumentId }) => key === undefined || mayDraw(key, instrumentId))
  const asked = new URLSearchParams(query)
  const named = (name: string): string | undefined => asked.get(name) ?? undefined
  const page = { limit: named('limit'), after_id: named('after_id'), before_id: named('before_id') }
  return { json: modelsPage(shown, shownBy(c), page) }
}

export function modelReply (c: Consumption, id: string, { request: { headers } }: Arrived): Reply {
  const caller = holderOf(c, headers)
  if (caller !== undefined) count(c, caller)
  return { json: modelRow(knownInstruments(), shownBy(c), id) }
}

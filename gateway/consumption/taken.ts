// A request as it was taken in: whose it is, what it asks of which instrument, and what to hold for it.

import type { AccountSettings, Delivery } from '../../schemas/identity/records.ts'
import type { Instrument } from '../../schemas/instruments.ts'
import type { HolderId } from '../../schemas/units.ts'
import { invalid } from '../surfaces/fault.ts'
import { promptTooLong } from '../surfaces/prompt-length.ts'
import type { Inference, JsonObject, Kept, Surface } from '../surfaces/surface.ts'
import { sealFor } from '../tickets/seal.ts'
import type { Body } from '../serving/body.ts'
import type { Trace } from '../serving/trace.ts'
import type { Consumption } from './consumption.ts'
import { inputText, tokensUpTo } from '../serving/counting.ts'
import { imageTokens, inputMaxOf, isToCount, needOf, outputMaxOf, type Need } from '../serving/hold.ts'
import { instrumentOf } from './models.ts'
import type { KeyHolder } from './ports.ts'

export type Taken = Trace & {
  readonly caller: KeyHolder
  readonly holder: HolderId
  readonly settings: AccountSettings
  readonly instrument: Instrument
  readonly surface: Surface
  readonly inference: Inference
  readonly need: Need
  readonly requestId: string
  readonly delivery: Delivery
  /** When its headers came, by the clock for durations. */
  readonly startedAt: number
}

/** `goesOn`: from what only this market has, or is to be kept so that another can. */
export type Understood = Pick<Taken, 'settings' | 'instrument' | 'inference' | 'need'> & { readonly goesOn: boolean }

/** What a body goes on from. Items that it only names may be known though nobody asked for them to be kept. */
type Sent = { readonly surface: Surface, readonly json: JsonObject }

async function keptOf (c: Consumption, holder: HolderId, { surface, json }: Sent): Promise<Kept | null> {
  const previous = surface.previousOf(json)
  if (previous === null) return null
  const text = await c.responses.get(holder, previous)
  if (text !== null) return JSON.parse(text) as Kept
  return json['previous_response_id'] == null ? c.recentItems.find(holder, previous) : null
}

/** The bound says that it may be too long; whether it is, the reference tokenizer says. Null: nobody had to count. */
async function countedInput (
  { countTokens }: Consumption, inference: Inference, { terms, instrumentId }: Instrument
): Promise<number | null> {
  if (!isToCount(inference, terms)) return null
  const max = inputMaxOf(terms)
  const images = imageTokens * inference.size.images
  const counted = await tokensUpTo(countTokens, inputText(inference), max - images) + images
  if (counted <= max) return counted
  const field = inference.surface === 'responses' ? 'input' : 'messages'
  throw promptTooLong({ field, tokens: counted, max, instrumentId })
}

/** Throws a `Fault`. */
export async function understand (
  c: Consumption, surface: Surface, { caller, body }: { readonly caller: KeyHolder, readonly body: Body }
): Promise<Understood> {
  const { key, user } = caller
  const settings = c.keys.settings(user.userId)
  const instrument = instrumentOf(surface.modelOf(body.json), { settings, key })
  const previous = await keptOf(c, user.userId, { surface, json: body.json as JsonObject })
  const seal = sealFor(c.secrets, user.userId, c.random)
  const { storesResponses } = settings
  const inference = surface.read(body.json, { instrument, seal, previous, storesResponses })
  if (inference.size.images > 0 && !instrument.terms.acceptsImages) {
    throw invalid({ messages: [`has images, which ${instrument.instrumentId} does not take`] })
  }
  const { terms } = instrument
  const counted = await countedInput(c, inference, instrument)
  const need = needOf({ ...inference, outputMax: outputMaxOf(inference, terms, counted) }, terms)
  const isToKeep = surface.name === 'responses' && (inference.store ?? storesResponses)
  const goesOn = previous !== null || isToKeep
  return { settings, instrument, inference, need, goesOn }
}

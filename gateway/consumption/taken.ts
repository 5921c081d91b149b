// A request as it was taken in: whose it is, what it asks of which instrument, and what to hold for it.

import type { AccountSettings, Delivery } from '../../schemas/identity/records.ts'
import type { Instrument } from '../../schemas/instruments.ts'
import type { HolderId } from '../../schemas/units.ts'
import { Fault, invalid } from '../surfaces/fault.ts'
import type { Inference, JsonObject, Kept, Surface } from '../surfaces/surface.ts'
import { sealFor } from '../tickets/seal.ts'
import type { Body } from '../serving/body.ts'
import type { Consumption } from './consumption.ts'
import { inputText, tokensUpTo } from '../serving/counting.ts'
import { imageTokens, inputBoundOf, inputMaxOf, needOf, type Need } from '../serving/hold.ts'
import { instrumentOf } from './models.ts'
import type { KeyHolder } from './ports.ts'

export type Taken = {
  readonly caller: KeyHolder
  readonly holder: HolderId
  readonly settings: AccountSettings
  readonly instrument: Instrument
  readonly surface: Surface
  readonly inference: Inference
  readonly need: Need
  readonly requestId: string
  readonly delivery: Delivery
  /** As W3C has it. */
  readonly traceparent: string
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

/** The bound says that it may be too long; whether it is, the reference tokenizer says. */
async function checkLength (
  { countTokens }: Consumption, inference: Inference, { terms, instrumentId }: Instrument
): Promise<void> {
  const max = inputMaxOf(terms)
  if (inputBoundOf(inference.size) <= max) return
  const images = imageTokens * inference.size.images
  const counted = await tokensUpTo(countTokens, inputText(inference), max - images) + images
  if (counted <= max) return
  const field = inference.surface === 'responses' ? 'input' : 'messages'
  const words = `has ${counted} tokens or more; ${instrumentId} takes ${max}`
  throw new Fault('context_length_exceeded', `${field} ${words}`, { fields: { [field]: [words] } })
}

/** Throws a `Fault`. */
export async function understand (
  c: Consumption, surface: Surface, { caller, body }: { readonly caller: KeyHolder, readonly body: Body }
): Promise<Understood> {
  const { key, user } = caller
  const settings = c.keys.settings(user.userId)
  const instrument = instrumentOf(surface.modelOf(body.json), { settings, key })
  const previous = await keptOf(c, user.userId, { surface, json: body.json as JsonObject })
  const inference = surface.read(body.json, { instrument, seal: sealFor(c.secrets, user.userId, c.random), previous })
  if (inference.size.images > 0 && !instrument.terms.acceptsImages) {
    throw invalid({ messages: [`has images, which ${instrument.instrumentId} does not take`] })
  }
  await checkLength(c, inference, instrument)
  const isToKeep = surface.name === 'responses' && (inference.store ?? settings.storesResponses)
  const goesOn = previous !== null || isToKeep
  return { settings, instrument, inference, need: needOf(inference, instrument.terms), goesOn }
}

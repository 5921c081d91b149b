// The models that can be asked for, which are instruments, in the shapes of both vendors at once: a row has the fields
// of each, and a page what each needs to go on.

import type { Instrument } from '../../schemas/instruments.ts'
import { Fault, invalid } from './fault.ts'
import type { JsonObject } from './surface.ts'

/** Dollars a unit, as text; null: it has none now. */
export type PriceOf = (instrument: Instrument) => string | null

/** As Anthropic's clients ask for it, each as text. Without any, all there is comes in one page. */
export type ModelsQuery = {
  readonly limit?: string | undefined
  readonly after_id?: string | undefined
  readonly before_id?: string | undefined
}

const rowsMax = 1000
const supported = (is: boolean): JsonObject => ({ supported: is })

function capabilitiesOf ({ terms: { acceptsImages, reasoningEfforts } }: Instrument): JsonObject {
  return {
    vision: acceptsImages,
    function_calling: true,
    structured_outputs: supported(true),
    image_input: supported(acceptsImages),
    pdf_input: supported(false),
    batch: supported(false),
    citations: supported(false),
    thinking: supported(reasoningEfforts.length > 0),
    effort: { ...supported(reasoningEfforts.length > 0), levels: reasoningEfforts }
  }
}

/** In, out and cached tokens cost the same. */
function pricing (price: string | null): JsonObject | null {
  if (price === null) return null
  return { currency: 'USD', tokens: 1_000_000, input: price, output: price, cached_input: price }
}

function rowOf (instrument: Instrument, priceOf: PriceOf): JsonObject & { readonly id: string } {
  const { instrumentId, name, description, listedAt, listing, terms } = instrument
  return {
    id: instrumentId,
    object: 'model',
    created: Math.floor(listedAt / 1000),
    owned_by: 'market',
    type: 'model',
    display_name: name,
    name,
    description,
    created_at: new Date(listedAt).toISOString(),
    lifecycle: 'active',
    listing,
    context_length: terms.contextTokens,
    max_input_tokens: terms.inputTokensMax ?? terms.contextTokens,
    max_completion_tokens: terms.outputTokensMax,
    max_tokens: terms.outputTokensMax,
    reasoning_efforts: terms.reasoningEfforts,
    input_modalities: terms.acceptsImages ? ['text', 'image'] : ['text'],
    output_modalities: ['text'],
    capabilities: capabilitiesOf(instrument),
    pricing: pricing(priceOf(instrument))
  }
}

const isSame = (id: string) => (row: { readonly id: string }): boolean => row.id === id.toLowerCase()

function limitOf (limit: string | undefined): number {
  if (limit === undefined) return rowsMax
  if (/^\d{1,4}$/.test(limit) && Number(limit) >= 1 && Number(limit) <= rowsMax) return Number(limit)
  throw invalid({ limit: [`must be a whole number from 1 to ${rowsMax}`] })
}

function placeOf (rows: ReadonlyArray<{ readonly id: string }>, field: string, id: string): number {
  const place = rows.findIndex(isSame(id))
  if (place === -1) throw invalid({ [field]: ['is the id of no model'] })
  return place
}

/** A page of `GET /v1/models`. Throws a `Fault` for a query that makes no sense. */
export function modelsPage (instruments: readonly Instrument[], priceOf: PriceOf, query: ModelsQuery = {}): JsonObject {
  const { limit, after_id: after, before_id: before } = query
  const size = limitOf(limit)
  if (after !== undefined && before !== undefined) throw invalid({ before_id: ['cannot be together with after_id'] })
  const rows = instruments.map(instrument => rowOf(instrument, priceOf))
  const end = before === undefined ? rows.length : placeOf(rows, 'before_id', before)
  const first = after === undefined ? 0 : placeOf(rows, 'after_id', after) + 1
  // What comes before a row is the page that ends there, not the first one.
  const start = before === undefined ? first : Math.max(0, end - size)
  const data = rows.slice(start, Math.min(end, start + size))
  return {
    object: 'list',
    data,
    has_more: before === undefined ? start + data.length < rows.length : start > 0,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null
  }
}

/** `GET /v1/models/{id}`, in any case. */
export function modelRow (instruments: readonly Instrument[], priceOf: PriceOf, id: string): JsonObject {
  const found = instruments.find(({ instrumentId }) => instrumentId === id.toLowerCase())
  if (found === undefined) throw new Fault('model_not_found', `There is no model ${id.slice(0, 100)}.`)
  return rowOf(found, priceOf)
}

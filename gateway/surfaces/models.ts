// The models that can be asked for, which are instruments, in the shapes of both vendors at once: a row has the fields
// of each, and a page what each needs to go on.

import type { Instrument } from '../../schemas/instruments.ts'
import { Fault, invalid } from './fault.ts'
import type { JsonObject } from './surface.ts'

/** What is not the instrument's own. */
export type Shown = {
  /** Dollars a unit, as text; null: it has none now. */
  readonly priceOf: (instrument: Instrument) => string | null
  /** The models that answered for it of late, as their suppliers call them. */
  readonly deliveredOf: (instrument: Instrument) => readonly string[]
}

/** As Anthropic's clients ask for it, each as text. Without any, all there is comes in one page. */
export type ModelsQuery = {
  readonly limit?: string | undefined
  readonly after_id?: string | undefined
  readonly before_id?: string | undefined
}

const rowsMax = 1000
const supported = (is: boolean): JsonObject => ({ supported: is })
const efforts = ['low', 'medium', 'high', 'xhigh', 'max'] as const
const none = supported(false)

/** Every capability that Anthropic's SDK has a type for: its readers don't ask whether one is there. */
function capabilitiesOf ({ terms: { acceptsImages, reasoningEfforts } }: Instrument): JsonObject {
  const reasons = supported(reasoningEfforts.length > 0)
  return {
    vision: acceptsImages,
    function_calling: true,
    structured_outputs: supported(true),
    image_input: supported(acceptsImages),
    pdf_input: none,
    batch: none,
    citations: none,
    code_execution: none,
    compaction: { ...none, summarize: none },
    context_management: {
      ...none, clear_thinking_20251015: none, clear_tool_uses_20250919: none, compact_20260112: none
    },
    server_tools: { ...none, code_execution: none, web_search: none },
    // Turning it off is never refused, whether or not a model can.
    thinking: {
      ...reasons,
      types: { adaptive: reasons, enabled: reasons, between_tools: supported(true), disabled: supported(true) }
    },
    effort: {
      ...reasons,
      ...Object.fromEntries(efforts.map(effort => [effort, supported(reasoningEfforts.includes(effort))])),
      levels: reasoningEfforts
    }
  }
}

/** In, out and cached tokens cost the same. */
function pricing (price: string | null): JsonObject | null {
  if (price === null) return null
  return { currency: 'USD', tokens: 1_000_000, input: price, output: price, cached_input: price }
}

function rowOf (instrument: Instrument, { priceOf, deliveredOf }: Shown): JsonObject & { readonly id: string } {
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
    deprecated_at: null,
    retires_at: null,
    // A vendor's own names for its models, and instead of which of them another may serve: an instrument has neither.
    line: null,
    allowed_fallback_models: null,
    listing,
    context_length: terms.contextTokens,
    max_input_tokens: terms.inputTokensMax ?? terms.contextTokens,
    max_completion_tokens: terms.outputTokensMax,
    max_tokens: terms.outputTokensMax,
    reasoning_efforts: terms.reasoningEfforts,
    input_modalities: terms.acceptsImages ? ['text', 'image'] : ['text'],
    output_modalities: ['text'],
    capabilities: capabilitiesOf(instrument),
    pricing: pricing(priceOf(instrument)),
    models_delivered: deliveredOf(instrument)
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
export function modelsPage (instruments: readonly Instrument[], shown: Shown, query: ModelsQuery = {}): JsonObject {
  const { limit, after_id: after, before_id: before } = query
  const size = limitOf(limit)
  if (after !== undefined && before !== undefined) throw invalid({ before_id: ['cannot be together with after_id'] })
  const rows = instruments.map(instrument => rowOf(instrument, shown))
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
export function modelRow (instruments: readonly Instrument[], shown: Shown, id: string): JsonObject {
  const found = instruments.find(({ instrumentId }) => instrumentId === id.toLowerCase())
  if (found === undefined) throw new Fault('model_not_found', `There is no model ${id.slice(0, 100)}.`)
  return rowOf(found, shown)
}

// An instrument as an operator writes it down: the names of the API, money in dollars, ids drawn where none are given.

import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { qualityIndex, reasoningEffort, type Instrument } from '../../schemas/instruments.ts'
import { basisPoints, instant, instrumentId, quantityMax, units, type Microdollars } from '../../schemas/units.ts'
import { amount } from './arguments.ts'
import { NotDone } from './stage-client.ts'

const count = z.number().int().min(1)
const tokens = z.number().int().min(1).max(1_000_000_000)

const price = z.string().transform((text, context): Microdollars => {
  try {
    return amount(text)
  } catch {
    context.issues.push({ code: 'custom', message: 'dollars in text, such as "0.05"', input: text })
    return z.NEVER
  }
})

const terms = z.strictObject({
  quality_index: z.enum(qualityIndex).nullable().default(null),
  quality_score_min: count.nullable().default(null),
  token_throughput: count.nullable().default(null),
  max_latency_ms: count.nullable().default(null),
  context_window: tokens,
  max_input_length: tokens.nullable().default(null),
  max_output_length: tokens,
  reasoning_efforts: z.array(z.enum(reasoningEffort)).default(['low', 'medium', 'high']),
  image_input: z.boolean().default(false)
})

const trading = z.strictObject({
  tick_size: price.default(100 as Microdollars),
  min_quantity: count.max(quantityMax).default(1),
  max_quantity: count.max(quantityMax).default(10_000),
  price_band_bp: z.number().int().min(0).max(10_000).default(2000),
  pause_ms: z.number().int().min(0).default(30_000),
  reference_price: price
})

const file = z.strictObject({
  symbol: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'small letters, digits and dashes').max(64),
  name: z.string().min(1).max(100),
  description: z.string().max(500).default(''),
  supply: z.enum(['class', 'lab-latest']).default('class'),
  terms,
  trading
})

/** What a file may say, as an example that can be added as it stands. */
export const exampleFile = {
  symbol: 'audio-standard',
  name: 'Audio Standard',
  description: 'Everyday work on sound.',
  terms: { context_window: 128_000, max_output_length: 65_536 },
  trading: { tick_size: '0.0001', reference_price: '0.0500' }
}

/** Throws `NotDone` with every fault. */
export function readInstrument (text: string): Omit<Instrument, 'index'> {
  const { success, data, error } = file.safeParse(parsed(text))
  if (!success) {
    throw new NotDone(error.issues.map(({ path, message }) => `${path.join('.') || 'file'}: ${message}`).join('\n'))
  }
  const { symbol, name, description, supply, terms, trading } = data
  return {
    instrumentId: instrumentId(symbol),
    publicId: `instrument-${randomUUID()}`,
    marketId: `market-${randomUUID()}`,
    marketName: `${symbol.toUpperCase()}-USD`,
    name,
    description,
    listing: 'listed',
    supply,
    listedAt: instant(Date.now()),
    terms: {
      qualityIndex: terms.quality_index,
      qualityMin: terms.quality_score_min,
      throughputMin: terms.token_throughput,
      firstTokenMsMax: terms.max_latency_ms,
      contextTokens: terms.context_window,
      inputTokensMax: terms.max_input_length,
      outputTokensMax: terms.max_output_length,
      reasoningEfforts: terms.reasoning_efforts,
      acceptsImages: terms.image_input
    },
    trading: {
      tickSize: trading.tick_size,
      quantityMin: units(trading.min_quantity),
      quantityMax: units(trading.max_quantity),
      bandBp: basisPoints(trading.price_band_bp),
      pauseMs: trading.pause_ms,
      referencePrice: trading.reference_price
    }
  }
}

function parsed (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new NotDone(`The file is not JSON: ${String(error)}`)
  }
}

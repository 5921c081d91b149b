// The instruments that this release publishes, as data: what each one promises and how it trades.
//
// Terms are those that were published: a floor that nobody published is null, never a guess. Where sources disagree the
// limit that the published API enforces is taken, and of two promises the smaller one.

import { basisPoints, instant, instrumentId, microdollars, units } from '../units.ts'
import type { BasisPoints, InstrumentId, Instant, Microdollars, Units } from '../units.ts'

export const qualityIndex = ['intelligence', 'coding', 'agentic'] as const
/** The Artificial Analysis index that an instrument's quality floor is held against. */
export type QualityIndex = typeof qualityIndex[number]

export const reasoningEffort = ['off', 'low', 'medium', 'high', 'xhigh', 'max'] as const
/** `off` is listed where reasoning can be turned off; elsewhere it always runs. */
export type ReasoningEffort = typeof reasoningEffort[number]

/** What a unit of the instrument promises. Null: not published. */
export type Terms = {
  readonly qualityIndex: QualityIndex | null
  /** The least score on that index. */
  readonly qualityMin: number | null
  /** Output tokens a second, at least. */
  readonly throughputMin: number | null
  /** Time to the first token, at most, measured inside the market's own network. */
  readonly firstTokenMsMax: number | null
  /** Tokens of input and output together that a request may reach, at least. */
  readonly contextTokens: number
  /** Tokens of input; enforced by itself, it is not context less output. */
  readonly inputTokensMax: number | null
  readonly outputTokensMax: number
  readonly reasoningEfforts: readonly ReasoningEffort[]
  readonly acceptsImages: boolean
}

/** How the instrument trades until a command on its partition says otherwise. */
export type TradingParameters = {
  readonly tickSize: Microdollars
  readonly quantityMin: Units
  readonly quantityMax: Units
  /** How far from the reference a price may lie. */
  readonly bandBp: BasisPoints
  /** How long a trade at the band pauses the instrument. */
  readonly pauseMs: number
  /** The published seven-day average price of a unit; it counts until the instrument has traded. */
  readonly referencePrice: Microdollars
}

export const listing = ['listed', 'preview'] as const
/** `preview`: shown with its terms, and closed to orders. */
export type Listing = typeof listing[number]

/** `class`: any model that meets the terms may deliver. `lab-latest`: one lab's newest, its version still moves. */
export type Supply = 'class' | 'lab-latest'

export type Instrument = {
  /** Its partition in the topics that are kept by instrument. Never reused, never changed. */
  readonly index: number
  /** Its symbol, and its key in every topic and table. */
  readonly instrumentId: InstrumentId
  /** What the API calls it: `instrument-<uuid>`. */
  readonly publicId: string
  /** What the API calls the market it trades in: `market-<uuid>`. One instrument has one market. */
  readonly marketId: string
  readonly marketName: string
  readonly name: string
  readonly description: string
  readonly listing: Listing
  readonly supply: Supply
  readonly listedAt: Instant
  readonly terms: Terms
  readonly trading: TradingParameters
}

type Row = readonly [
  symbol: string, name: string, description: string, priceMicrodollars: number, uuid: string, marketUuid: string,
  terms: Partial<Terms> & Pick<Terms, 'contextTokens' | 'outputTokensMax'>
]

const threeEfforts = ['low', 'medium', 'high'] as const
const allEfforts = ['off', 'low', 'medium', 'high', 'xhigh', 'max'] as const
const listedAt = instant(Date.UTC(2026, 0, 1))

const standard = { contextTokens: 128_000, outputTokensMax: 65_536 } as const
const prime = { contextTokens: 196_608, outputTokensMax: 131_072 } as const
const max = {
  contextTokens: 1_000_000, outputTokensMax: 128_000, reasoningEfforts: allEfforts, acceptsImages: true
} as const

const rows: readonly Row[] = [
  [
    'text-standard', 'Text Standard', 'Everyday text at the lowest price.', 30_200,
    'df0223fb-bb04-4136-aed9-3ff277448ab7', 'd477c690-e4d2-45ed-a5e3-073990c2b52c',
    { ...standard, qualityIndex: 'intelligence', qualityMin: 18, throughputMin: 100, firstTokenMsMax: 1320 }
  ],
  [
    'text-prime', 'Text Prime', 'Text for demanding work.', 100_900,
    '4cbe34c4-02d5-4a9d-b077-14dbbb71a449', '1d2124dd-a403-42aa-bc0a-639bd7039b3a',
    { ...prime, qualityIndex: 'intelligence', qualityMin: 38, throughputMin: 40, firstTokenMsMax: 4620, inputTokensMax: 120_000 }
  ],
  [
    'text-max', 'Text Max', 'Text from frontier models, with a long context.', 1_625_700,
    '5963ac6a-dc4c-4b78-a22c-224241a63556', '7e5b4833-8957-46c4-8b02-e5b2dbf43925',
    { ...max, qualityIndex: 'intelligence', qualityMin: 53, throughputMin: 30, firstTokenMsMax: 3500, inputTokensMax: 922_000 }
  ],
  [
    'code-standard', 'Code Standard', 'Everyday code at the lowest price.', 29_700,
    '8b3e2137-37b0-46cc-b306-ec7307e10099', '676936fd-1ba5-421e-807f-f16e78a30e00',
    { ...standard, qualityIndex: 'coding', firstTokenMsMax: 1500 }
  ],
  [
    'code-prime', 'Code Prime', 'Code for demanding work.', 128_600,
    'ffd18448-7de4-44b8-8856-805608732d13', 'e68b8e7d-b579-4a2a-8a54-2aa92d8c9e09',
    { ...prime, qualityIndex: 'coding', firstTokenMsMax: 4000 }
  ],
  [
    'code-max', 'Code Max', 'Code from frontier models, with a long context.', 1_587_600,
    'dd748aa4-cdbc-446b-b7e2-bb7ca9282d85', '17569539-c867-4e4e-8e13-31cc86cc228b',
    { ...max, qualityIndex: 'coding', firstTokenMsMax: 5000 }
  ],
  [
    'agent-standard', 'Agent Standard', 'Everyday tool use at the lowest price.', 40_200,
    '64799bef-1981-4616-889e-4d0f6895279c', '7c2287b3-0916-4854-a385-c9fc86eee640',
    { ...standard, qualityIndex: 'agentic', firstTokenMsMax: 2000 }
  ],
  [
    'agent-prime', 'Agent Prime', 'Tool use for demanding work.', 133_500,
    'c9add3ea-461d-4a78-a5b8-772609b25e9d', 'fd386caf-bfc8-49c1-939e-4df319b521e4',
    { ...prime, qualityIndex: 'agentic', firstTokenMsMax: 5000 }
  ],
  [
    'agent-max', 'Agent Max', 'Tool use by frontier models, with a long context.', 1_519_500,
    'bb8faf11-95bb-4f93-a200-c6f0c67e1fde', 'd85109d9-fec1-4764-b587-183913016e28',
    { ...max, qualityIndex: 'agentic', firstTokenMsMax: 6000, inputTokensMax: 922_000 }
  ],
  [
    'claude-opus-latest', 'Claude Opus Latest', 'The newest Claude Opus.', 1_530_800,
    '8dfdacaf-b51a-45ca-a6a6-13f846af43e3', '48864b3c-6500-41c3-82d4-ba012b4795a6',
    { contextTokens: 1_000_000, outputTokensMax: 128_000, reasoningEfforts: ['low', 'medium', 'high', 'xhigh', 'max'], acceptsImages: true }
  ],
  [
    'gpt-sol-latest', 'GPT Sol Latest', 'The newest GPT Sol.', 1_454_500,
    'b6d4d9cd-fc73-407f-951b-aa80c781386e', '6570559e-d8bd-488b-a9d0-0fa4d504368d',
    { contextTokens: 1_000_000, outputTokensMax: 128_000, acceptsImages: true }
  ],
  [
    'gemini-pro-latest', 'Gemini Pro Latest', 'The newest Gemini Pro.', 588_700,
    '735d70aa-51c4-4954-8546-ffd17972fff0', 'dba9bf34-e914-450a-a00b-7038b811bd80',
    { contextTokens: 1_000_000, outputTokensMax: 65_536, acceptsImages: true }
  ],
  [
    'deepseek-pro-latest', 'DeepSeek Pro Latest', 'The newest DeepSeek Pro.', 318_100,
    'a8562503-7f8b-4668-ab03-d9686d11be63', '30e7efc3-59c5-4a19-ae40-09ae8c2d4321',
    { contextTokens: 1_000_000, outputTokensMax: 384_000 }
  ],
  [
    'glm-latest', 'GLM Latest', 'The newest GLM.', 338_300,
    '6c095038-a1d0-411f-af4a-6bfb20cf2841', 'cea7ac88-61a5-44ea-8d99-176283f9afb5',
    { contextTokens: 1_000_000, outputTokensMax: 128_000 }
  ],
  [
    'kimi-latest', 'Kimi Latest', 'The newest Kimi.', 716_300,
    '07589325-b263-4db5-8820-cb0716be8e57', 'c6a67b24-b642-470d-8c53-c7657dc8556b',
    { contextTokens: 1_048_576, outputTokensMax: 1_048_576, reasoningEfforts: ['low', 'high', 'max'], acceptsImages: true }
  ],
  [
    'minimax-latest', 'MiniMax Latest', 'The newest MiniMax.', 106_300,
    '6a9aa69a-333e-49f6-89f8-965f98b6af08', '3d5afb87-7c6b-4b66-8d60-b612cdcf795d',
    { contextTokens: 1_000_000, outputTokensMax: 512_000 }
  ],
  [
    'bytedance-pro-latest', 'ByteDance Pro Latest', 'The newest ByteDance Pro.', 193_200,
    '994a664c-4db9-439e-9379-73484877d102', '396dc36d-83d5-40eb-aac0-adcb8105e05e',
    { contextTokens: 262_144, outputTokensMax: 131_072 }
  ],
  [
    // Ours, and no term of it is published: it shows how an instrument is announced before it opens.
    'vision-standard', 'Vision Standard', 'Everyday work on images. A preview: not open to orders.', 40_000,
    '41057ea7-1608-4945-a28e-c66ec494089d', '223ddfec-f484-42f7-9401-dfc58443af28',
    { ...standard, acceptsImages: true }
  ]
]

function instrument ([symbol, name, description, price, uuid, marketUuid, terms]: Row, index: number): Instrument {
  return {
    index,
    instrumentId: instrumentId(symbol),
    publicId: `instrument-${uuid}`,
    marketId: `market-${marketUuid}`,
    marketName: `${symbol.toUpperCase()}-USD`,
    name,
    description,
    listing: symbol === 'vision-standard' ? 'preview' : 'listed',
    supply: symbol.endsWith('-latest') ? 'lab-latest' : 'class',
    listedAt,
    terms: {
      qualityIndex: null,
      qualityMin: null,
      throughputMin: null,
      firstTokenMsMax: null,
      inputTokensMax: null,
      reasoningEfforts: threeEfforts,
      acceptsImages: false,
      ...terms
    },
    trading: {
      tickSize: microdollars(100), // Published prices have four decimals.
      quantityMin: units(1),
      quantityMax: units(10_000),
      bandBp: basisPoints(2000),
      pauseMs: 30_000,
      referencePrice: microdollars(price)
    }
  }
}

/** In the order of their indexes: the nine main ones, the lab-latest ones, the preview. */
export const instruments: readonly Instrument[] = rows.map(instrument)

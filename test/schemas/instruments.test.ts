import { describe, expect, test } from 'vitest'
import {
  instrumentById, instrumentByMarket, instrumentByPublicId, instrumentBySymbol, instruments, setParameters
} from '../../schemas/instruments.ts'
import { instrumentId, notionalMax, priceTicksMax, quantityMax } from '../../schemas/units.ts'

const uuidV4 = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'

describe('the table', () => {
  test('lists seventeen instruments and a preview, each at its own index', () => {
    expect(instruments.map(({ index }) => index)).toEqual(Array.from({ length: 18 }, (_, index) => index))
    expect(instruments.filter(({ listing }) => listing === 'listed')).toHaveLength(17)
    expect(instruments.filter(({ listing }) => listing === 'preview').map(({ index }) => index)).toEqual([17])
  })

  test('keeps the order that partitions rest on', () => {
    expect(instruments.map(({ instrumentId }) => instrumentId)).toEqual([
      'text-standard', 'text-prime', 'text-max', 'code-standard', 'code-prime', 'code-max',
      'agent-standard', 'agent-prime', 'agent-max', 'claude-opus-latest', 'gpt-sol-latest', 'gemini-pro-latest',
      'deepseek-pro-latest', 'glm-latest', 'kimi-latest', 'minimax-latest', 'bytedance-pro-latest', 'vision-standard'
    ])
  })

  test('gives each a version 4 UUID of its own, and text-prime its published market', () => {
    const ids = instruments.flatMap(({ publicId, marketId }) => [publicId, marketId])
    expect(new Set(ids.map(id => id.replace(/^[a-z]+-/, ''))).size).toBe(36)
    for (const id of ids) expect(id).toMatch(new RegExp(`^(instrument|market)-${uuidV4}$`))
    expect(instrumentBySymbol('text-prime')?.marketId).toBe('market-1d2124dd-a403-42aa-bc0a-639bd7039b3a')
  })

  test.each(instruments)('$instrumentId trades within what the book can hold', ({ trading }) => {
    expect(trading.referencePrice % trading.tickSize).toBe(0)
    const priceMax = trading.referencePrice * (1 + trading.bandBp / 10_000)
    expect(priceMax / trading.tickSize).toBeLessThan(priceTicksMax)
    expect(trading.quantityMax).toBeLessThanOrEqual(quantityMax)
    expect(priceMax * trading.quantityMax).toBeLessThan(notionalMax)
  })
})

describe('looking up', () => {
  const prime = instrumentBySymbol('text-prime')!

  test.each([
    prime.marketId, prime.marketId.replace('-', '_'), prime.marketId.slice('market-'.length), prime.marketId.toUpperCase(),
    'text-prime', 'TEXT-PRIME', 'TEXT-PRIME-USD', 'text-prime-usd', 'Text Prime'
  ])('finds a market by %s', spelling => {
    expect(instrumentByMarket(spelling)).toBe(prime)
  })

  test.each([
    prime.publicId, prime.publicId.replace('-', '_'), prime.publicId.slice('instrument-'.length), 'TEXT-PRIME', 'Text Prime'
  ])('finds an instrument by %s', spelling => {
    expect(instrumentByPublicId(spelling)).toBe(prime)
  })

  test.each(['', 'text', 'constructor', '__proto__', 'market-', prime.publicId])('finds no market by "%s"', spelling => {
    expect(instrumentByMarket(spelling)).toBeUndefined()
  })

  test('does not take the id of a market for that of an instrument', () => {
    expect(instrumentByPublicId(prime.marketId)).toBeUndefined()
  })

  test('by key is exact', () => {
    expect(instrumentById(instrumentId('text-prime'))).toBe(prime)
    expect(instrumentById(instrumentId('TEXT-PRIME'))).toBeUndefined()
  })
})

test('the command that lists an instrument carries its whole set of parameters', () => {
  expect(setParameters(instrumentBySymbol('text-prime')!)).toEqual({
    kind: 'set-parameters',
    instrumentId: 'text-prime',
    tickSize: 100,
    quantityMin: 1,
    quantityMax: 10_000,
    referencePrice: 100_900,
    bandBp: 2000,
    pauseMs: 30_000
  })
})

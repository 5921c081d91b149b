// Which instrument a model names.

import { describe, expect, test } from 'vitest'
import { instrumentOf } from '../../../gateway/consumption/models.ts'
import { Fault } from '../../../gateway/surfaces/fault.ts'
import { instrumentBySymbol } from '../../../schemas/instruments.ts'
import { instrumentId } from '../../../schemas/units.ts'
import { consumptionKey } from './small-consumption.ts'

const prime = instrumentId('text-prime')
const aliases = [
  { pattern: 'claude-*', instrumentId: prime },
  { pattern: 'gpt-*-mini', instrumentId: instrumentId('text-standard') },
  { pattern: '*-a*b*', instrumentId: instrumentId('text-max') },
  { pattern: 'exact', instrumentId: prime },
  { pattern: 'text-*', instrumentId: instrumentId('code-max') }
]

function named (model: string, key: Partial<typeof consumptionKey> = {}): string {
  try {
    return instrumentOf(model, { settings: { aliases }, key: { ...consumptionKey, ...key } }).instrumentId
  } catch (thrown) {
    return thrown instanceof Fault ? `${thrown.status} ${thrown.code}` : String(thrown)
  }
}

describe('a model', () => {
  test.each([
    ['text-prime', 'text-prime'],
    ['Text-PRIME', 'text-prime'],
    [' text-prime ', 'text-prime'],
    [instrumentBySymbol('text-prime')!.publicId, 'text-prime'],
    ['claude-opus-4-9', 'text-prime'],
    ['Claude-Sonnet', 'text-prime'],
    ['gpt-5-mini', 'text-standard'],
    ['gpt-mini', '404 model_not_found'],
    ['gpt-5-mini-2', '404 model_not_found'],
    ['x-a1b2', 'text-max'],
    ['x-b1', '404 model_not_found'],
    ['exact', 'text-prime'],
    ['exactly', '404 model_not_found'],
    ['gpt-4o', '404 model_not_found'],
    ['', '404 model_not_found']
  ])('%j is %s', (model, expected) => {
    expect(named(model)).toBe(expected)
  })

  test('that is an instrument\'s own name is that instrument, whatever an alias says', () => {
    expect(named('text-standard')).toBe('text-standard')
    expect(named('text-other')).toBe('code-max')
  })

  test('that a key may not draw on is refused, also by another name', () => {
    const instruments = [instrumentId('text-max')]
    expect(named('text-prime', { instruments })).toBe('403 key_not_allowed')
    expect(named('claude-opus', { instruments })).toBe('403 key_not_allowed')
    expect(named('text-max', { instruments })).toBe('text-max')
  })

  test('of any length is told apart quickly, and said shortly', () => {
    expect(named('-a'.repeat(50_000))).toBe('404 model_not_found')
  })
})

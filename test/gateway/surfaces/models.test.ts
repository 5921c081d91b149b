import type { BetaModelCapabilities, BetaModelInfo } from '@anthropic-ai/sdk/resources/beta/models'
import { describe, expect, test } from 'vitest'
import { instruments } from '../../../schemas/instruments/published.ts'
import { modelRow, modelsPage, type Shown } from '../../../gateway/surfaces/models.ts'
import type { JsonObject } from '../../../gateway/surfaces/surface.ts'

const shown: Shown = { priceOf: () => '0.10090000', deliveredOf: ({ instrumentId }) => [`model-of-${instrumentId}`] }
const idsOf = (page: JsonObject): unknown[] => (page['data'] as JsonObject[]).map(({ id }) => id)
const ids = instruments.map(({ instrumentId }) => instrumentId)

describe('a model', () => {
  test('has what clients of both vendors read', () => {
    expect(modelRow(instruments, shown, 'text-prime')).toMatchObject({
      id: 'text-prime',
      object: 'model',
      created: 1_767_225_600,
      owned_by: 'market',
      type: 'model',
      display_name: 'Text Prime',
      created_at: '2026-01-01T00:00:00.000Z',
      context_length: 196_608,
      max_input_tokens: 120_000,
      max_completion_tokens: 131_072,
      reasoning_efforts: ['low', 'medium', 'high'],
      input_modalities: ['text'],
      models_delivered: ['model-of-text-prime'],
      capabilities: { vision: false },
      pricing: { currency: 'USD', tokens: 1_000_000, input: '0.10090000', output: '0.10090000', cached_input: '0.10090000' }
    })
  })
  test('has all that the SDK of Anthropic has types for, so that its readers find what they look into', () => {
    const capabilities: Readonly<Record<keyof BetaModelCapabilities, readonly string[]>> = {
      batch: [],
      citations: [],
      code_execution: [],
      compaction: ['summarize'],
      context_management: ['clear_thinking_20251015', 'clear_tool_uses_20250919', 'compact_20260112'],
      effort: ['low', 'medium', 'high', 'xhigh', 'max'],
      image_input: [],
      pdf_input: [],
      server_tools: ['code_execution', 'web_search'],
      structured_outputs: [],
      thinking: []
    }
    for (const { instrumentId } of instruments) {
      const row = modelRow(instruments, shown, instrumentId)
      for (const [name, within] of Object.entries(capabilities)) {
        const support = { supported: expect.any(Boolean) as unknown }
        const one = { ...support, ...Object.fromEntries(within.map(each => [each, support])) }
        expect((row['capabilities'] as JsonObject)[name], name).toMatchObject(one)
      }
    }
  })
  test('says which efforts and which kinds of thinking it takes, and that it is here to stay', () => {
    const { capabilities, ...row } = modelRow(instruments, shown, 'kimi-latest') as unknown as BetaModelInfo
    const { low, medium, max } = capabilities!.effort
    expect([low, medium, max].map(({ supported }) => supported)).toEqual([true, false, true])
    expect(capabilities!.thinking.types).toEqual({
      adaptive: low, enabled: low, between_tools: low, disabled: low
    })
    const here = { lifecycle: 'active', deprecated_at: null, retires_at: null, line: null, allowed_fallback_models: null }
    expect(row).toMatchObject(here)
  })
  test('takes as much as its context where no other limit is published', () => {
    expect(modelRow(instruments, shown, 'code-max')).toMatchObject({ max_input_tokens: 1_000_000, input_modalities: ['text', 'image'] })
  })
  test('has no price while there is none', () => {
    expect(modelRow(instruments, { ...shown, priceOf: () => null }, 'text-prime')['pricing']).toBeNull()
  })
  test('is found in any case', () => {
    expect(modelRow(instruments, shown, 'Text-Prime')['id']).toBe('text-prime')
  })
  test('that is not there is a 404', () => {
    expect(() => modelRow(instruments, shown, 'gpt-4o')).toThrow(expect.objectContaining({ code: 'model_not_found', status: 404 }) as Error)
  })
})

describe('the list of models', () => {
  test('comes whole unless it is asked for in pages', () => {
    const page = modelsPage(instruments, shown)
    expect(idsOf(page)).toEqual(ids)
    expect(page).toMatchObject({ object: 'list', has_more: false, first_id: ids[0], last_id: ids.at(-1) })
  })
  test('of nothing is a page of nothing', () => {
    expect(modelsPage([], shown)).toEqual({ object: 'list', data: [], has_more: false, first_id: null, last_id: null })
  })
  test('is the same in pages, forwards and backwards', () => {
    for (const limit of ['1', '5', '17', '18', '1000']) {
      const forwards: unknown[] = []
      let page = modelsPage(instruments, shown, { limit })
      for (;;) {
        forwards.push(...idsOf(page))
        if (page['has_more'] !== true) break
        page = modelsPage(instruments, shown, { limit, after_id: page['last_id'] as string })
      }
      expect(forwards).toEqual(ids)
      const backwards: unknown[] = [ids.at(-1)]
      do {
        page = modelsPage(instruments, shown, { limit, before_id: backwards[0] as string })
        backwards.unshift(...idsOf(page))
      } while (page['has_more'] === true)
      expect(backwards).toEqual(ids)
    }
  })
  test.each([
    [{ limit: '0' }, 'limit'], [{ limit: '1001' }, 'limit'], [{ limit: 'x' }, 'limit'], [{ after_id: 'x' }, 'after_id'],
    [{ before_id: 'x' }, 'before_id'], [{ after_id: 'text-max', before_id: 'text-max' }, 'before_id']
  ])('asked for by %j is a 422 that names %s', (query, field) => {
    const fault = expect.objectContaining({ fields: { [field]: expect.anything() as unknown } }) as Error
    expect(() => modelsPage(instruments, shown, query)).toThrow(fault)
  })
})

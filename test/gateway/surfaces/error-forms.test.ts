import { APIError } from 'openai'
import { APIError as AnthropicError } from '@anthropic-ai/sdk'
import { describe, expect, test } from 'vitest'
import { anthropicForm, openAiForm } from '../../../gateway/surfaces/error-forms.ts'
import { Fault, faultStatus, invalid, type FaultCode } from '../../../gateway/surfaces/fault.ts'
import { promptTooLong, saidPromptTooLong } from '../../../gateway/surfaces/prompt-length.ts'
import { responsesSurface } from '../../../gateway/surfaces/responses/responses.ts'
import type { JsonObject } from '../../../gateway/surfaces/surface.ts'

const codes = Object.keys(faultStatus) as FaultCode[]

describe.each(codes)('%s', code => {
  const fault = new Fault(code, 'It went wrong.')

  test('reads in OpenAI\'s words', () => {
    const error = APIError.generate(fault.status, openAiForm(fault, 'req-1'), undefined, new Headers())
    expect(error).toMatchObject({ status: faultStatus[code], code, param: null, error: { message: 'It went wrong.' } })
    expect(error.type).toMatch(/_error$|^insufficient_quota$/)
  })

  test('reads in Anthropic\'s words', () => {
    const error = AnthropicError.generate(fault.status, anthropicForm(fault, 'req-1'), undefined, new Headers())
    expect(error.type).toMatch(/_error$|^request_too_large$/)
    expect(anthropicForm(fault, 'req-1')).toMatchObject({ type: 'error', error: { message: 'It went wrong.', code }, request_id: 'req-1' })
  })

  test('says its code in `errors.detail`', () => {
    for (const form of [openAiForm, anthropicForm]) {
      expect(form(fault, 'req-1')['errors']).toEqual({ detail: code, message: 'It went wrong.' })
    }
  })
})

test('faults of fields are told in `errors.detail`, the first of them as `param`', () => {
  const fault = invalid({ 'messages.0.content': ['is missing'], n: ['must be 1'] })
  expect(openAiForm(fault, 'r')).toMatchObject({
    error: { message: 'messages.0.content is missing', type: 'invalid_request_error', code: 'invalid', param: 'messages.0.content' },
    errors: { detail: { 'messages.0.content': ['is missing'], n: ['must be 1'] } }
  })
  expect(anthropicForm(fault, 'r')).toMatchObject({ errors: { detail: fault.fields } })
})

test.each<[FaultCode, string, string]>([
  ['unauthorized', 'authentication_error', 'authentication_error'],
  ['insufficient_credits', 'insufficient_quota', 'billing_error'],
  ['key_not_allowed', 'permission_error', 'permission_error'],
  ['model_not_found', 'not_found_error', 'not_found_error'],
  ['too_large', 'invalid_request_error', 'request_too_large'],
  ['rate_limited', 'rate_limit_error', 'rate_limit_error'],
  ['internal', 'server_error', 'api_error'],
  ['overloaded', 'server_error', 'overloaded_error'],
  ['upstream_timeout', 'server_error', 'timeout_error']
])('%s is %s for OpenAI and %s for Anthropic', (code, openAi, anthropic) => {
  const fault = new Fault(code, 'x')
  expect(openAiForm(fault, 'r')['error']).toMatchObject({ type: openAi })
  expect(anthropicForm(fault, 'r')['error']).toMatchObject({ type: anthropic })
})

describe('a prompt that is too long is told in the words that clients look for', () => {
  const ours = promptTooLong({ field: 'messages', tokens: 130_000, max: 120_000, instrumentId: 'text-prime' })
  const messageOf = (form: JsonObject): string => (form['error'] as { message: string }).message

  test('on each surface, with the field and its limit beside them', () => {
    expect(messageOf(openAiForm(ours, 'r')))
      .toBe('This model\'s maximum context length is 120000 tokens. However, your messages resulted in 130000 tokens or more.')
    expect(messageOf(anthropicForm(ours, 'r'))).toBe('prompt is too long: 130000 tokens > 120000 maximum')
    for (const form of [openAiForm, anthropicForm]) {
      expect(form(ours, 'r')).toMatchObject({
        error: { code: 'context_length_exceeded', type: 'invalid_request_error' },
        errors: { detail: { messages: ['has 130000 tokens or more; text-prime takes 120000'] }, message: messageOf(form(ours, 'r')) }
      })
    }
  })

  test.each([
    'This model\'s maximum context length is 8192 tokens. However, you requested 9000 tokens (8000 in the messages, 1000 in the completion).',
    'The decoder prompt (length 9000) is longer than the maximum model length of 8192.',
    'The input (9000 tokens) is longer than the model\'s context length (8192 tokens).',
    '`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 9000 `inputs` tokens and 20 `max_new_tokens`',
    'the request exceeds the available context size, try increasing it',
    'Your input exceeds the context window of this model. Please adjust your input and try again.',
    'prompt is too long: 9000 tokens > 8192 maximum'
  ])('where a server of models says: %s', words => {
    const fault = saidPromptTooLong(words, null)!
    expect([fault.code, fault.status]).toEqual(['context_length_exceeded', 422])
    // LangChain and LiteLLM on OpenAI's surfaces; LangChain, LiteLLM and Claude Code on Anthropic's.
    expect(fault.message).toMatch(/This model's maximum context length is/)
    expect(fault.anthropic).toContain('prompt is too long: ')
    expect(fault.message).toContain(words)
    // An edge says it to a gateway, which says it to a client: once.
    expect(saidPromptTooLong(fault.message, null)!.message).toBe(fault.message)
  })

  test.each(['temperature must be at most 2', 'tools is too long', ''])('and not where it says: %s', words => {
    expect(saidPromptTooLong(words, null)).toBeNull()
  })
})

test('a supplier that has too much to do is told to Codex by the word it knows, and to everybody by ours', () => {
  const fault = new Fault('overloaded', 'Later.')
  expect(responsesSurface.errorBody(fault, 'r')).toMatchObject({ error: { code: 'server_is_overloaded' }, errors: { detail: 'overloaded' } })
  expect(responsesSurface.errorBody(new Fault('draining', 'x'), 'r')).toMatchObject({ error: { code: 'draining' } })
  expect(openAiForm(fault, 'r')).toMatchObject({ error: { code: 'overloaded' } })
})

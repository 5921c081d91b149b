import { APIError } from 'openai'
import { APIError as AnthropicError } from '@anthropic-ai/sdk'
import { describe, expect, test } from 'vitest'
import { anthropicForm, openAiForm } from '../../../gateway/surfaces/error-forms.ts'
import { Fault, faultStatus, invalid, type FaultCode } from '../../../gateway/surfaces/fault.ts'

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

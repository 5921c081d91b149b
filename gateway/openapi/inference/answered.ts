// What is answered on each surface, whole; and models, the keys of tickets. What a supplier says beyond it is passed
// on.

import { z } from 'zod'

const text = z.string()
const tokens = z.int().min(0)
const flag = z.boolean()
const instant = z.iso.datetime()
const seconds = z.int().min(0).meta({ description: 'Unix seconds.' })
const served = text.meta({ description: 'Who served, as the supplier calls it.' })

const call = z.looseObject({
  id: text, type: z.literal('function'), function: z.looseObject({ name: text, arguments: text })
})

export const chatAnswered = z.looseObject({
  id: text,
  object: z.literal('chat.completion'),
  created: seconds,
  model: served,
  choices: z.array(z.looseObject({
    index: z.int().min(0),
    message: z.looseObject({
      role: z.literal('assistant'),
      content: text.nullable(),
      refusal: text.nullable(),
      reasoning_content: text.optional(),
      tool_calls: z.array(call).optional()
    }),
    logprobs: z.looseObject({}).nullable(),
    finish_reason: text.meta({ description: 'stop, length, tool_calls, content_filter; length too where the tokens ran out.' })
  })),
  usage: z.looseObject({
    prompt_tokens: tokens,
    completion_tokens: tokens,
    total_tokens: tokens,
    prompt_tokens_details: z.looseObject({ cached_tokens: tokens }),
    completion_tokens_details: z.looseObject({ reasoning_tokens: tokens })
  })
}).meta({ id: 'ChatCompletion' })

export const messageAnswered = z.looseObject({
  id: text,
  type: z.literal('message'),
  role: z.literal('assistant'),
  model: text.meta({ description: 'As you called it; who served is in the receipt.' }),
  content: z.array(z.looseObject({ type: z.enum(['text', 'thinking', 'tool_use']) })),
  stop_reason: z.enum(['end_turn', 'max_tokens', 'stop_sequence', 'tool_use', 'refusal']),
  stop_sequence: text.nullable(),
  usage: z.looseObject({
    input_tokens: tokens,
    cache_creation_input_tokens: tokens,
    cache_read_input_tokens: tokens,
    output_tokens: tokens
  })
}).meta({ id: 'Message' })

export const countAnswered = z.object({ input_tokens: tokens }).meta({ id: 'TokenCount' })

export const responseAnswered = z.looseObject({
  id: text,
  object: z.literal('response'),
  created_at: seconds,
  status: z.enum(['completed', 'incomplete']),
  model: served,
  output: z.array(z.looseObject({ type: text, id: text })),
  usage: z.looseObject({ input_tokens: tokens, output_tokens: tokens, total_tokens: tokens }),
  error: z.null(),
  incomplete_details: z.looseObject({ reason: text }).nullable(),
  previous_response_id: text.nullable(),
  store: flag
}).meta({ id: 'Response' })

export const responseDeleted = z.object({
  id: text, object: z.literal('response'), deleted: z.literal(true)
}).meta({ id: 'DeletedResponse' })

const price = text.meta({ description: 'Dollars for so many tokens.' })

export const modelAnswered = z.looseObject({
  id: text,
  object: z.literal('model'),
  type: z.literal('model'),
  created: seconds,
  created_at: instant,
  owned_by: text,
  display_name: text,
  description: text,
  context_length: tokens,
  max_input_tokens: tokens,
  max_completion_tokens: tokens,
  max_tokens: tokens,
  reasoning_efforts: z.array(text),
  models_delivered: z.array(text).meta({ description: 'Which models answered for it in the last thirty days.' }),
  input_modalities: z.array(text),
  output_modalities: z.array(text),
  capabilities: z.looseObject({}).meta({ description: 'As Anthropic\'s clients read them, and vision and function_calling.' }),
  pricing: z.object({ currency: text, tokens, input: price, output: price, cached_input: price }).nullable()
}).meta({ id: 'Model', description: 'An instrument, in the shapes of both vendors at once.' })

export const modelsAnswered = z.object({
  object: z.literal('list'),
  data: z.array(modelAnswered),
  has_more: flag,
  first_id: text.nullable(),
  last_id: text.nullable()
}).meta({ id: 'ModelList' })

export const keysAnswered = z.object({
  keys: z.array(z.object({
    kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: text, kid: text, alg: z.literal('EdDSA'), use: z.literal('sig')
  }))
}).meta({ id: 'JwkSet' })

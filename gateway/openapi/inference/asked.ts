// What a request for inference may say, on each surface: its main fields. A body may have others, and most clients send
// some: they are passed on, or dropped and listed in `x-grid-ignored`.

import { z } from 'zod'

const text = z.string()
const flag = z.boolean()
const count = z.int().min(1)
const share = z.number().min(0).max(1)

/** Null is as good as absent. */
const maybe = <Schema extends z.ZodType>(schema: Schema, description: string) => schema.nullish().meta({ description })

const model = text.min(1).meta({
  description: 'An instrument by its symbol, in any case, or what your settings call it.', examples: ['text-prime']
})
const anything = z.looseObject({})
const typed = z.looseObject({ type: text })
const blocks = z.union([text, z.array(typed)])
const tools = maybe(z.array(anything), 'Functions that the model may call. Tools that a vendor would run are not run here.')
const choice = maybe(z.union([text, anything]), 'Whether it may, must or must not call one, or which.')
const stream = maybe(flag, 'As server-sent events, in the words of this surface.')
const temperature = z.number().min(0).max(2)

const said = blocks.meta({ description: 'What is said: text, or parts of type text, image_url and others.' })
const turn = z.union([
  z.looseObject({ role: z.enum(['system', 'developer', 'user']), content: said }),
  z.looseObject({
    role: z.literal('assistant'),
    content: maybe(blocks, 'What it said; not needed beside tool_calls, function_call, refusal or reasoning_content.'),
    tool_calls: maybe(z.array(anything), 'What it called.')
  }),
  z.looseObject({
    role: z.literal('tool'), content: said, tool_call_id: text.min(1).meta({ description: 'The call that it is the result of.' })
  })
])

export const chatAsked = z.looseObject({
  model,
  messages: z.array(turn).min(1),
  stream,
  stream_options: maybe(z.looseObject({ include_usage: flag.nullish() }), 'With include_usage the last chunk has the usage.'),
  max_completion_tokens: maybe(count, 'Reasoning counts as output. The instrument\'s maximum unless asked.'),
  max_tokens: maybe(count, 'The older name; of both the smaller counts.'),
  n: maybe(z.int().min(1).max(128), 'How many answers.'),
  temperature: maybe(temperature, '1 unless asked.'),
  top_p: maybe(share, '1 unless asked.'),
  stop: maybe(z.union([text, z.array(text).max(4)]), 'Up to four texts that end the answer.'),
  frequency_penalty: maybe(z.number().min(-2).max(2), '0 unless asked.'),
  presence_penalty: maybe(z.number().min(-2).max(2), '0 unless asked.'),
  logit_bias: maybe(z.record(text, z.number().min(-100).max(100)), 'By the number of a token.'),
  logprobs: maybe(flag, 'Where the supplier can.'),
  top_logprobs: maybe(z.int().min(0).max(20), 'Needs logprobs.'),
  seed: maybe(z.int(), 'Where the supplier can.'),
  response_format: maybe(typed, 'text, json_object or json_schema.'),
  tools,
  tool_choice: choice,
  parallel_tool_calls: maybe(flag, 'Whether it may call several at once.'),
  reasoning_effort: maybe(text, 'One of none, minimal, low, medium, high, xhigh, max; see reasoning_efforts of the model.'),
  prompt_cache_key: maybe(text, 'Keeps a conversation at one supplier.')
}).meta({ id: 'ChatCompletionRequest' })

/** What `count_tokens` takes as well. */
const conversation = {
  model,
  messages: z.array(z.looseObject({
    role: z.enum(['user', 'assistant', 'system']),
    content: blocks.meta({ description: 'What is said: text, or blocks of type text, image, tool_use, tool_result and others.' })
  })).min(1),
  system: maybe(blocks, 'What goes before the conversation.'),
  tools,
  tool_choice: maybe(typed, 'auto, any, tool or none.'),
  thinking: maybe(typed, 'adaptive, enabled, between_tools or disabled: shown only where it was asked for.'),
  output_config: maybe(anything, 'effort, and the format of the answer.')
}

export const messageAsked = z.looseObject({
  ...conversation,
  max_tokens: count.meta({ description: 'Thinking counts as output.' }),
  stream,
  stop_sequences: maybe(z.array(text), 'Texts that end the answer.'),
  temperature: maybe(share, '1 unless asked.'),
  top_p: maybe(share, '1 unless asked.'),
  top_k: maybe(z.int().min(0), 'Where the supplier can.')
}).meta({ id: 'MessageRequest' })

export const countAsked = z.looseObject(conversation).meta({ id: 'CountTokensRequest' })

export const responseAsked = z.looseObject({
  model,
  input: maybe(z.union([text, z.array(anything)]), 'Text, or items. May be left out where a response is gone on from.'),
  instructions: maybe(text, 'What goes before the input; not carried over to the next response.'),
  previous_response_id: maybe(text, 'A response that was kept, to go on from.'),
  store: maybe(flag, 'Whether to keep the response, encrypted, for a day. As your settings say, unless asked.'),
  stream,
  max_output_tokens: maybe(count, 'Reasoning counts as output. The instrument\'s maximum unless asked.'),
  temperature: maybe(temperature, '1 unless asked.'),
  top_p: maybe(share, '1 unless asked.'),
  text: maybe(anything, 'The format of the answer, and its verbosity.'),
  reasoning: maybe(anything, 'effort.'),
  include: maybe(z.array(text), 'reasoning.encrypted_content: reasoning comes sealed, to be sent back.'),
  tools,
  tool_choice: choice,
  parallel_tool_calls: maybe(flag, 'Whether it may call several at once.'),
  prompt_cache_key: maybe(text, 'Keeps a conversation at one supplier.')
}).meta({ id: 'ResponseRequest' })

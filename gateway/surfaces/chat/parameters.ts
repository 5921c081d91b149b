// Parameters of a chat completion that are neither messages nor tools, each within its published range.

import { isList } from '../chunk.ts'
import type { Field } from '../field.ts'
import { efforts } from '../translation.ts'

type Read = (field: Field) => void

const within = (min: number, max: number): Read => field => { field.number({ min, max }) }
const flag: Read = field => { field.flag() }
const text: Read = field => { field.text() }
const object: Read = field => { field.object() }
const wholeFrom = (min: number): Read => field => { field.whole(min) }
const word = (...words: [string, ...string[]]): Read => field => { field.oneOf(words) }

const wholeWithin = (min: number, max: number): Read => field => {
  const isWithin = Number.isSafeInteger(field.value) && field.value as number >= min && field.value as number <= max
  if (!isWithin) field.fault(`must be a whole number from ${min} to ${max}`)
}

const stop: Read = field => {
  if (typeof field.value === 'string') return
  if (!isList(field.value)) field.fault('must be text, or a list of at most 4 texts')
  else if (field.value.length > 4) field.fault('must have at most 4 texts')
  else for (const each of field.list()) each.text()
}

const logitBias: Read = field => {
  for (const name of Object.keys(field.object())) field.at(name).number({ min: -100, max: 100 })
}

const responseFormat: Read = field => {
  field.object()
  if (field.at('type').oneOf(['text', 'json_object', 'json_schema']) !== 'json_schema') return
  const format = field.at('json_schema')
  const name = format.at('name').word()
  if (name !== '' && !/^[\w-]{1,64}$/.test(name)) format.at('name').fault('must be at most 64 letters, digits, _ or -')
  if (format.at('schema').isThere) format.at('schema').object()
  if (format.at('strict').isThere) format.at('strict').flag()
}

const streamOptions: Read = field => {
  field.object()
  if (field.at('include_usage').isThere) field.at('include_usage').flag()
}

const modalities: Read = field => {
  for (const each of field.list()) each.oneOf(['text'])
}

const prediction: Read = field => {
  field.at('type').oneOf(['content'])
  const content = field.at('content')
  if (typeof content.value !== 'string') content.list().forEach(part => part.at('text').text())
}

/** Any that there is: which of them the instrument has is found out on the way upstream. */
const reasoningEffort: Read = field => { field.oneOf([...efforts, 'off']) }

const readers: Readonly<Record<string, Read>> = {
  stream: flag,
  stream_options: streamOptions,
  max_tokens: wholeFrom(1),
  max_completion_tokens: wholeFrom(1),
  temperature: within(0, 2),
  top_p: within(0, 1),
  n: wholeWithin(1, 128),
  stop,
  logprobs: flag,
  top_logprobs: wholeWithin(0, 20),
  response_format: responseFormat,
  frequency_penalty: within(-2, 2),
  presence_penalty: within(-2, 2),
  logit_bias: logitBias,
  seed: wholeWithin(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  service_tier: text,
  reasoning_effort: reasoningEffort,
  store: flag,
  verbosity: word('low', 'medium', 'high'),
  prediction,
  web_search_options: object,
  prompt_cache_key: text,
  prompt_cache_retention: word('in-memory', 'in_memory', '24h'),
  safety_identifier: text,
  route: text,
  provider: object,
  user: text,
  metadata: object,
  modalities,
  audio: field => { field.fault('is not possible here') }
}

export function readParameters (body: Field): void {
  for (const [name, read] of Object.entries(readers)) {
    const field = body.at(name)
    if (field.isThere) read(field)
  }
  const top = body.at('top_logprobs')
  if (top.isThere && body.at('logprobs').value !== true) top.fault('needs logprobs: true')
}

// The `@anthropic-ai/sdk` package.

import { strict as assert } from 'node:assert'
import Anthropic from '@anthropic-ai/sdk'
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod'
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod'
import {
  deliveryHeaders, hello, image, isText, model, person, taken, think, toolDescription, toolJsonSchema, toolName,
  toolSchema, useTheTool, visionModel, weather, type Call, type Site
} from './call.ts'

const clientOf = (site: Site): Anthropic =>
  new Anthropic({ apiKey: site.key, baseURL: site.url, defaultHeaders: deliveryHeaders(site), maxRetries: 0 })

type Usage = {
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cache_read_input_tokens: number | null
  readonly cache_creation_input_tokens: number | null
}

function of ({ usage }: { readonly usage: Usage }): number {
  const { input_tokens: fresh, cache_read_input_tokens: read, cache_creation_input_tokens: written } = usage
  return taken(fresh + (read ?? 0) + (written ?? 0), usage.output_tokens)
}

type Block = { readonly type: string, readonly text?: string }
const textOf = ({ content }: { readonly content: readonly Block[] }): string =>
  content.map(({ text = '' }) => text).join('')

const user = (content: string): Anthropic.MessageParam => ({ role: 'user', content })
const terms = { model, max_tokens: 1000 }
const tools: Anthropic.Tool[] = [{ name: toolName, description: toolDescription, input_schema: toolJsonSchema }]

async function toolsByHand (site: Site): Promise<number[]> {
  const client = clientOf(site)
  const messages = [user(useTheTool)]
  const first = await client.messages.create({ ...terms, messages, tools })
  const call = first.content.find(block => block.type === 'tool_use')
  assert.equal(first.stop_reason, 'tool_use')
  assert.equal(call?.name, toolName)
  messages.push({ role: 'assistant', content: first.content })
  messages.push({ role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: weather }] })
  const second = await client.messages.stream({ ...terms, messages, tools }).finalMessage()
  isText(textOf(second))
  return [of(first), of(second)]
}

async function toolRunner (site: Site): Promise<number[]> {
  const asked: unknown[] = []
  const run = (input: unknown): string => {
    asked.push(input)
    return weather
  }
  const tool = betaZodTool({ name: toolName, description: toolDescription, inputSchema: toolSchema, run })
  const used: number[] = []
  const messages = [{ role: 'user' as const, content: useTheTool }]
  const runner = clientOf(site).beta.messages.toolRunner({ ...terms, messages, tools: [tool] })
  for await (const message of runner) used.push(of(message))
  assert.equal(asked.length, 1)
  return used
}

async function thinking (site: Site): Promise<number[]> {
  const client = clientOf(site)
  const messages = [user(think)]
  const asked = { ...terms, model: visionModel, thinking: { type: 'adaptive' as const } }
  const first = await client.messages.stream({ ...asked, messages }).finalMessage()
  const thought = first.content.find(block => block.type === 'thinking')
  isText(thought?.thinking)
  isText(thought.signature)
  messages.push({ role: 'assistant', content: first.content }, user(hello))
  const second = await client.messages.create({ ...asked, messages })
  isText(textOf(second))
  return [of(first), of(second)]
}

export const anthropicCalls: readonly Call[] = [
  ['messages', async site => {
    const answer = await clientOf(site).messages.create({ ...terms, messages: [user(hello)], system: 'Be kind.' })
    isText(textOf(answer))
    assert.equal(answer.stop_reason, 'end_turn')
    return [of(answer)]
  }],
  ['messages, streamed', async site => {
    const stream = await clientOf(site).messages.create({ ...terms, messages: [user(hello)], stream: true })
    const types: string[] = []
    let used: [input: number, output: number] = [0, 0]
    for await (const event of stream) {
      types.push(event.type)
      if (event.type === 'message_delta') used = [event.usage.input_tokens ?? 0, event.usage.output_tokens]
    }
    assert.deepEqual([types[0], types.at(-1)], ['message_start', 'message_stop'])
    return [taken(...used)]
  }],
  ['messages, .stream()', async site => {
    const stream = clientOf(site).messages.stream({ ...terms, messages: [user(hello)] })
    isText(await stream.finalText())
    return [of(await stream.finalMessage())]
  }],
  ['messages, tools by hand', toolsByHand],
  ['messages, toolRunner', toolRunner],
  ['messages, .parse', async site => {
    const answer = await clientOf(site).messages.parse({
      ...terms, messages: [user(hello)], output_config: { format: zodOutputFormat(person) }
    })
    assert.equal(typeof answer.parsed_output?.name, 'string')
    return [of(answer)]
  }],
  ['messages, with an image', async site => {
    const source = { type: 'base64' as const, media_type: 'image/png' as const, data: image }
    const content = [{ type: 'image' as const, source }, { type: 'text' as const, text: 'What is this?' }]
    const asked = { ...terms, model: visionModel, messages: [{ role: 'user' as const, content }] }
    const answer = await clientOf(site).messages.create(asked)
    isText(textOf(answer))
    return [of(answer)]
  }],
  ['messages, thinking brought back', thinking],
  ['count_tokens', async site => {
    const { input_tokens: count } = await clientOf(site).messages.countTokens({ model, messages: [user(hello)], tools })
    assert.ok(count > 0)
    return []
  }],
  ['models', async site => {
    const ids: string[] = []
    for await (const { id } of clientOf(site).models.list({ limit: 5 })) ids.push(id)
    assert.ok(ids.includes(model))
    assert.equal((await clientOf(site).models.retrieve(model)).type, 'model')
    return []
  }]
]

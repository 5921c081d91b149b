// The `openai` package.

import { strict as assert } from 'node:assert'
import OpenAI from 'openai'
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod'
import type { ChatCompletionMessageParam, ChatCompletionTool } from 'openai/resources/chat/completions'
import type { Response, ResponseInputItem, Tool } from 'openai/resources/responses/responses'
import {
  deliveryHeaders, hello, image, isText, model, person, rejected, taken, think, thoughtTokens, toolDescription,
  toolJsonSchema, toolName, useTheTool, visionModel, weather, type Call, type Site
} from './call.ts'

const clientOf = (site: Site): OpenAI =>
  new OpenAI({ apiKey: site.key, baseURL: `${site.url}/v1`, defaultHeaders: deliveryHeaders(site), maxRetries: 0 })

const ofChat = (usage: OpenAI.CompletionUsage | null | undefined): number =>
  taken(usage?.prompt_tokens, usage?.completion_tokens)
const ofResponse = ({ usage }: Response): number => taken(usage?.input_tokens, usage?.output_tokens)

const user = (content: string): ChatCompletionMessageParam => ({ role: 'user', content })
const chatTool: ChatCompletionTool = {
  type: 'function', function: { name: toolName, description: toolDescription, parameters: toolJsonSchema, strict: true }
}
const tool: Tool = { type: 'function', name: toolName, description: toolDescription, parameters: toolJsonSchema, strict: true }
/** What was said is brought back as it came; the types of this library have it so only by halves. */
const toInput = ({ output }: Response): ResponseInputItem[] => output as ResponseInputItem[]
const usage = { stream_options: { include_usage: true } }

async function chatTools (site: Site): Promise<number[]> {
  const client = clientOf(site)
  const messages: ChatCompletionMessageParam[] = [user(useTheTool)]
  const first = await client.chat.completions.create({ model, messages, tools: [chatTool], parallel_tool_calls: false })
  const [{ message, finish_reason: finish }] = first.choices as [OpenAI.ChatCompletion.Choice]
  const [call] = message.tool_calls ?? []
  assert.equal(finish, 'tool_calls')
  assert.ok(call?.type === 'function' && call.function.name === toolName)
  assert.equal(typeof (JSON.parse(call.function.arguments) as { city: unknown }).city, 'string')
  messages.push(message, { role: 'tool', tool_call_id: call.id, content: weather })
  const second = await client.chat.completions.create({ model, messages, tools: [chatTool] })
  isText(second.choices[0]?.message.content)
  return [ofChat(first.usage), ofChat(second.usage)]
}

async function runTools (site: Site): Promise<number[]> {
  const asked: unknown[] = []
  const runner = clientOf(site).chat.completions.runTools({
    model,
    messages: [user(useTheTool)],
    stream: true,
    ...usage,
    tools: [{
      type: 'function',
      function: {
        name: toolName,
        description: toolDescription,
        parameters: toolJsonSchema,
        parse: (text: string): object => JSON.parse(text) as object,
        function: (args: object) => {
          asked.push(args)
          return weather
        }
      }
    }]
  })
  isText(await runner.finalContent())
  assert.equal(asked.length, 1)
  return runner.allChatCompletions().map(completion => ofChat(completion.usage))
}

async function responseTools (site: Site): Promise<number[]> {
  const client = clientOf(site)
  const input: ResponseInputItem[] = [{ role: 'user', content: useTheTool }]
  const first = await client.responses.create({ model, input, tools: [tool], store: false })
  const call = first.output.find(item => item.type === 'function_call')
  assert.equal(first.status, 'completed')
  assert.equal(call?.name, toolName)
  input.push(...toInput(first), { type: 'function_call_output', call_id: call.call_id, output: weather })
  const second = await client.responses.create({ model, input, tools: [tool], store: false })
  isText(second.output_text)
  return [ofResponse(first), ofResponse(second)]
}

async function keptResponses (site: Site): Promise<number[]> {
  const client = clientOf(site)
  const first = await client.responses.create({ model, input: hello, store: true })
  const second = await client.responses.create({ model, input: 'And again?', previous_response_id: first.id, store: true })
  assert.equal(second.previous_response_id, first.id)
  // The beginning of the conversation is part of the prompt again.
  assert.ok(second.usage!.input_tokens > first.usage!.input_tokens)
  assert.equal((await client.responses.retrieve(second.id)).output_text, second.output_text)
  await client.responses.delete(first.id)
  assert.equal((await rejected(client.responses.retrieve(first.id))).status, 404)
  const goingOn = client.responses.create({ model, input: hello, previous_response_id: first.id })
  assert.equal((await rejected(goingOn)).status, 404)
  return [ofResponse(first), ofResponse(second)]
}

async function sealedReasoning (site: Site): Promise<number[]> {
  const client = clientOf(site)
  const asked = { model, store: false, include: ['reasoning.encrypted_content' as const] }
  const input: ResponseInputItem[] = [{ role: 'user', content: think }]
  const first = await client.responses.create({ ...asked, input })
  const reasoning = first.output.find(item => item.type === 'reasoning')
  isText(reasoning?.encrypted_content)
  assert.equal(first.usage?.output_tokens_details.reasoning_tokens, thoughtTokens)
  input.push(...toInput(first), { role: 'user', content: hello })
  const { data: second, response } = await client.responses.create({ ...asked, input }).withResponse()
  // What could not be opened would be dropped, and said to be.
  assert.equal(response.headers.get('x-grid-ignored'), null)
  return [ofResponse(first), ofResponse(second)]
}

export const openaiCalls: readonly Call[] = [
  ['chat', async site => {
    const answer = await clientOf(site).chat.completions.create({ model, messages: [user(hello)] })
    isText(answer.choices[0]?.message.content)
    return [ofChat(answer.usage)]
  }],
  ['chat, streamed', async site => {
    const asked = { model, messages: [user(hello)], stream: true as const, ...usage }
    const stream = await clientOf(site).chat.completions.create(asked)
    let text = ''
    let said: OpenAI.CompletionUsage | null | undefined
    for await (const { choices, usage } of stream) {
      text += choices[0]?.delta.content ?? ''
      said = usage
    }
    isText(text)
    return [ofChat(said)]
  }],
  ['chat, .stream()', async site => {
    const stream = clientOf(site).chat.completions.stream({ model, messages: [user(hello)], ...usage })
    isText(await stream.finalContent())
    return [ofChat((await stream.finalChatCompletion()).usage)]
  }],
  ['chat, tools by hand', chatTools],
  ['chat, runTools', runTools],
  ['chat, .parse', async site => {
    const answer = await clientOf(site).chat.completions.parse({
      model, messages: [user(hello)], response_format: zodResponseFormat(person, 'person')
    })
    assert.deepEqual(Object.keys(answer.choices[0]?.message.parsed ?? {}), ['name', 'age', 'tags'])
    return [ofChat(answer.usage)]
  }],
  ['chat, with an image', async site => {
    const content = [
      { type: 'text' as const, text: 'What is this?' },
      { type: 'image_url' as const, image_url: { url: `data:image/png;base64,${image}` } }
    ]
    const answer = await clientOf(site).chat.completions.create({ model: visionModel, messages: [{ role: 'user', content }] })
    isText(answer.choices[0]?.message.content)
    return [ofChat(answer.usage)]
  }],
  ['responses', async site => {
    const answer = await clientOf(site).responses.create({ model, input: hello, instructions: 'Be kind.' })
    isText(answer.output_text)
    return [ofResponse(answer)]
  }],
  ['responses, streamed', async site => {
    const stream = await clientOf(site).responses.create({ model, input: hello, stream: true })
    const types: string[] = []
    let last: Response | null = null
    for await (const event of stream) {
      types.push(event.type)
      if (event.type === 'response.completed') last = event.response
    }
    assert.equal(types[0], 'response.created')
    return [ofResponse(last!)]
  }],
  ['responses, .stream()', async site => {
    const stream = clientOf(site).responses.stream({ model, input: useTheTool, tools: [tool] })
    const answer = await stream.finalResponse()
    assert.ok(answer.output.some(item => item.type === 'function_call'))
    return [ofResponse(answer)]
  }],
  ['responses, .parse', async site => {
    const format = zodTextFormat(person, 'person')
    const answer = await clientOf(site).responses.parse({ model, input: hello, text: { format } })
    assert.equal(typeof answer.output_parsed?.name, 'string')
    return [ofResponse(answer)]
  }],
  ['responses, tools by hand', responseTools],
  ['responses, kept', keptResponses],
  ['responses, sealed reasoning brought back', sealedReasoning],
  ['models', async site => {
    const ids: string[] = []
    for await (const { id } of clientOf(site).models.list()) ids.push(id)
    assert.ok(ids.includes(model))
    assert.equal((await clientOf(site).models.retrieve(model)).id, model)
    return []
  }]
]

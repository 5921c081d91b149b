// LangChain's chat models for OpenAI (chat and responses) and Anthropic.

import { strict as assert } from 'node:assert'
import {
  deliveryHeaders, hello, isText, model, needsBearer, person, taken, toolDescription, toolName, toolSchema, useTheTool,
  weather, type Call, type Site
} from './call.ts'
import { ChatAnthropic, ChatOpenAI, type LangChainMessage, type LangChainModel } from './untyped.ts'

const openai = (site: Site, useResponsesApi: boolean) => new ChatOpenAI({
  model,
  apiKey: site.key,
  maxRetries: 0,
  useResponsesApi,
  configuration: { baseURL: `${site.url}/v1`, defaultHeaders: deliveryHeaders(site) }
})
const bearerOf = (site: Site): object =>
  needsBearer(site) ? { 'x-api-key': null, authorization: `Bearer ${site.key}` } : {}

const anthropic = (site: Site) => new ChatAnthropic({
  model,
  apiKey: site.key,
  maxRetries: 0,
  maxTokens: 1000,
  anthropicApiUrl: site.url,
  clientOptions: { defaultHeaders: { ...deliveryHeaders(site), ...bearerOf(site) } }
})

const of = ({ usage_metadata: usage }: LangChainMessage): number => taken(usage?.input_tokens, usage?.output_tokens)

const tools = [{ name: toolName, description: toolDescription, schema: toolSchema }]

async function bound (chat: LangChainModel): Promise<number[]> {
  const withTools = chat.bindTools(tools)
  const first = await withTools.invoke([['human', useTheTool]])
  const { tool_calls: [call] = [] } = first
  assert.equal(call?.name, toolName)
  const second = await withTools.invoke([
    { role: 'user', content: useTheTool }, first, { role: 'tool', content: weather, tool_call_id: call.id ?? '' }
  ])
  isText(second.text)
  return [of(first), of(second)]
}

async function structured (chat: LangChainModel): Promise<number[]> {
  const shaped = chat.withStructuredOutput(person, { includeRaw: true, method: 'jsonSchema' })
  const { raw, parsed } = await shaped.invoke(hello)
  assert.equal(typeof parsed.name, 'string')
  return [of(raw)]
}

function callsOf (name: string, chatOf: (site: Site) => LangChainModel): Call[] {
  return [
    [`${name}, invoke`, async site => {
      const answer = await chatOf(site).invoke(hello)
      isText(answer.text)
      return [of(answer)]
    }],
    // The sum of what a stream says is not taken: of Messages this library adds the first guess to the last figures.
    [`${name}, stream`, async site => {
      const whole = await chatOf(site).invoke(hello)
      let text = ''
      for await (const chunk of await chatOf(site).stream(hello)) text += chunk.text
      assert.equal(text, whole.text)
      return [of(whole), of(whole)]
    }],
    [`${name}, bindTools`, async site => bound(chatOf(site))],
    [`${name}, withStructuredOutput`, async site => structured(chatOf(site))]
  ]
}

export const langchainCalls: readonly Call[] = [
  ...callsOf('ChatOpenAI', site => openai(site, false)),
  ...callsOf('ChatOpenAI, responses', site => openai(site, true)),
  ...callsOf('ChatAnthropic', site => anthropic(site))
]

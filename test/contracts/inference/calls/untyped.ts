// Vercel's and LangChain's libraries, whose declarations do not pass our compiler's settings: what is used of them,
// typed here. They are required, because what is imported by name is compiled by its declarations.

import { createRequire } from 'node:module'

const load = createRequire(import.meta.url)

export type VercelUsage = { readonly inputTokens?: number, readonly outputTokens?: number }
type Step = { readonly usage: VercelUsage, readonly toolResults: ReadonlyArray<{ readonly output: unknown }> }
type Generated = {
  readonly text: string
  readonly usage: VercelUsage
  readonly steps: readonly Step[]
  readonly output: unknown
}
type Streaming = {
  readonly textStream: AsyncIterable<string>
  readonly text: Promise<string>
  readonly usage: Promise<VercelUsage>
  readonly steps: Promise<readonly Step[]>
  readonly output: Promise<unknown>
}

export type VercelModel = { readonly modelId: string }

type Asking = {
  readonly model: VercelModel
  readonly prompt: string
  readonly maxRetries?: number
  readonly maxOutputTokens?: number
  readonly tools?: object
  readonly stopWhen?: object
  readonly output?: object
  readonly onError?: (event: { readonly error: unknown }) => void
}

type Vercel = {
  readonly generateText: (asking: Asking) => Promise<Generated>
  readonly streamText: (asking: Asking) => Streaming
  readonly tool: (options: object) => object
  readonly isStepCount: (count: number) => object
  readonly Output: { object (options: { readonly schema: object }): object }
}

type Connection = { readonly apiKey: string, readonly baseURL: string, readonly headers: Record<string, string> }
type Bearer = Omit<Connection, 'apiKey'> & { readonly authToken: string }
type OpenAiProvider = { chat (model: string): VercelModel, responses (model: string): VercelModel }

type Counts = { readonly input_tokens: number, readonly output_tokens: number }
export type LangChainMessage = {
  readonly text: string
  readonly tool_calls?: ReadonlyArray<{ readonly name: string, readonly id?: string }>
  readonly usage_metadata?: Counts
}
type Structured = { readonly raw: LangChainMessage, readonly parsed: { readonly name: unknown } }
export type LangChainModel = {
  invoke (input: string | readonly unknown[]): Promise<LangChainMessage>
  stream (input: string): Promise<AsyncIterable<LangChainMessage>>
  bindTools (tools: readonly object[]): LangChainModel
  withStructuredOutput (schema: object, options: object): { invoke (input: string): Promise<Structured> }
}
type LangChain = new (options: object) => LangChainModel

export const { generateText, streamText, tool, isStepCount, Output } = load('ai') as Vercel
export const { createOpenAI } = load('@ai-sdk/openai') as {
  readonly createOpenAI: (connection: Connection) => OpenAiProvider
}
export const { createAnthropic } = load('@ai-sdk/anthropic') as {
  readonly createAnthropic: (connection: Connection | Bearer) => (model: string) => VercelModel
}
export const { ChatOpenAI } = load('@langchain/openai') as { readonly ChatOpenAI: LangChain }
export const { ChatAnthropic } = load('@langchain/anthropic') as { readonly ChatAnthropic: LangChain }

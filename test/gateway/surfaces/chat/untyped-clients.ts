// LangChain's and Vercel's clients, whose declarations do not pass our compiler's settings: what is used of them, typed
// here. They are required, because what is imported by name is compiled by its declarations.

import { createRequire } from 'node:module'

const load = createRequire(import.meta.url)

type Connection = { readonly apiKey: string, readonly baseURL: string, readonly fetch: typeof fetch }

type LangChainMessage = {
  readonly text: string
  readonly tool_calls: ReadonlyArray<{ readonly name: string, readonly args: unknown, readonly id: string }>
  readonly usage_metadata: unknown
  concat (next: LangChainMessage): LangChainMessage
}
type LangChainModel = {
  bindTools (tools: readonly object[]): LangChainModel
  stream (question: string): Promise<AsyncIterable<LangChainMessage>>
}
type LangChain = {
  readonly ChatOpenAI: new (options: {
    readonly model: string, readonly apiKey: string, readonly configuration: Omit<Connection, 'apiKey'>
  }) => LangChainModel
}

type VercelResult = {
  consumeStream (): Promise<void>
  readonly text: Promise<string>
  readonly toolCalls: Promise<ReadonlyArray<{ readonly toolName: string, readonly input: unknown }>>
  readonly finishReason: Promise<string>
  readonly usage: Promise<unknown>
}
type Vercel = {
  streamText (options: { readonly model: object, readonly prompt: string, readonly tools: object }): VercelResult
  tool (options: object): object
  jsonSchema (schema: object): object
}
type VercelOpenAi = { readonly createOpenAI: (connection: Connection) => { chat (model: string): object } }

export const { ChatOpenAI } = load('@langchain/openai') as LangChain
export const vercel = load('ai') as Vercel
export const { createOpenAI } = load('@ai-sdk/openai') as VercelOpenAi

// Every library's calls.

import { anthropicCalls } from './anthropic-calls.ts'
import type { Call } from './call.ts'
import { langchainCalls } from './langchain-calls.ts'
import { openaiCalls } from './openai-calls.ts'
import { vercelCalls } from './vercel-calls.ts'

export const calls: ReadonlyArray<readonly [library: string, calls: readonly Call[]]> = [
  ['openai', openaiCalls],
  ['@anthropic-ai/sdk', anthropicCalls],
  ['ai', vercelCalls],
  ['LangChain', langchainCalls]
]

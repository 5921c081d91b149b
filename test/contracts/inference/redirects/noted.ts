// What these clients did when it was last looked at, at the versions that `clients.ts` names.

export const columns = ['JSON', 'SSE', 'auth on hop 2', 'reset', '408', '409', '503', 'cut JSON', 'cut SSE'] as const

export type Row = readonly string[]

/** Nothing went to the second hop, or nothing useful. */
const never = ['–', '–', '–', '–', '–', '–'] as const
const notAtAll: Row = ['no', 'no', '–', ...never]
const left: Row = ['307', '307', '–', ...never]

/** Of a library that starts over at the first URL. */
const restarts = (auth: string, cutJson: string, conflict = 'retry'): Row =>
  ['yes', 'yes', auth, 'retry', 'retry', conflict, 'retry', cutJson, 'error']
const plain: Row = ['yes', 'yes', 'both', 'error', 'none', 'none', 'none', 'error', 'error']

export const noted: Readonly<Record<string, Row>> = {
  'openai npm, chat': restarts('bearer', 'error'),
  'openai npm, responses': restarts('bearer', 'error'),
  '@anthropic-ai/sdk': restarts('bearer', 'error'),
  'ai with @ai-sdk/openai': restarts('bearer', 'retry'),
  'ai with @ai-sdk/anthropic': restarts('x-api-key', 'retry'),
  '@langchain/openai': restarts('bearer', 'retry', 'none'),
  'openai PyPI': restarts('bearer', 'retry'),
  'anthropic PyPI': restarts('bearer', 'retry'),
  axios: plain,
  'Node fetch': plain,
  'Node fetch, stream': notAtAll,
  'undici.request': left,
  'undici, redirect': plain,
  requests: plain,
  'requests, generator': ['no', 'no', 'both', ...never],
  httpx: left,
  'httpx, follow_redirects': plain,
  urllib: ['error 307', 'error 307', '–', ...never],
  'curl -L': ['yes', 'yes', 'both', 'retry', 'retry', 'none', 'retry', 'retry', 'retry'],
  'curl -L -T -': notAtAll
}

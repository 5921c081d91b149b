// What is asked of every gateway: the same prompts, and the same answers to be had from the simulated upstream.

import type { LoadRequest } from './load-job.ts'

/** A stream as fast as it goes; a stream whose tokens come one by one; an answer sent whole. */
export type Kind = 'json' | 'sse' | 'paced'
export const kinds: readonly Kind[] = ['json', 'sse', 'paced']

export const answerTokens = 32
/** As the upstream calls it. */
export const servedModel = 'simulated-1'
const tokensASecond = 200
const prompts = 16
export const path = '/v1/chat/completions'

const system = 'You answer in one paragraph, in plain words, and say so when you do not know. '.repeat(4)
const question = 'A reader asks what became of the harbour, who paid for the bridge, and when the last ferry left. '.repeat(4)

/** Said to the simulated upstream in the prompt, since gateways strip headers. */
const saidFor = (kind: Kind, firstTokenMs: number): string => {
  const said = {
    ...(firstTokenMs > 0 ? { first_token_ms: firstTokenMs } : {}),
    ...(kind === 'paced' ? { tokens_per_second: tokensASecond } : {})
  }
  return Object.keys(said).length === 0 ? '' : `#simulate ${JSON.stringify(said)}\n`
}

export type Asking = {
  readonly kind: Kind
  readonly model: string
  /** Each request has the next. */
  readonly headers: readonly Readonly<Record<string, string>>[]
  /** Of the upstream. */
  readonly firstTokenMs?: number
}

/** As many as there are prompts. */
export function requestsOf ({ kind, model, headers, firstTokenMs = 0 }: Asking): LoadRequest[] {
  return Array.from({ length: prompts }, (_, index) => {
    const user = `${saidFor(kind, firstTokenMs)}${question}Question ${index}.`
    const messages = [{ role: 'system', content: system }, { role: 'user', content: user }]
    const stream = kind === 'json' ? {} : { stream: true, stream_options: { include_usage: true } }
    return {
      path,
      headers: { 'content-type': 'application/json', ...headers[index % headers.length] },
      body: JSON.stringify({ model, messages, max_tokens: 2 * answerTokens, temperature: 0.7, ...stream })
    }
  })
}

/** What the upstream says to each. */
export async function answersOf (upstream: string, asking: Pick<Asking, 'kind' | 'firstTokenMs'>): Promise<string[]> {
  const requests = requestsOf({ ...asking, model: servedModel, headers: [{}] })
  return await Promise.all(requests.map(async ({ headers, body }) => {
    const whole = JSON.stringify({ ...JSON.parse(body) as object, stream: false })
    const answer = await fetch(`${upstream}${path}`, { method: 'POST', headers, body: whole })
    const { choices } = await answer.json() as { choices: readonly { message: { content: string } }[] }
    return choices[0]!.message.content
  }))
}

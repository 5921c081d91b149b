// A gateway in memory between a client that sees bytes and a model server that sends what it is told: for the hard
// cases of this trade, which are all about which bytes come when.

import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type { SurfaceName } from '../../../gateway/surfaces/surface.ts'
import { benKey, smallConsumption, type SmallConsumption } from '../../gateway/consumption/small-consumption.ts'
import { Reading } from '../../gateway/relay/reading.ts'
import { scriptedUpstream, streamHead, type Call, type ScriptedUpstream } from '../../gateway/relay/scripted-upstream.ts'

export type Json = Readonly<Record<string, unknown>>

const paths: Readonly<Record<SurfaceName, string>> = {
  chat: '/v1/chat/completions', messages: '/v1/messages', responses: '/v1/responses'
}

const question = 'What is the weather in Rome?'
const bodies: Readonly<Record<SurfaceName, Json>> = {
  chat: { messages: [{ role: 'user', content: question }] },
  messages: { max_tokens: 1000, messages: [{ role: 'user', content: question }] },
  responses: { input: question }
}

const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_770_000_000, model: 'openai/gpt-oss-120b' }
export const choice = (delta: Json, finish: string | null = null): Json => ({ index: 0, delta, finish_reason: finish })
/** An event of an upstream's stream. */
export const chunk = (choices: readonly Json[] | undefined, more: Json = {}): string =>
  `data: ${JSON.stringify({ ...head, choices, ...more })}\n\n`
export const said = (delta: Json, finish: string | null = null): string => chunk([choice(delta, finish)])

export const usage = {
  prompt_tokens: 30, completion_tokens: 7, total_tokens: 37, prompt_tokens_details: { cached_tokens: 10 }
}
export const billed = 37
export const beginning = said({ role: 'assistant', content: '' })
export const stopped = said({}, 'stop')
export const usageOnly = chunk([], { usage })
export const done = 'data: [DONE]\n\n'

export type Asking = { readonly surface?: SurfaceName, readonly body?: Json, readonly signal?: AbortSignal }

export class Asked {
  readonly upstream: ScriptedUpstream
  readonly small: SmallConsumption & { readonly url: string }

  private constructor (upstream: ScriptedUpstream, small: SmallConsumption & { readonly url: string }) {
    this.upstream = upstream
    this.small = small
  }

  static async start (): Promise<Asked> {
    const upstream = await scriptedUpstream()
    return new Asked(upstream, await smallConsumption({ upstreams: [upstream.url] }))
  }

  async ask ({ surface = 'chat', body = {}, signal }: Asking): Promise<Response> {
    return await fetch(`${this.small.url}${paths[surface]}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${benKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'text-prime', stream: true, ...bodies[surface], ...body }),
      ...(signal === undefined ? {} : { signal })
    })
  }

  /** What a client gets where the upstream says these events. */
  async answer (asking: Asking, events: readonly string[]): Promise<{ readonly text: string, readonly sent: Json }> {
    const [response, call] = await Promise.all([this.ask(asking), this.#answered(events)])
    return { text: await response.text(), sent: JSON.parse(call.body) as Json }
  }

  async #answered (events: readonly string[]): Promise<Call> {
    const call = await this.upstream.next()
    call.response.writeHead(200, streamHead)
    call.response.end(events.join(''))
    return call
  }

  /** An answer that has begun: the client reads what has come, the upstream says the rest when it is told to. */
  async begun (asking: Asking, events: readonly string[]): Promise<{ readonly call: Call, readonly reading: Reading }> {
    const asked = this.ask(asking)
    const call = await this.upstream.next()
    call.response.writeHead(200, streamHead)
    call.response.write(events.join(''))
    const { body } = await asked
    return { call, reading: new Reading(Readable.fromWeb(body as ReadableStream)) }
  }

  async close (): Promise<void> {
    await this.small.close()
    await this.upstream.close()
  }
}

type CallDelta = {
  readonly index: number
  readonly id?: string
  readonly function: { readonly name?: string, readonly arguments?: string }
}
type Chunk = { readonly choices: readonly { readonly delta: { readonly tool_calls?: readonly CallDelta[] } }[] }

type Naming = { readonly id?: string, readonly type?: 'function', readonly name?: string }

/** A delta of a tool call. */
export const callsOf = (index: number, { name, ...naming }: Naming, args: string): Json =>
  ({ index, ...naming, function: { ...(name === undefined ? {} : { name }), arguments: args } })

/** Tool calls as a client without any library adds them up: by their index. */
export function added (text: string): { id: string, name: string, args: string }[] {
  const calls: { id: string, name: string, args: string }[] = []
  for (const { choices } of chunksOf(text) as unknown as Chunk[]) {
    for (const { index, id = '', function: { name = '', arguments: args = '' } } of choices[0]?.delta.tool_calls ?? []) {
      const call = calls[index] ??= { id: '', name: '', args: '' }
      call.id ||= id
      call.name += name
      call.args += args
    }
  }
  return calls
}

/** The payloads of a stream of chat completions but the last, which is no JSON. */
export function chunksOf (text: string): Json[] {
  const payloads = text.split('\n\n').filter(event => event.startsWith('data: ')).map(event => event.slice(6))
  if (payloads.pop() !== '[DONE]') throw new Error(`The stream does not end as it should: ${text}`)
  return payloads.map(payload => JSON.parse(payload) as Json)
}

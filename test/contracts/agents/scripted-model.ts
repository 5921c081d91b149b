// A model server whose answers are played from a script: it thinks, says something, calls a tool, reads what came of
// it, and goes on. What is not in its script it answers with the least that was asked for.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { leastOf } from '../../../gateway/edge/simulated/schema-value.ts'

export type Tool = { readonly name: string, readonly parameters: object }
export type Call = { readonly name: string, readonly input: object }

/** What a body says, as far as a script has to know. */
export type Heard = {
  readonly tools: readonly Tool[]
  /** What the tools have said since the beginning, one text a call. */
  readonly results: readonly string[]
}

export type Turn = { readonly thought: string, readonly text: string, readonly call: Call | null }
export type Script = (heard: Heard) => Turn

type Message = { readonly role: string, readonly content?: unknown, readonly reasoning_content?: string }

/** The body of a chat completion. */
export type Body = {
  readonly messages: readonly Message[]
  readonly tools?: readonly { readonly function: Tool }[]
  readonly response_format?: { readonly json_schema?: { readonly schema: object } }
}

export type Answered = {
  readonly body: Body
  readonly turn: Turn
  readonly input: number
  readonly output: number
}

export type ScriptedModel = {
  readonly url: string
  script: Script
  /** In their order, those that went out whole. */
  readonly answered: Answered[]
  close (): Promise<void>
}

export const textOf = (content: unknown): string => {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map((part: { readonly text?: string }) => part.text ?? '').join('')
}

function turnOf ({ messages, tools, response_format: format }: Body, script: Script): Turn {
  const schema = format?.json_schema?.schema
  if (schema !== undefined) return { thought: '', text: JSON.stringify(leastOf(schema)), call: null }
  if (tools === undefined) return { thought: '', text: 'Yes.', call: null }
  const results = messages.filter(({ role }) => role === 'tool').map(({ content }) => textOf(content))
  return script({ tools: tools.map(tool => tool.function), results })
}

/** Small, so that arguments and words come cut anywhere. */
const piecesOf = (text: string): string[] => text.match(/.{1,7}/gsu) ?? []

function deltasOf ({ thought, text, call }: Turn, id: string): object[] {
  const said = [
    ...piecesOf(thought).map(piece => ({ reasoning_content: piece })),
    ...piecesOf(text).map(piece => ({ content: piece }))
  ]
  if (call === null) return said
  return [
    ...said,
    { tool_calls: [{ index: 0, id, type: 'function', function: { name: call.name, arguments: '' } }] },
    ...piecesOf(JSON.stringify(call.input))
      .map(piece => ({ tool_calls: [{ index: 0, function: { arguments: piece } }] }))
  ]
}

function stream (response: ServerResponse, deltas: readonly object[], turn: Turn, usage: object): void {
  const common = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'scripted-1' }
  const finish = turn.call === null ? 'stop' : 'tool_calls'
  const choices = [
    { index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null },
    ...deltas.map(delta => ({ index: 0, delta, finish_reason: null })),
    { index: 0, delta: {}, finish_reason: finish }
  ]
  const chunks = [
    ...choices.map(choice => ({ ...common, choices: [choice], usage: null })), { ...common, choices: [], usage }
  ]
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const chunk of chunks) response.write(`data: ${JSON.stringify(chunk)}\n\n`)
  response.end('data: [DONE]\n\n')
}

class Scripted {
  readonly answered: Answered[] = []
  script: Script = () => ({ thought: '', text: 'Nothing was asked.', call: null })

  async answer (request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
      response.writeHead(404).end()
      return
    }
    const body = await json(request) as Body
    const turn = turnOf(body, this.script)
    const deltas = deltasOf(turn, `call_${this.answered.length}`)
    // Below what any tokenizer counts, so that what it reports is what is billed.
    const input = Math.ceil(JSON.stringify(body.messages).length / 10)
    const output = Math.ceil(deltas.length / 2)
    const usage = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output }
    response.on('finish', () => this.answered.push({ body, turn, input, output }))
    stream(response, deltas, turn, usage)
  }
}

export async function scriptedModel (): Promise<ScriptedModel> {
  const scripted = new Scripted()
  const server = createServer((request, response) => {
    scripted.answer(request, response).catch((error: unknown) => { response.destroy(error as Error) })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(scripted, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    }
  })
}

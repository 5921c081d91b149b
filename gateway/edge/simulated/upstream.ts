// The simulated upstream's server, on `node:http` as it is: it is the bench's upstream too, and must not be slow.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { ZodError } from 'zod'
import { answerTo, type Answer } from './answer.ts'
import { behaviour, behaviourIn, UnknownBehaviour, type Behaviour, type BehaviourSettings } from './behaviour.ts'
import { Player } from './player.ts'
import { readPrompt, type Prompt } from './prompt.ts'

export type UpstreamSettings = {
  readonly host?: string
  readonly port?: number
  readonly models?: readonly string[]
  /** Needed as a bearer; null: none is. */
  readonly key?: string | null
  /** Keeps the last requests, for tests of what reaches an upstream. */
  readonly isRecording?: boolean
  readonly behaviour?: BehaviourSettings
}

export type Recorded = {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export type SimulatedUpstream = {
  readonly url: string
  readonly requests: readonly Recorded[]
  /** Answers begun; of those the ones whose client went away before their end. */
  readonly answers: number
  readonly abandoned: number
  /** Over what was said before. */
  behave (settings: BehaviourSettings): void
  close (): Promise<void>
}

type Ready = {
  readonly answer: Answer
  readonly behaviour: Behaviour
  readonly prompt: Prompt
  /** All of it, where it is written at once. */
  readonly whole: Buffer | null
}

type Headers = Readonly<Record<string, string>>

const recordedMax = 100
const readyMax = 512
const readyBytesMax = 65_536
const jsonHead = { 'content-type': 'application/json' }
const streamHead = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' }

const isPlain = ({ first_token_ms: first, tokens_per_second: pace, piece_bytes: piece, fail }: Behaviour): boolean =>
  first === 0 && pace === 0 && piece === 0 && fail === 'none'

type Reply = { readonly status: number, readonly body: unknown, readonly headers?: Headers }

function write (response: ServerResponse, { status, body, headers = {} }: Reply): void {
  const text = JSON.stringify(body)
  response.writeHead(status, { ...jsonHead, 'content-length': Buffer.byteLength(text), ...headers })
  response.end(text)
}

function errorOf (status: number, message: string): Reply {
  const type = status < 500 ? 'invalid_request_error' : 'server_error'
  return { status, body: { error: { message, type, param: null, code: null } } }
}

/** A cap that nobody asked for is what the context has left, as servers of models have it. */
function isBeyondContext ({ inputTokens, outputMax }: Prompt, { context_tokens: context }: Behaviour): boolean {
  return context > 0 && inputTokens + (outputMax === Infinity ? 1 : outputMax) > context
}

/** In the words of vLLM. */
function beyondContext ({ inputTokens, outputMax }: Prompt, { context_tokens: context }: Behaviour): string {
  const beginning = `This model's maximum context length is ${context} tokens. However, you requested`
  const output = outputMax === Infinity ? 0 : outputMax
  const parts = `(${inputTokens} in the messages, ${output} in the completion)`
  return `${beginning} ${inputTokens + output} tokens ${parts}. Please reduce the length of the messages or completion.`
}

class Simulation {
  readonly #settings: Required<UpstreamSettings>
  readonly #player = new Player()
  readonly #ready = new Map<string, Ready>()
  readonly requests: Recorded[] = []
  #behaviour: Behaviour
  answers = 0
  abandoned = 0

  constructor (settings: Required<UpstreamSettings>) {
    this.#settings = settings
    this.#behaviour = behaviour.parse(settings.behaviour)
  }

  get isRefusing (): boolean {
    return this.#behaviour.fail === 'refuse'
  }

  behave (settings: BehaviourSettings): void {
    this.#behaviour = behaviourIn(JSON.stringify(settings), this.#behaviour)
    this.#ready.clear()
  }

  take (request: IncomingMessage, response: ServerResponse): void {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => { parts.push(part) })
    request.on('end', () => {
      const body = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
      const { method = '', url: path = '', headers } = request
      if (this.#settings.isRecording && path !== '/requests') {
        this.requests.push({ method, path, headers, body: body.toString() })
        if (this.requests.length > recordedMax) this.requests.shift()
      }
      this.#route(request, response, body)
    })
  }

  #route ({ method, url = '', headers }: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const { models, key, isRecording } = this.#settings
    const asked = `${method} ${url.split('?', 1)[0]!}`
    const rows = models.map(id => ({ id, object: 'model', created: 0, owned_by: 'simulated' }))
    if (asked === 'GET /health') write(response, { status: 200, body: { status: 'ok' } })
    else if (key !== null && headers.authorization !== `Bearer ${key}`) write(response, errorOf(401, 'Incorrect API key provided.'))
    else if (asked === 'POST /v1/chat/completions') this.#complete(response, body, String(headers['x-simulate'] ?? ''))
    else if (asked === 'GET /v1/models') write(response, { status: 200, body: { object: 'list', data: rows } })
    else if (asked === 'GET /requests' && isRecording) write(response, { status: 200, body: this.requests })
    else write(response, errorOf(404, `There is no ${asked}.`))
  }

  #complete (response: ServerResponse, body: Buffer, said: string): void {
    this.answers += 1
    response.on('error', () => { /* It went away; that is counted below. */ })
    response.on('close', () => { if (!response.writableFinished) this.abandoned += 1 })
    try {
      this.#answer(response, this.#readyFor(body, said))
    } catch (error) {
      if (!(error instanceof ZodError || error instanceof UnknownBehaviour || error instanceof SyntaxError)) throw error
      write(response, errorOf(400, error.message))
    }
  }

  #readyFor (body: Buffer, said: string): Ready {
    const key = body.length < readyBytesMax ? `${said}\n${body.toString('latin1')}` : null
    const known = key === null ? undefined : this.#ready.get(key)
    if (known !== undefined) return known
    const prompt = readPrompt(JSON.parse(body.toString()))
    const bySaid = said === '' ? this.#behaviour : behaviourIn(said, this.#behaviour)
    const behaviour = prompt.said === null ? bySaid : behaviourIn(prompt.said, bySaid)
    const answer = answerTo(prompt, behaviour, this.#settings.models[0]!)
    const isShort = behaviour.output_bytes < readyBytesMax
    const whole = isPlain(behaviour) && isShort ? Buffer.concat(answer.parts) : null
    const ready = { answer, behaviour, prompt, whole }
    if (key === null || !isShort) return ready
    if (this.#ready.size >= readyMax) this.#ready.clear()
    this.#ready.set(key, ready)
    return ready
  }

  #answer (response: ServerResponse, { answer, behaviour, prompt, whole }: Ready): void {
    const { fail, status, retry_after: after } = behaviour
    if (prompt.hasStreamOptions && behaviour.rejects_stream_options) {
      write(response, errorOf(400, 'Unrecognized request argument supplied: stream_options'))
    } else if (isBeyondContext(prompt, behaviour)) {
      write(response, errorOf(400, beyondContext(prompt, behaviour)))
    } else if (fail === 'status') {
      const headers: Headers = after === 0 ? {} : { 'retry-after': String(after) }
      write(response, { ...errorOf(status, 'The simulated upstream was told to fail.'), headers })
    } else if (fail === 'close') response.socket?.destroy()
    else if (fail !== 'hang') {
      response.writeHead(200, prompt.isStream ? streamHead : jsonHead)
      if (whole === null) this.#player.play(response, answer, behaviour)
      else response.end(whole)
    }
  }
}

async function closed (server: Server): Promise<void> {
  const ended = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await ended
}

export async function simulatedUpstream (settings: UpstreamSettings = {}): Promise<SimulatedUpstream> {
  const { host = '127.0.0.1', port = 0, models = ['simulated-1'], key = null, isRecording = false, behaviour = {} } = settings
  const simulation = new Simulation({ host, port, models, key, isRecording, behaviour })
  const server = createServer((request, response) => { simulation.take(request, response) })
  server.on('connection', (socket: Socket) => { if (simulation.isRefusing) socket.resetAndDestroy() })
  server.keepAliveTimeout = 60_000
  server.listen(port, host)
  await once(server, 'listening')
  const { port: listening } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${listening}`,
    get requests () { return simulation.requests },
    get answers () { return simulation.answers },
    get abandoned () { return simulation.abandoned },
    behave: said => { simulation.behave(said) },
    close: () => closed(server)
  }
}
